#!/bin/sh
# Prints files again and again: `path<TAB>line` for each line of each, `.` after the last one. A read that hangs in the
# driver hangs here. Arguments: seconds between rounds, then the files; one that cannot be read is left out.
every=$1
shift
while :; do
  for path in "$@"; do
    { while IFS= read -r line; do
      printf '%s\t%s\n' "$path" "$line" || exit 0
    done < "$path"; } 2>/dev/null
  done
  printf '.\n' || exit 0
  sleep "$every"
done

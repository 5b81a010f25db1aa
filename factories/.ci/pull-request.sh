#!/bin/sh
# What a pull request does, told by the code of its base.
#   pull-request.sh BASE HEAD OUT
# BASE and HEAD are commits; HEAD is read from git's objects: nothing of it is checked out, installed or run.
# OUT gets the comment, in Markdown, at most 60 kB. Ends with 0: fine; 1: it does not compile, or a policy denies it;
# 3: it could not be told.
set -u
base=$1
head=$2
out=$3

# GitHub shows these beside the lines of the pull request; elsewhere they are text.
if [ "${GITHUB_ACTIONS:-}" = true ]; then form=--github; else form=; fi
npx --no-install millwright check --at "$head" $form
checked=$?

npx --no-install millwright diff "$base" "$head" --merge-base --markdown >"$out"
compared=$?

for code in "$checked" "$compared"; do
  if [ "$code" -gt 1 ]; then exit 3; fi
done
if [ "$checked" -ne 0 ] || [ "$compared" -ne 0 ]; then exit 1; fi

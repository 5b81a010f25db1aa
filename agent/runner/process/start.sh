#!/bin/sh
# Becomes a runner. Started by systemd for a connection of the agent (millwright-runner@.service), which says on stdin:
# the name of the runner's folder, how long it waits alone (ms), how many threads, which GPUs, and in which
# slot the agent itself lies, so that its runners come from there too.
# The connection stays open as file 3: when it ends, the agent knows that the runner has ended.
set -eu
node=$1
main=$2
state=$3
IFS= read -r name
IFS= read -r alone
IFS= read -r threads
IFS= read -r gpus
IFS= read -r slot

refuse() {
  echo "refused: $1" >&2
  exit 64
}
# Path traversal: the name becomes part of a path.
case $name in '' | *[!0-9a-f]*) refuse "a runner's folder is named with hex digits" ;; esac
case $alone in '' | *[!0-9]*) refuse "the time alone is a number of milliseconds" ;; esac
case $threads in '' | *[!0-9]*) refuse "the threads are a number" ;; esac
case $gpus in *[!0-9,]*) refuse "GPUs are numbers with commas" ;; esac
case $slot in
  '') ;;
  a | b)
    node=$state/slots/$slot/bin/node
    main=$state/slots/$slot/agent/runner/process/main.ts
    ;;
  *) refuse "a slot is a or b" ;;
esac

cd "$state/runners/$name"
export UV_THREADPOOL_SIZE="$threads" CUDA_VISIBLE_DEVICES="$gpus" GGML_VK_VISIBLE_DEVICES="$gpus"
export CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_CACHE_PATH="$state/cuda-cache" CUDA_CACHE_MAXSIZE=4294967296
export GGML_NO_BACKTRACE=1 NODE_LLAMA_CPP_POSTINSTALL=skip
exec "$node" "$main" "$alone" 3<&0 </dev/null >>"$state/runners/$name/log" 2>&1

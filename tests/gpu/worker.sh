#!/bin/sh
# embedd-worker with the kernels that are to be proved, which the daemon has no option for.
exec "$PROOF_WORKER" "$@" --gpu-kernels "$PROOF_KERNELS"

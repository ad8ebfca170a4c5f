#!/bin/bash
# embedd-worker with what the daemon does not hand on: $PROOF_WORKER is started with $PROOF_OPTIONS beside the
# daemon's own options, and with $PROOF_DTYPE, where it is set, in place of the daemon's.
arguments=()
while (($#)); do
    if [[ $1 == --dtype && -n ${PROOF_DTYPE:-} ]]; then
        arguments+=(--dtype "$PROOF_DTYPE")
        shift 2
    else
        arguments+=("$1")
        shift
    fi
done
read -ra more <<<"${PROOF_OPTIONS:-}"
exec "$PROOF_WORKER" "${arguments[@]}" "${more[@]}"

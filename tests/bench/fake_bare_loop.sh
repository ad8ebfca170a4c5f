#!/bin/sh
# A worker as far as a cold start sees one: embedd-worker --bare-loop --model DIR --dtype T.
[ "$1 $2 $4 $5" = "--bare-loop --model --dtype float32" ] || exit 2
echo '{"loaded":true}'
while read -r _; do echo '{"us":500}'; done

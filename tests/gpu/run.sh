#!/usr/bin/env bash
# Proves embedd on a machine with a GPU that is only lent, from one where it can be built. README.md says how.
#
#   tests/gpu/run.sh pack [DIR]              here: builds and packs all that has to travel, into .gpu
#   .gpu/tests/gpu/run.sh prove [OPTIONS]    there: proves; --help lists the options
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
root=$(readlink -f "$here/../..")
most_bytes=$((55 << 20))  # of the 64 MiB that may travel with the tracked files
programs=(embedd embedd-worker embedd-tokenizer-proof embedctl embed-bench)

# What a bare machine may lack of the system's libraries: all but the C and C++ runtime, of which it has its own, as of
# libtorch and CUDA's.
libraries_to_pack() {
    ldd "$@" | awk '$2 == "=>" && $3 ~ /^\/(usr\/)?lib/ && $1 !~ /^lib(c|m|dl|rt|util|pthread|gcc_s|stdc\+\+)\.so/ { print $3 }' |
        sort -u
}

pack() {
    ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
        grep -E '/lib(systemd|cap|gcrypt|gpg-error|lzma|lz4|zstd)\.so'
}

pack() {
    local into=${1:-$root/.gpu} build=${BUILD:-$root/build} model=$root/.deps/models/all-MiniLM-L6-v2
    [[ -f $build/build.ninja ]] || cmake -S "$root" --preset dev
    ninja -C "$build" "${programs[@]}" embedd-cuda
    rm -rf "$into"
    mkdir -p "$into"/{bin,lib,tokenizer,tests/gpu,tests/system}
    local program
    for program in "${programs[@]}"; do
        strip -o "$into/bin/$program" "$build/bin/$program"
    done
    strip -o "$into/lib/libembedd-cuda.so" "$build/model/cuda/libembedd-cuda.so"
    local library
    while read -r library; do
        cp -L "$library" "$into/lib/"
    done < <(libraries_to_pack "${programs[@]/#/$build/bin/}")
    cp "$model"/{tokenizer.json,tokenizer_config.json,special_tokens_map.json,vocab.txt} "$into/tokenizer/"
    cp "$here"/*.{py,sh} "$into/tests/gpu/"
    cp "$root/tests/system/frames.py" "$into/tests/system/"
    local bytes
    bytes=$(du -sb "$into" | cut -f1)
    du -ab "$into" | sort -n
    echo "$into: $((bytes >> 20)) MiB of $((most_bytes >> 20))"
    ((bytes < most_bytes))
}

case ${1:-} in
    pack) shift; pack "$@" ;;
    prove) shift; exec python3 "$here/prove.py" "$@" ;;
    *) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac

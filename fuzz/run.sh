#!/usr/bin/env bash
# Fuzzes the parsers: `fuzz/run.sh [SECONDS [PARSER...]]`, 60 seconds each and all of them if
# nothing is said. Needs the stable toolchain and a C++ compiler. What was found worth keeping
# stays in fuzz/target/corpus, and an input that broke a promise is named at the end.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
[ $# -eq 0 ] || shift
parsers=("$@")
if [ ${#parsers[@]} -eq 0 ]; then
    mapfile -t parsers < <(sed -n 's/^    ("\([a-z_]*\)", [a-z_]*),$/\1/p' parsers.rs)
fi

host=$(rustc -vV | sed -n 's/^host: //p')
# What `cargo fuzz` sets on a nightly toolchain, with the names that a stable one accepts.
export RUSTFLAGS="-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks"
# The same versions as the program's.
cp ../Cargo.lock Cargo.lock
cargo build --release --target "$host"

# Real examples to start from.
seed() {
    local corpus=$1 n=0
    shift
    for file in "$@"; do
        cp "$file" "$corpus/seed-$((n += 1))"
    done
}

broken=()
for parser in "${parsers[@]}"; do
    corpus=target/corpus/$parser
    mkdir -p "$corpus" target/broken
    case $parser in
    catalogue) seed "$corpus" ../assets/models.toml ;;
    config) seed "$corpus" ../config.example.toml ;;
    guess | realtime_*) seed "$corpus" ../src/wire/realtime/golden/*.jsonl ;;
    xiaozhi_*) seed "$corpus" ../src/wire/xiaozhi/golden/*.jsonl ;;
    yychat_*) seed "$corpus" ../src/wire/yychat/golden/*.jsonl ;;
    replay) seed "$corpus" seeds/replay.jsonl ;;
    openai | sse) seed "$corpus" seeds/openai.sse ;;
    unpacked) seed "$corpus" ../src/codec/mp3/*.mp3 ../assets/chimes/*.wav ;;
    markdown | wrap) seed "$corpus" ../docs/*.md ;;
    esac
    echo "==== $parser"
    HEARSAY_PARSER=$parser "target/$host/release/parsers" "$corpus" -max_total_time="$seconds" \
        -artifact_prefix="target/broken/$parser-" -max_len=16384 -timeout=20 -rss_limit_mb=2048 \
        -print_final_stats=1 -verbosity=0 -close_fd_mask=1 || broken+=("$parser")
done
[ ${#broken[@]} -eq 0 ] || {
    echo "broken: ${broken[*]}; the inputs are in fuzz/target/broken"
    exit 1
}

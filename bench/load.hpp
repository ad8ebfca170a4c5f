#pragma once

#include "bench/texts.hpp"
#include "ipc/histogram.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace embedd::bench {

struct LoadOptions {
    std::filesystem::path socket;
    TextKind texts = TextKind::mixed;
    std::optional<std::size_t> words; // all texts this long, instead of a kind
    std::optional<std::size_t>
        tokens;                  // all texts of exactly so many, instead of both: see Texts::of_tokens()
    std::size_t batch_size = 16; // texts a request
    std::uint64_t requests = 1024;
    // Closed loop until this has passed, whatever the number: the requests are then sent again from the
    // front.
    std::optional<std::chrono::milliseconds> time;
    std::size_t concurrency = 64; // connections, each with one request under way
    std::size_t threads = 1;      // that share the connections: a GPU can answer faster than one asks
    std::optional<double> rate;   // open loop: requests a second, sent when due; closed loop otherwise
    std::uint64_t seed = 1;
};

struct LoadResult {
    std::uint64_t requests = 0, failed = 0, texts = 0, tokens = 0;
    std::uint64_t squares = 0; // sum of squared input lengths, for attention's arithmetic
    std::chrono::microseconds elapsed{};
    ipc::Histogram latency; // open loop: from when the request was due, so that a stall is not omitted
    std::string first_error;

    void merge(const LoadResult& other); // as if one had come after the other
};

// Sends the requests over the socket and waits for every answer. Texts are made before the clock starts.
// Throws std::runtime_error when the daemon cannot be reached at all.
[[nodiscard]] LoadResult run_load(const LoadOptions&);

} // namespace embedd::bench

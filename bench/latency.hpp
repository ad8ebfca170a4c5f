#pragma once

#include "ipc/histogram.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace embedd::bench {

struct LatencyOptions {
    std::filesystem::path socket;
    std::uint64_t requests = 500;
    std::optional<std::size_t> tokens;  // of a text, exactly; else about 12
    std::chrono::milliseconds pause{0}; // between an answer and the next request
};

struct LatencyResult {
    ipc::Histogram total;   // as the client sees it
    ipc::Histogram forward; // in the worker's lane, as the daemon reports it
    ipc::Histogram added;   // total - forward: what socket, daemon and tokenizer add
};

// One short text at a time over one connection. Throws std::runtime_error when a request fails.
[[nodiscard]] LatencyResult measure_latency(const LatencyOptions&);

} // namespace embedd::bench

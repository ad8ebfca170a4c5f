#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace embedd::ipc {

// A moment of the past, for viewers that come later. What counts is cumulative, as in Status: a viewer
// subtracts two of them.
struct Sample {
    // Bounds of the classes of latency, in µs: an answer is of the first class whose bound it does not
    // exceed, and of the last one beyond all.
    static constexpr std::uint64_t first_bound_us = 125; // doubled from class to class
    static constexpr std::size_t classes = 16;           // 125 µs, 250 µs, ... 2.05 s, above

    std::uint64_t mono_us = 0;
    std::string state;
    std::uint64_t warm_epoch = 0;
    std::uint64_t requests = 0, inputs = 0, tokens = 0, errors = 0, batches = 0, batch_tokens = 0;
    std::uint64_t cold_hits = 0, restarts = 0, busy_us = 0; // of all lanes
    std::uint64_t late_requests = 0;                        // as in LateRequests
    std::uint64_t late_tokenize_us = 0, late_queue_us = 0, late_forward_us = 0, late_serialize_us = 0;
    std::uint64_t late_total_us = 0;
    std::uint64_t queue_requests = 0, queue_tokens = 0, inflight = 0; // now
    std::optional<std::uint64_t> oldest_us;
    std::uint64_t resident_bytes = 0;                          // of the workers, now
    std::map<std::string, std::vector<std::uint64_t>> latency; // by stage of all tasks: answers of each class

    friend bool operator==(const Sample&, const Sample&) = default;
};

} // namespace embedd::ipc

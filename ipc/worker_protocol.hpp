#pragma once

#include "ipc/error.hpp"
#include "ipc/status.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace embedd::ipc {

// What the daemon and a worker tell each other over their socketpair: frames as in frame.hpp, each header a
// JSON object with "type". Both ends are of one build; a message that cannot be read is a bug of the sender
// and ends the channel.

// The descriptor a worker finds its end of the socketpair at.
inline constexpr int worker_channel_fd = 3;

// Exit codes of a worker, as its supervisor reads them.
enum class WorkerExit : int {
    ok = 0,
    usage = 2,
    device_missing = 69,
    fault = 70,
    device_fault = 71, // a GPU's context is lost, which a new process heals
    model_fault = 78
};

// --- daemon to worker
// ---------------------------------------------------------------------------------------------

// One packed batch. The payload holds lengths.size() x u32 lengths, then the ids, i32, then, if has_type_ids,
// as many type ids, i32. A worker takes at most as many at a time as it has lanes.
struct RunBatch {
    std::uint64_t batch = 0; // never used twice in a worker's life
    std::string task = "embed";
    std::uint32_t inputs = 0;
    std::uint32_t tokens = 0;
    bool has_type_ids = false;

    friend bool operator==(const RunBatch&, const RunBatch&) = default;
};

// Compute made-up inputs of one shape, so that it is warm afterwards and its cost is known. Counts among the
// batches: numbered with them, in a lane of its own, answered by Visited or BatchFailed.
struct VisitShape {
    std::uint64_t batch = 0;
    std::string task = "embed";
    std::uint64_t rows = 0;   // tokens together, a rung of the ladder
    std::uint64_t length = 0; // tokens of the longest input
    bool uneven = false;      // neighbours of different lengths, as clients' are
    std::uint64_t passes = 0; // whole ones; 0: one layer's products alone, which make the rows warm

    friend bool operator==(const VisitShape&, const VisitShape&) = default;
};

struct Stop {
    friend bool operator==(const Stop&, const Stop&) = default;
};

using DaemonMessage = std::variant<RunBatch, VisitShape, Stop>;

// --- worker to daemon
// ---------------------------------------------------------------------------------------------

// A step of loading: device.init, weights.read, weights.place.
struct LoadProgress {
    std::string phase;
    bool finished = false;
    std::optional<std::uint64_t> done, total;
    std::string unit; // "bytes" or "steps"

    friend bool operator==(const LoadProgress&, const LoadProgress&) = default;
};

// What the model is, as read from its files; the daemon tokenises and answers `info` by it.
struct ModelCard {
    ModelStatus model;
    std::string pooling;
    bool normalize = false;
    std::int64_t vocabulary = 0; // ids are 0 .. vocabulary - 1
    bool type_ids = false;       // the network reads type ids
    std::map<std::string, std::string> prompts;
    std::string default_prompt_name;

    friend bool operator==(const ModelCard&, const ModelCard&) = default;
};

// The model is in memory and not warm yet.
struct Loaded {
    ModelCard card;
    std::uint64_t lanes = 0;
    std::string device_id, device_name;                  // "cuda:0", "NVIDIA H200"
    std::uint64_t weights_bytes = 0, resident_bytes = 0; // resident: as in Visited
    std::vector<std::uint64_t> rungs; // the ladder: what rows a batch is rounded up to, ascending

    friend bool operator==(const Loaded&, const Loaded&) = default;
};

struct Visited {
    std::uint64_t batch = 0;
    std::vector<std::uint64_t> device_us; // of each pass, at least one
    bool finite = true;                   // every number of the vectors is
    // Afterwards, of the process; on a GPU, what its allocator took of the device.
    std::uint64_t resident_bytes = 0;

    friend bool operator==(const Visited&, const Visited&) = default;
};

// The payload holds inputs x dimensions float32, pooled and not normalised, in the batch's order.
struct BatchDone {
    std::uint64_t batch = 0;
    std::uint64_t rows = 0;       // the rung it was rounded up to
    std::uint64_t forward_us = 0; // wall clock in the lane
    std::uint64_t device_us = 0;  // CPU time of the lane's thread, or time on the GPU
    std::uint64_t page_faults = 0;
    bool allocated = false; // a GPU's allocator took memory from the device
    bool captured = false;  // the GPU had no graph of the shape yet

    friend bool operator==(const BatchDone&, const BatchDone&) = default;
};

enum class BatchFault : std::uint8_t { out_of_memory, rejected, internal };

struct BatchFailed {
    std::uint64_t batch = 0;
    BatchFault fault = BatchFault::internal;
    std::string message;

    friend bool operator==(const BatchFailed&, const BatchFailed&) = default;
};

struct RunningBatch {
    std::uint64_t batch = 0;
    std::uint64_t running_us = 0;

    friend bool operator==(const RunningBatch&, const RunningBatch&) = default;
};

// Sent every 250 ms from a thread of its own, whatever the lanes do.
struct HeartBeat {
    std::vector<RunningBatch> running;
    std::string step;
    ReplicaMemory memory;
    // What it computes on, where that tells figures; other_bytes is what is not this worker's.
    std::optional<DeviceStatus> device;

    friend bool operator==(const HeartBeat&, const HeartBeat&) = default;
};

// The worker cannot go on; it exits with this code right after.
struct WorkerFailed {
    int exit_code = 0;
    std::string message;

    friend bool operator==(const WorkerFailed&, const WorkerFailed&) = default;
};

using WorkerMessage =
    std::variant<LoadProgress, Loaded, BatchDone, Visited, BatchFailed, HeartBeat, WorkerFailed>;

[[nodiscard]] std::string to_header(const DaemonMessage&);
[[nodiscard]] std::string to_header(const WorkerMessage&);
[[nodiscard]] Result<DaemonMessage> parse_daemon_message(std::string_view header);
[[nodiscard]] Result<WorkerMessage> parse_worker_message(std::string_view header);

// What `embedd-worker --describe` prints, a line of JSON, without reading weights: what a plan is made from.
struct WorkerDescription {
    std::string name, dtype;
    std::uint64_t max_tokens = 0, lanes = 0;
    std::vector<std::string> tasks;
    std::vector<std::uint64_t> rungs;
    std::uint64_t operations_a_row = 0; // multiplications and additions of all products

    friend bool operator==(const WorkerDescription&, const WorkerDescription&) = default;
};
[[nodiscard]] std::string to_line(const WorkerDescription&);
[[nodiscard]] Result<WorkerDescription> parse_worker_description(std::string_view line);

// The payload of RunBatch, checked against its counts: lengths add up to tokens, none is zero.
struct BatchInputs {
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t> offsets; // inputs + 1, cumulative
    std::vector<std::int32_t> type_ids;
};
[[nodiscard]] std::vector<std::byte> encode_batch(std::span<const std::span<const std::int32_t>> inputs);
[[nodiscard]] Result<BatchInputs> decode_batch(const RunBatch&, std::span<const std::byte> payload);

} // namespace embedd::ipc

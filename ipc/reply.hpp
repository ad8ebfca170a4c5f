#pragma once

#include "ipc/error.hpp"
#include "ipc/frame.hpp"
#include "ipc/request.hpp"
#include "ipc/status.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace embedd::ipc {

// Where one request's time went. Stages of one request may overlap when it was split over batches.
struct Timing {
    std::uint64_t tokenize_us = 0;
    std::uint64_t queue_us = 0;
    std::uint64_t forward_us = 0;
    std::uint64_t serialize_us = 0;
    std::uint64_t total_us = 0;

    friend bool operator==(const Timing&, const Timing&) = default;
};

// The vectors themselves are the frame's payload: rows x dims numbers of dtype, row-major, little-endian
// (ubinary: dims / 8 bytes a row).
struct EmbedReply {
    std::uint64_t rows = 0;
    std::uint64_t dims = 0;
    VectorType dtype = VectorType::float32;
    std::vector<std::uint32_t> tokens;    // used per input, special tokens included
    std::vector<std::uint32_t> truncated; // indices of the inputs that were cut
    std::string model;                    // fingerprint
    Timing timing;

    friend bool operator==(const EmbedReply&, const EmbedReply&) = default;
};

struct TokenInfo {
    std::uint32_t id = 0;
    std::string text;
    bool special = false;
    std::optional<std::uint32_t>
        start; // bytes of the input; nothing for special tokens that stand for no text
    std::optional<std::uint32_t> stop;

    friend bool operator==(const TokenInfo&, const TokenInfo&) = default;
};

struct TokenizeReply {
    std::vector<std::vector<TokenInfo>> tokens;

    friend bool operator==(const TokenizeReply&, const TokenizeReply&) = default;
};

struct DecodeReply {
    std::vector<std::string> texts;

    friend bool operator==(const DecodeReply&, const DecodeReply&) = default;
};

// The model's card and the limits a client needs to know.
struct InfoReply {
    std::string version;
    ModelStatus model;
    std::string pooling;
    bool normalize = false;
    std::map<std::string, std::string> prompts;
    std::uint64_t max_inputs = 0;
    std::uint64_t max_request_bytes = 0;
    std::uint64_t max_batch_tokens = 0;
    bool auto_truncate = true;

    friend bool operator==(const InfoReply&, const InfoReply&) = default;
};

struct HealthReply {
    bool live = true;
    bool ready = false;
    std::string state;
    std::string reason;

    friend bool operator==(const HealthReply&, const HealthReply&) = default;
};

struct StatusReply {
    Status status;

    friend bool operator==(const StatusReply&, const StatusReply&) = default;
};

struct MetricsReply {
    std::string text; // Prometheus' text format

    friend bool operator==(const MetricsReply&, const MetricsReply&) = default;
};

struct WarmUpsReply {
    std::vector<WarmUpRecord> warmups; // oldest first

    friend bool operator==(const WarmUpsReply&, const WarmUpsReply&) = default;
};

// A step of an operator's request that takes its time: rewarm, reload, drain, restart_replica.
struct Progress {
    std::uint64_t replica = 0;         // whose step it is
    std::uint64_t done = 0, total = 0; // visits of a warm-up, bytes of weights, requests under way
    std::uint64_t rows = 0;            // of a warm-up: of the shape visited last
    std::string step = "warmup";       // or a phase of loading, "stop", "start", "switch", "drain"

    friend bool operator==(const Progress&, const Progress&) = default;
};

struct RewarmReply {
    bool dry_run = false;
    std::vector<std::uint64_t> replicas; // their ids
    std::uint64_t cells = 0;             // of the plan
    std::optional<std::uint64_t> estimate_us;
    std::optional<WarmUpReport> report; // none of a dry run

    friend bool operator==(const RewarmReply&, const RewarmReply&) = default;
};

struct ReloadReply {
    bool dry_run = false;
    std::string model;                            // the directory
    std::string fingerprint;                      // empty in a dry run
    std::uint64_t generation = 0;                 // of the model that serves now
    std::optional<std::uint64_t> needed_bytes;    // estimated, beside what serves
    std::optional<std::uint64_t> available_bytes; // of the host, before
    std::uint64_t took_us = 0;
    std::optional<WarmUpReport> report;

    friend bool operator==(const ReloadReply&, const ReloadReply&) = default;
};

struct DrainReply {
    std::uint64_t answered = 0; // requests that were under way when it began
    std::uint64_t took_us = 0;

    friend bool operator==(const DrainReply&, const DrainReply&) = default;
};

struct ResumeReply {
    bool resumed = false; // false: it was not draining

    friend bool operator==(const ResumeReply&, const ResumeReply&) = default;
};

struct RestartReplicaReply {
    bool dry_run = false;
    std::uint64_t replica = 0;
    std::optional<std::int64_t> pid; // of the new worker
    std::uint64_t took_us = 0;

    friend bool operator==(const RestartReplicaReply&, const RestartReplicaReply&) = default;
};

struct CancelReply {
    bool cancelled = false; // false: nothing of that id was waiting

    friend bool operator==(const CancelReply&, const CancelReply&) = default;
};

using Answer = std::variant<EmbedReply, TokenizeReply, DecodeReply, InfoReply, HealthReply, StatusReply,
                            MetricsReply, WarmUpsReply, RewarmReply, ReloadReply, DrainReply, ResumeReply,
                            RestartReplicaReply, CancelReply>;

[[nodiscard]] std::string to_header(const Id&, const Answer&);
[[nodiscard]] std::string to_header(const Id&, const Progress&); // more answers follow
[[nodiscard]] std::string to_header(const Id&, const Error&);

// Client side. The caller knows which op it asked, and so which answer to read.
[[nodiscard]] Result<Id> reply_id(std::string_view header);
// What an answer that others follow tells; nothing where it is the last one.
[[nodiscard]] std::optional<Progress> progress_of(std::string_view header);
template <class T>
[[nodiscard]] Result<T> parse_reply(std::string_view header); // an error answer comes back as its Error

// The floats of a float32 reply, copied because a payload has no alignment. Refuses a payload of the wrong
// size.
[[nodiscard]] Result<std::vector<float>> float_rows(const EmbedReply&, std::span<const std::byte> payload);

} // namespace embedd::ipc

#pragma once

#include "ipc/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace embedd::ipc {

// An id of the client's choosing, echoed in each answer: an integer below 2^53 or a string of at most 64
// bytes.
using Id = std::variant<std::monostate, std::uint64_t, std::string>;

enum class VectorType : std::uint8_t { float32, float16, bfloat16, int8, ubinary };
enum class TruncationDirection : std::uint8_t { right, left };
enum class Priority : std::uint8_t { interactive, batch };

[[nodiscard]] std::string_view to_string(VectorType) noexcept;
[[nodiscard]] std::optional<VectorType> vector_type_from(std::string_view name) noexcept;

using TokenIds = std::vector<std::int32_t>;
using Input = std::variant<std::string, TokenIds>; // text in valid UTF-8, or ids (range unchecked here)

struct EmbedRequest {
    std::vector<Input> inputs;
    std::optional<bool> truncate; // nothing: the server's --auto-truncate
    TruncationDirection truncation_direction = TruncationDirection::right;
    std::optional<bool> normalize; // nothing: as the model's own modules say
    std::optional<std::uint32_t> dimensions;
    std::optional<std::string> prompt_name; // of the model's prompts; at most one of the two
    std::optional<std::string> prompt;
    VectorType dtype = VectorType::float32;

    friend bool operator==(const EmbedRequest&, const EmbedRequest&) = default;
};

struct TokenizeRequest {
    std::vector<std::string> inputs;
    bool add_special_tokens = true;

    friend bool operator==(const TokenizeRequest&, const TokenizeRequest&) = default;
};

struct DecodeRequest {
    std::vector<TokenIds> ids;
    bool skip_special_tokens = true;

    friend bool operator==(const DecodeRequest&, const DecodeRequest&) = default;
};

struct InfoRequest {
    friend bool operator==(const InfoRequest&, const InfoRequest&) = default;
};
struct StatusRequest {
    friend bool operator==(const StatusRequest&, const StatusRequest&) = default;
};
struct HealthRequest {
    friend bool operator==(const HealthRequest&, const HealthRequest&) = default;
};
struct MetricsRequest {
    friend bool operator==(const MetricsRequest&, const MetricsRequest&) = default;
};
struct WarmUpsRequest {
    friend bool operator==(const WarmUpsRequest&, const WarmUpsRequest&) = default;
};

// Warm up again beside traffic. Answered by Progress and, at the end, a RewarmReply.
struct RewarmRequest {
    std::optional<std::string> task;    // nothing: every task the model serves
    std::vector<std::uint64_t> lengths; // tokens of an input; none: the whole plan
    bool dry_run = false;               // only say what would be done

    friend bool operator==(const RewarmRequest&, const RewarmRequest&) = default;
};

// Serve another model, or the same one's files anew: loaded and warmed beside the one that serves, which goes
// when its requests are answered. Answered by Progress and, at the end, a ReloadReply.
struct ReloadRequest {
    std::optional<std::string> model; // a directory the operator allowed; nothing: the one that is served
    bool in_place = false; // end the old one first, where there is no memory for both; clients wait
    bool dry_run = false;

    friend bool operator==(const ReloadRequest&, const ReloadRequest&) = default;
};

// Take no new work, and say when what was accepted is answered. Answered by Progress and a DrainReply.
struct DrainRequest {
    friend bool operator==(const DrainRequest&, const DrainRequest&) = default;
};

struct ResumeRequest {
    friend bool operator==(const ResumeRequest&, const ResumeRequest&) = default;
};

// End one replica after its running batches, spawn it again and warm it; others serve meanwhile. Answered by
// Progress and, at the end, a RestartReplicaReply.
struct RestartReplicaRequest {
    std::uint64_t replica = 0;
    bool dry_run = false;

    friend bool operator==(const RestartReplicaRequest&, const RestartReplicaRequest&) = default;
};

// The status at once and then each interval, until it is cancelled. Answered by SubscribeEvents.
struct SubscribeRequest {
    static constexpr std::chrono::milliseconds shortest{100}, longest{60'000};

    std::chrono::milliseconds interval{1000};

    friend bool operator==(const SubscribeRequest&, const SubscribeRequest&) = default;
};

struct CancelRequest {
    Id target;

    friend bool operator==(const CancelRequest&, const CancelRequest&) = default;
};

using Operation =
    std::variant<EmbedRequest, TokenizeRequest, DecodeRequest, InfoRequest, StatusRequest, HealthRequest,
                 MetricsRequest, WarmUpsRequest, RewarmRequest, ReloadRequest, DrainRequest, ResumeRequest,
                 RestartReplicaRequest, SubscribeRequest, CancelRequest>;

struct Request {
    Id id;
    Operation operation;
    std::optional<std::chrono::milliseconds> timeout;
    Priority priority = Priority::interactive;
    bool wait_ready = true;
    std::string client; // display only

    friend bool operator==(const Request&, const Request&) = default;
};

struct RequestLimits {
    std::size_t inputs = 8192;
    std::size_t text_bytes = 1 << 20;
};

// A request that cannot be taken, with the id where it could be read.
struct Refusal {
    Id id;
    Error error;
};

// Strict: unknown ops and fields of the wrong type or value are refused by name, never coerced; unknown
// fields are refused too, so that a misspelt option is not silently dropped.
[[nodiscard]] boost::system::result<Request, Refusal> parse_request(std::string_view header,
                                                                    const RequestLimits&);
[[noreturn]] void throw_exception_from_error(const Refusal&, const boost::source_location&);

// The header of the frame that carries it: what clients send.
[[nodiscard]] std::string to_header(const Request&);

[[nodiscard]] std::string_view op_name(const Operation&) noexcept;

} // namespace embedd::ipc

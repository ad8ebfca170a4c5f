#pragma once

#include "ipc/error.hpp"
#include "ipc/frame.hpp"
#include "ipc/reply.hpp"
#include "ipc/request.hpp"
#include "ipc/subscription.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace embedd::ipc {

struct Embeddings {
    EmbedReply reply;
    std::vector<std::byte> payload;
};

// Why a call got no answer: apart from Error, which the daemon gave.
enum class LinkFault : std::uint8_t { unreachable, closed, timed_out, malformed, interrupted };

struct CallFailure {
    std::optional<LinkFault> link; // nothing: the daemon refused, see error
    Error error;                   // its message names the socket when the link failed
};

template <class T>
using CallResult = boost::system::result<T, CallFailure>;
[[noreturn]] void throw_exception_from_error(const CallFailure&, const boost::source_location&);

// A blocking client over one connection, for one thread. Every call has a deadline. A connection that broke
// before an answer came is opened again and the request sent once more: all ops here can be repeated, and a
// restart of the daemon is a pause and not an error. connect() that finds the backlog full (EAGAIN) is tried
// again with jitter.
class Client {
public:
    struct Options {
        std::filesystem::path socket;
        std::chrono::milliseconds timeout{60'000};
        std::string name; // shown to the operator
    };

    explicit Client(Options options);
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    [[nodiscard]] CallResult<Embeddings> embed(EmbedRequest request);
    [[nodiscard]] CallResult<TokenizeReply> tokenize(TokenizeRequest request);
    [[nodiscard]] CallResult<DecodeReply> decode(DecodeRequest request);
    [[nodiscard]] CallResult<InfoReply> info();
    [[nodiscard]] CallResult<StatusReply> status();
    [[nodiscard]] CallResult<HealthReply> health();
    [[nodiscard]] CallResult<MetricsReply> metrics();
    [[nodiscard]] CallResult<WarmUpsReply> warm_ups();

    // What takes its time: each step puts the deadline off, as long as it moves it goes on.
    using OnProgress = std::function<void(const Progress&)>;
    [[nodiscard]] CallResult<RewarmReply> rewarm(RewarmRequest request, const OnProgress& on_progress);
    [[nodiscard]] CallResult<ReloadReply> reload(ReloadRequest request, const OnProgress& on_progress);
    [[nodiscard]] CallResult<DrainReply> drain(const OnProgress& on_progress);
    [[nodiscard]] CallResult<RestartReplicaReply> restart_replica(RestartReplicaRequest request,
                                                                  const OnProgress& on_progress);
    [[nodiscard]] CallResult<ResumeReply> resume();

    // Status after status, the first with the last ten minutes, until `on_event` returns false. Over a
    // connection of its own, which is not made again: a link that fails, or no message for the interval and
    // the timeout, is told.
    using OnEvent = std::function<bool(SubscribeEvent)>;
    [[nodiscard]] CallResult<void> subscribe(std::chrono::milliseconds interval, const OnEvent& on_event);

    // Any request: the answer's frame as it came. Sets id, timeout and client where the request has none.
    [[nodiscard]] CallResult<Frame> call(Request request);

    // From any thread, at any time: the call under way and those that follow fail with LinkFault::interrupted
    // as soon as they would wait. The daemon sees a client that left.
    void interrupt() noexcept;

    [[nodiscard]] const std::filesystem::path& socket() const noexcept;

private:
    class Connection;
    std::unique_ptr<Connection> connection_;
};

// The first of `candidates` that accepts a connection; else the failure names all that were tried.
[[nodiscard]] CallResult<std::filesystem::path>
first_reachable(std::span<const std::filesystem::path> candidates);

} // namespace embedd::ipc

#include "ipc/client.hpp"

#include "ipc/connect.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <stdexcept>
#include <utility>

namespace embedd::ipc {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// An answer's header holds at most the tokens of some thousand inputs, its payload their vectors; neither is
// allocated before it arrives.
constexpr FrameLimits answer_limits{.header_bytes = 256ULL << 20, .payload_bytes = 4ULL << 30};

CallFailure link_failure(LinkFault fault, std::string message)
{
    return {.link = fault, .error = {ErrorType::internal, std::move(message), {}}};
}

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    ~Descriptor() { reset(); }
    Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        reset();
        descriptor_ = std::exchange(other.descriptor_, -1);
        return *this;
    }

    void reset()
    {
        if (descriptor_ >= 0)
            ::close(descriptor_);
        descriptor_ = -1;
    }
    [[nodiscard]] int get() const { return descriptor_; }
    [[nodiscard]] bool open() const { return descriptor_ >= 0; }

private:
    int descriptor_ = -1;
};

int milliseconds_until(steady_clock::time_point deadline)
{
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

// Says to the thread that waits for a descriptor that it need not any more; stays said.
class Interruption {
public:
    void raise() const noexcept { ::eventfd_write(raised_.get(), 1); }

    enum class Waited : std::uint8_t { ready, interrupted, too_late };
    [[nodiscard]] Waited wait_for(int socket, short events, steady_clock::time_point deadline) const
    {
        std::array<pollfd, 2> waiting{
            {{.fd = raised_.get(), .events = POLLIN}, {.fd = socket, .events = events}}};
        while (true) {
            const int ready = ::poll(waiting.data(), waiting.size(), milliseconds_until(deadline));
            if (ready > 0)
                return waiting[0].revents ? Waited::interrupted : Waited::ready;
            if (ready == 0 && steady_clock::now() >= deadline)
                return Waited::too_late;
        }
    }

private:
    Descriptor raised_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}; // without it nothing can be interrupted
};

CallFailure given_up()
{
    return link_failure(LinkFault::interrupted, "the call was given up");
}

CallResult<Descriptor> connect_to(const std::filesystem::path& path, const Interruption& interruption,
                                  steady_clock::time_point deadline)
{
    std::minstd_rand random{std::random_device{}()};
    while (true) {
        const auto attempt = try_connect(path);
        if (attempt.socket >= 0)
            return Descriptor{attempt.socket};
        if (attempt.error != EAGAIN && attempt.error != EINTR)
            return link_failure(LinkFault::unreachable, "cannot reach a daemon at " + path.string() + ": " +
                                                            std::strerror(attempt.error));
        if (steady_clock::now() >= deadline)
            return link_failure(LinkFault::timed_out,
                                "the daemon at " + path.string() + " takes no more connections");
        const auto again = steady_clock::now() + milliseconds{5 + random() % 20};
        if (interruption.wait_for(-1, 0, std::min(again, deadline)) == Interruption::Waited::interrupted)
            return given_up();
    }
}

} // namespace

class Client::Connection {
public:
    explicit Connection(Client::Options options) : options_(std::move(options)) {}

    // Takes the header of an answer that others follow, and says whether it was one. None are expected
    // without it.
    using OnMore = std::function<bool(std::string_view)>;

    CallResult<Frame> call(Request request, const OnMore& on_more = {})
    {
        const auto deadline = steady_clock::now() + options_.timeout;
        const auto frame = frame_of(std::move(request));
        auto answer = attempt(frame, deadline, on_more, options_.timeout);
        // All ops here may be repeated, so a daemon that restarts is a pause and not an error. Once: a
        // request that ends its daemon must not end the next one too, and again.
        if (!answer && left_us(answer.error())) {
            socket_.reset();
            auto second = attempt(frame, deadline, on_more, options_.timeout);
            // Where nobody came after it, what the one that stops said tells more than an absent socket.
            if (second || second.error().link != LinkFault::unreachable || answer.error().link)
                answer = std::move(second);
        }
        if (!answer && answer.error().link)
            socket_.reset(); // whatever still comes belongs to nobody
        return answer;
    }

    CallResult<Frame> call(Request request, const Client::OnProgress& on_progress)
    {
        return call(std::move(request), OnMore{[&](std::string_view header) {
                        const auto event = progress_of(header);
                        if (event)
                            on_progress(*event);
                        return event.has_value();
                    }});
    }

    CallResult<void> subscribe(milliseconds interval, const Client::OnEvent& on_event)
    {
        socket_.reset(); // one that others used may have been left by its daemon
        Request request;
        request.operation = SubscribeRequest{interval};
        bool goes_on = true;
        Error unread;
        const auto last = attempt(
            frame_of(std::move(request)), steady_clock::now() + options_.timeout,
            [&](std::string_view header) {
                auto event = parse_subscribe_event(header);
                if (!event)
                    unread = event.error();
                else
                    goes_on = on_event(*std::move(event));
                return event && goes_on;
            },
            interval + options_.timeout);
        socket_.reset();
        if (!goes_on)
            return {};
        return last ? link_failure(LinkFault::malformed, unread.message) : last.error();
    }

    void interrupt() const noexcept { interruption_.raise(); }

    [[nodiscard]] const std::filesystem::path& socket() const { return options_.socket; }

private:
    std::vector<std::byte> frame_of(Request request)
    {
        request.id = ++last_id_;
        if (request.client.empty())
            request.client = options_.name;
        if (!request.timeout)
            request.timeout = options_.timeout;
        return encode_frame(to_header(request));
    }

    // It died, or it stops and took nothing: in the socket's queue its successor finds us.
    static bool left_us(const CallFailure& failure)
    {
        return failure.link == LinkFault::closed ||
               (!failure.link && failure.error.type == ErrorType::draining);
    }

    // `patience`: how far each answer that others follow puts the deadline off.
    CallResult<Frame> attempt(std::span<const std::byte> frame, steady_clock::time_point deadline,
                              const OnMore& on_more, milliseconds patience)
    {
        if (!socket_.open()) {
            auto connected = connect_to(options_.socket, interruption_, deadline);
            if (!connected)
                return connected.error();
            socket_ = std::move(*connected);
            decoder_ = FrameDecoder{answer_limits};
        }
        if (auto failure = send(frame, deadline))
            return std::move(*failure);
        return receive(deadline, on_more, patience);
    }

    std::optional<CallFailure> send(std::span<const std::byte> bytes, steady_clock::time_point deadline)
    {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0) {
                bytes = bytes.subspan(static_cast<std::size_t>(sent));
            } else if (errno == EAGAIN) {
                if (auto failure = waited(POLLOUT, deadline))
                    return failure;
            } else if (errno != EINTR) {
                return closed();
            }
        }
        return std::nullopt;
    }

    CallResult<Frame> receive(steady_clock::time_point deadline, const OnMore& on_more, milliseconds patience)
    {
        while (true) {
            while (auto frame = decoder_.next()) {
                const auto id = reply_id(frame->header);
                if (!id)
                    return link_failure(LinkFault::malformed, id.error().message);
                // An answer without id tells of a fault the daemon could not ascribe: ours, as nothing else
                // is asked.
                const bool ours = *id == Id{last_id_} || *id == Id{};
                if (ours && on_more && on_more(frame->header))
                    deadline = steady_clock::now() + patience;
                else if (ours)
                    return checked(std::move(*frame));
            }
            if (decoder_.fault())
                return link_failure(LinkFault::malformed, std::string{to_string(*decoder_.fault())});
            if (auto failure = waited(POLLIN, deadline))
                return *std::move(failure);
            const auto got = ::recv(socket_.get(), piece_.data(), piece_.size(), 0);
            if (got > 0)
                decoder_.feed(std::span{piece_}.first(static_cast<std::size_t>(got)));
            else if (got == 0 || (errno != EAGAIN && errno != EINTR))
                return closed();
        }
    }

    static CallResult<Frame> checked(Frame frame)
    {
        // A refusal is recognised without knowing the op: it is the only answer that carries ok:false.
        const auto refused = parse_reply<CancelReply>(frame.header);
        if (!refused)
            return CallFailure{.link = {}, .error = refused.error()};
        return frame;
    }

    // Why there is nothing to wait for any more.
    std::optional<CallFailure> waited(short events, steady_clock::time_point deadline) const
    {
        switch (interruption_.wait_for(socket_.get(), events, deadline)) {
        case Interruption::Waited::ready:
            return std::nullopt;
        case Interruption::Waited::interrupted:
            return given_up();
        case Interruption::Waited::too_late:
            break;
        }
        return timed_out();
    }

    CallFailure closed()
    {
        socket_.reset();
        return link_failure(LinkFault::closed, "the daemon at " + options_.socket.string() + " hung up");
    }

    [[nodiscard]] CallFailure timed_out() const
    {
        return link_failure(LinkFault::timed_out, "no answer from " + options_.socket.string() + " within " +
                                                      std::to_string(options_.timeout.count()) + " ms");
    }

    Client::Options options_;
    Interruption interruption_;
    Descriptor socket_;
    FrameDecoder decoder_{answer_limits};
    std::uint64_t last_id_ = 0;
    std::array<std::byte, 64 << 10> piece_;
};

Client::Client(Options options) : connection_(std::make_unique<Connection>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

namespace {

template <class Reply>
CallResult<Reply> read(const CallResult<Frame>& frame)
{
    if (!frame)
        return frame.error();
    auto reply = parse_reply<Reply>(frame->header);
    if (!reply)
        return link_failure(LinkFault::malformed, reply.error().message);
    return std::move(*reply);
}

Request asking(Operation operation)
{
    Request request;
    request.operation = std::move(operation);
    return request;
}

} // namespace

CallResult<Embeddings> Client::embed(EmbedRequest request)
{
    auto frame = call(asking(std::move(request)));
    auto reply = read<EmbedReply>(frame);
    if (!reply)
        return reply.error();
    return Embeddings{std::move(*reply), std::move(frame->payload)};
}

CallResult<TokenizeReply> Client::tokenize(TokenizeRequest request)
{
    return read<TokenizeReply>(call(asking(std::move(request))));
}

CallResult<DecodeReply> Client::decode(DecodeRequest request)
{
    return read<DecodeReply>(call(asking(std::move(request))));
}

CallResult<InfoReply> Client::info()
{
    return read<InfoReply>(call(asking(InfoRequest{})));
}

CallResult<StatusReply> Client::status()
{
    return read<StatusReply>(call(asking(StatusRequest{})));
}

CallResult<HealthReply> Client::health()
{
    return read<HealthReply>(call(asking(HealthRequest{})));
}

CallResult<MetricsReply> Client::metrics()
{
    return read<MetricsReply>(call(asking(MetricsRequest{})));
}

CallResult<WarmUpsReply> Client::warm_ups()
{
    return read<WarmUpsReply>(call(asking(WarmUpsRequest{})));
}

CallResult<RewarmReply> Client::rewarm(RewarmRequest request, const OnProgress& on_progress)
{
    return read<RewarmReply>(connection_->call(asking(std::move(request)), on_progress));
}

CallResult<ReloadReply> Client::reload(ReloadRequest request, const OnProgress& on_progress)
{
    return read<ReloadReply>(connection_->call(asking(std::move(request)), on_progress));
}

CallResult<DrainReply> Client::drain(const OnProgress& on_progress)
{
    return read<DrainReply>(connection_->call(asking(DrainRequest{}), on_progress));
}

CallResult<RestartReplicaReply> Client::restart_replica(RestartReplicaRequest request,
                                                        const OnProgress& on_progress)
{
    return read<RestartReplicaReply>(connection_->call(asking(request), on_progress));
}

CallResult<ResumeReply> Client::resume()
{
    return read<ResumeReply>(call(asking(ResumeRequest{})));
}

CallResult<void> Client::subscribe(milliseconds interval, const OnEvent& on_event)
{
    return connection_->subscribe(interval, on_event);
}

CallResult<Frame> Client::call(Request request)
{
    return connection_->call(std::move(request));
}

void Client::interrupt() noexcept
{
    connection_->interrupt();
}

const std::filesystem::path& Client::socket() const noexcept
{
    return connection_->socket();
}

void throw_exception_from_error(const CallFailure& failure, const boost::source_location&)
{
    throw std::logic_error("a failed call was not looked at: " + failure.error.message);
}

CallResult<std::filesystem::path> first_reachable(std::span<const std::filesystem::path> candidates)
{
    const Interruption never;
    std::string tried;
    for (const auto& candidate : candidates) {
        const auto connected = connect_to(candidate, never, steady_clock::now() + std::chrono::seconds{1});
        // A full backlog is a daemon too, a busy one.
        if (connected || connected.error().link == LinkFault::timed_out)
            return candidate;
        tried += (tried.empty() ? "" : "; ") + connected.error().error.message;
    }
    return link_failure(LinkFault::unreachable, tried.empty() ? "no socket to try: name one" : tried);
}

} // namespace embedd::ipc

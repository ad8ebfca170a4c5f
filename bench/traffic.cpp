#include "bench/traffic.hpp"

#include "bench/frame_connection.hpp"
#include "bench/let_pass.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace embedd::bench {

namespace asio = boost::asio;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr auto connect_limit = std::chrono::seconds{10};
// Beyond any window: what is not answered by then is given up with its connection.
constexpr auto request_timeout = std::chrono::hours{1};

void rethrow(const std::exception_ptr& error)
{
    if (error)
        std::rethrow_exception(error);
}

std::vector<std::byte> encode(const ipc::EmbedRequest& operation, std::uint64_t id, ipc::Priority priority)
{
    ipc::Request request;
    request.id = id;
    request.operation = operation;
    request.timeout = request_timeout;
    request.priority = priority;
    request.client = "embed-bench";
    return ipc::encode_frame(to_header(request));
}

} // namespace

class RunningTraffic::Crowd {
public:
    Crowd(const std::filesystem::path& socket, const Traffic& traffic)
        : in_flight_(traffic.in_flight), pause_(traffic.pause)
    {
        if (traffic.requests.size() < traffic.in_flight || traffic.in_flight == 0)
            throw std::runtime_error("traffic needs a request for each place in flight");
        for (std::size_t i = 0; i < traffic.requests.size(); ++i)
            frames_.push_back(encode(traffic.requests[i], i, traffic.priority));
        for (std::size_t i = 0; i < traffic.connections; ++i)
            lines_.push_back(std::make_unique<Line>(io_, socket, i, frames_.size()));
        for (auto& line : lines_)
            asio::co_spawn(io_, read(*line), rethrow);
        thread_ = std::thread{[this] { io_.run(); }};
    }

    TrafficResult finish()
    {
        io_.stop();
        thread_.join();
        return std::move(result_);
    }

    ~Crowd()
    {
        io_.stop();
        if (thread_.joinable())
            thread_.join();
    }
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

private:
    // A request's id is its number, and a place in flight sends only numbers that are its own modulo the
    // number of places: no id is ever in flight twice.
    struct Line {
        Line(asio::io_context& io, const std::filesystem::path& socket, std::size_t begin, std::size_t count)
            : connection(io.get_executor(), socket), more(io, steady_clock::time_point::max()), first(begin),
              sent(count)
        {
        }

        FrameConnection connection;
        asio::steady_timer more; // cancelled when there is something to send
        std::size_t first;       // lines begin at different requests
        std::deque<std::size_t> to_send;
        std::vector<steady_clock::time_point> sent; // by number
    };

    // What to do once a request was answered.
    struct Turn {
        std::size_t number; // of it
        milliseconds pause; // before the next
    };

    asio::awaitable<void> read(Line& line)
    {
        const auto unreachable = co_await line.connection.connect(steady_clock::now() + connect_limit);
        if (unreachable) {
            fail(*unreachable);
            co_return;
        }
        for (std::size_t place = 0; place < in_flight_; ++place)
            line.to_send.push_back(number_after(place, line.first));
        asio::co_spawn(io_, write(line), rethrow);
        asio::steady_timer timer{io_};
        while (true) {
            const auto frame = co_await line.connection.receive();
            const auto turn = frame ? count(line, *frame) : give_up(frame.error());
            if (!turn) {
                line.connection.close();
                line.more.cancel();
                co_return;
            }
            if (turn->pause.count() > 0) {
                timer.expires_after(turn->pause);
                co_await timer.async_wait(asio::use_awaitable);
            }
            line.to_send.push_back(number_after(turn->number, 1));
            line.more.cancel();
        }
    }

    // The same place's number, so many turns on.
    [[nodiscard]] std::size_t number_after(std::size_t number, std::size_t turns) const
    {
        const auto place = number % in_flight_;
        const auto turns_in_all = (frames_.size() - place + in_flight_ - 1) / in_flight_;
        return (number / in_flight_ + turns) % turns_in_all * in_flight_ + place;
    }

    asio::awaitable<void> write(Line& line)
    {
        while (line.connection.open()) {
            if (line.to_send.empty()) {
                co_await line.more.async_wait(asio::as_tuple(asio::use_awaitable));
                continue;
            }
            const auto number = line.to_send.front();
            line.to_send.pop_front();
            line.sent[number] = steady_clock::now();
            const auto broken = co_await line.connection.send(frames_[number]);
            if (broken)
                co_return; // its reader notices too
        }
    }

    std::optional<Turn> count(const Line& line, const ipc::Frame& frame)
    {
        const auto now = steady_clock::now();
        const auto reply = ipc::parse_reply<ipc::EmbedReply>(frame.header);
        if (!reply)
            fail({.link = {}, .error = reply.error()});
        const auto id = ipc::reply_id(frame.header);
        const auto* number = id ? std::get_if<std::uint64_t>(&*id) : nullptr;
        if (number == nullptr || *number >= frames_.size())
            return std::nullopt; // not about one request: the daemon gave up the connection
        if (!reply) {
            const milliseconds asked{reply.error().retry_after_ms.value_or(0)};
            return Turn{*number, std::max(pause_, asked)};
        }
        std::uint64_t tokens = 0;
        for (const auto of_input : reply->tokens)
            tokens += of_input;
        result_.answers.push_back({now, tokens});
        result_.latency.record(std::chrono::duration_cast<microseconds>(now - line.sent[*number]));
        return Turn{*number, pause_};
    }

    std::optional<Turn> give_up(const ipc::CallFailure& failure)
    {
        fail(failure);
        return std::nullopt;
    }

    void fail(const ipc::CallFailure& failure)
    {
        if (result_.failed++ == 0)
            result_.first_error = failure.error.message;
    }

    std::size_t in_flight_;
    milliseconds pause_;
    std::vector<std::vector<std::byte>> frames_;
    TrafficResult result_; // the thread's, until it has ended
    asio::io_context io_{1};
    std::vector<std::unique_ptr<Line>> lines_; // go before the event loop that their coroutines lie in
    std::thread thread_;
};

RunningTraffic::RunningTraffic(const std::filesystem::path& socket, const Traffic& traffic)
    : crowd_(std::make_unique<Crowd>(socket, traffic))
{
}

RunningTraffic::~RunningTraffic() = default;

TrafficResult RunningTraffic::finish()
{
    return crowd_->finish();
}

std::vector<ipc::EmbedRequest> draw_requests(Texts texts, std::size_t requests, std::size_t texts_each)
{
    std::vector<ipc::EmbedRequest> drawn(requests);
    for (auto& request : drawn)
        for (std::size_t i = 0; i < texts_each; ++i)
            request.inputs.emplace_back(texts.next());
    return drawn;
}

TrafficResult run_traffic(const std::filesystem::path& socket, const Traffic& traffic, milliseconds time)
{
    RunningTraffic running{socket, traffic};
    let_pass(time);
    return running.finish();
}

TrafficResult all_answered(TrafficResult result)
{
    if (result.failed > 0)
        throw std::runtime_error(std::to_string(result.failed) +
                                 " requests failed, the first: " + result.first_error);
    return result;
}

std::uint64_t tokens_within(std::span<const Answered> answers, const Window& window)
{
    std::uint64_t tokens = 0;
    for (const auto& answer : answers)
        if (answer.at >= window.from && answer.at < window.to)
            tokens += answer.tokens;
    return tokens;
}

double tokens_per_second(std::span<const Answered> answers, const Window& window)
{
    const auto seconds = std::chrono::duration<double>(window.to - window.from).count();
    return static_cast<double>(tokens_within(answers, window)) / seconds;
}

} // namespace embedd::bench

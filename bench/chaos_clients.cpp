#include "bench/chaos_clients.hpp"

#include "bench/frame_connection.hpp"
#include "bench/retrying.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <random>
#include <thread>
#include <utility>

namespace embedd::bench {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t most_texts = 8;

void rethrow(const std::exception_ptr& error)
{
    if (error)
        std::rethrow_exception(error);
}

asio::awaitable<void> wait_until(steady_clock::time_point time)
{
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    co_await timer.async_wait(asio::use_awaitable);
}

} // namespace

class ChaosClients::Crowd {
public:
    Crowd(const ChaosClientsOptions& options, const ExpectedVectors& expected)
        : options_(options), expected_(expected), last_answer_(steady_clock::now())
    {
        for (std::size_t i = 0; i < options.clients; ++i)
            clients_.push_back(std::make_unique<Client>(io_, options.socket, options.seed + i));
        for (auto& client : clients_)
            asio::co_spawn(io_, live(*client), rethrow);
        thread_ = std::thread{[this] { io_.run(); }};
    }

    ~Crowd()
    {
        io_.stop();
        if (thread_.joinable())
            thread_.join();
    }
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    [[nodiscard]] std::uint64_t answered() const noexcept { return answered_; }

    ChaosTally finish()
    {
        last_ = true;
        thread_.join();
        tally_.answered = answered_;
        return std::move(tally_);
    }

private:
    struct Client {
        Client(asio::io_context& io, const std::filesystem::path& socket, std::uint64_t seed)
            : connection(io.get_executor(), socket), random(seed)
        {
        }

        FrameConnection connection;
        std::mt19937_64 random;
        std::uint64_t last_id = 0; // over all its connections
    };

    struct Order {
        std::vector<std::size_t> numbers; // of the texts
        ipc::Priority priority = ipc::Priority::interactive;
        steady_clock::time_point deadline;
    };

    Order draw(Client& client) const
    {
        const auto below = [&client](std::size_t limit) {
            return std::uniform_int_distribution<std::size_t>{0, limit - 1}(client.random);
        };
        Order order;
        for (auto left = 1 + below(most_texts); left > 0; --left)
            order.numbers.push_back(below(expected_.size()));
        order.priority = below(4) == 0 ? ipc::Priority::batch : ipc::Priority::interactive;
        order.deadline = steady_clock::now() + options_.deadline;
        return order;
    }

    asio::awaitable<void> live(Client& client)
    {
        do {
            co_await carry_out(client, draw(client));
            co_await wait_until(steady_clock::now() + options_.pause);
        } while (!last_);
        client.connection.close();
    }

    asio::awaitable<void> carry_out(Client& client, Order order)
    {
        ++tally_.requests;
        Retrying retrying{order.deadline};
        while (true) {
            const auto answer = co_await attempt(client, order);
            const auto now = steady_clock::now();
            if (answer) {
                judge(*answer, order, now);
                co_return;
            }
            const auto retry = retrying.after(answer.error(), now);
            if (!retry) {
                if (tally_.failed++ == 0)
                    tally_.first_failure = answer.error().error.message;
                client.connection.close();
                co_return;
            }
            ++tally_.retried[std::string{to_string(retry->cause)}];
            if (retry->afresh)
                client.connection.close();
            co_await wait_until(now + retry->pause);
        }
    }

    asio::awaitable<ipc::CallResult<ipc::Frame>> attempt(Client& client, const Order& order)
    {
        using namespace asio::experimental::awaitable_operators;

        auto asking = ask(client, order);
        auto expiring = wait_until(order.deadline);
        auto first = co_await (std::move(asking) || std::move(expiring));
        if (auto* answer = std::get_if<0>(&first))
            co_return std::move(*answer);
        co_return ipc::CallFailure{.link = ipc::LinkFault::timed_out,
                                   .error = {ipc::ErrorType::internal, "no answer by the deadline", {}}};
    }

    asio::awaitable<ipc::CallResult<ipc::Frame>> ask(Client& client, const Order& order)
    {
        if (!client.connection.open()) {
            const auto unreachable = co_await client.connection.connect(order.deadline);
            if (unreachable)
                co_return *unreachable;
        }
        const auto id = ++client.last_id;
        const auto frame = encode(order, id);
        const auto broken = co_await client.connection.send(frame);
        if (broken)
            co_return *broken;
        while (true) {
            auto answer = co_await client.connection.receive();
            if (!answer)
                co_return answer.error();
            const auto of = ipc::reply_id(answer->header);
            if (of && *of != ipc::Id{id} && *of != ipc::Id{}) {
                ++tally_.duplicates; // all earlier ones were answered, or their connection is gone
                continue;
            }
            const auto refused = ipc::parse_reply<ipc::CancelReply>(answer->header);
            if (!refused)
                co_return ipc::CallFailure{.link = {}, .error = refused.error()};
            co_return std::move(*answer);
        }
    }

    [[nodiscard]] std::vector<std::byte> encode(const Order& order, std::uint64_t id) const
    {
        ipc::Request request;
        request.id = id;
        request.operation = expected_.ask(order.numbers);
        request.priority = order.priority;
        request.client = "embed-bench";
        request.timeout =
            std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(order.deadline - steady_clock::now()));
        return ipc::encode_frame(to_header(request));
    }

    void judge(const ipc::Frame& answer, const Order& order, steady_clock::time_point now)
    {
        const auto fault = expected_.fault_of(answer, order.numbers);
        if (fault && tally_.wrong++ == 0)
            tally_.first_wrong = *fault;
        ++answered_;
        const auto stall = std::chrono::duration_cast<milliseconds>(now - last_answer_);
        tally_.longest_stall = std::max(tally_.longest_stall, stall);
        last_answer_ = now;
    }

    ChaosClientsOptions options_;
    const ExpectedVectors& expected_;
    std::atomic<std::uint64_t> answered_ = 0;
    std::atomic<bool> last_ = false;
    // The thread's, until it has ended.
    ChaosTally tally_;
    steady_clock::time_point last_answer_;

    asio::io_context io_{1};
    std::vector<std::unique_ptr<Client>> clients_; // go before the event loop that their coroutines lie in
    std::thread thread_;
};

ChaosClients::ChaosClients(const ChaosClientsOptions& options, const ExpectedVectors& expected)
    : crowd_(std::make_unique<Crowd>(options, expected))
{
}

ChaosClients::~ChaosClients() = default;

std::uint64_t ChaosClients::answered() const noexcept
{
    return crowd_->answered();
}

ChaosTally ChaosClients::finish()
{
    return crowd_->finish();
}

} // namespace embedd::bench

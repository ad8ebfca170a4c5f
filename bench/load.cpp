#include "bench/load.hpp"

#include "ipc/async_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <future>
#include <memory>
#include <vector>

namespace embedd::bench {

namespace {

namespace asio = boost::asio;
using std::chrono::microseconds;
using std::chrono::steady_clock;

Texts texts_of(const LoadOptions& options)
{
    if (options.tokens)
        return Texts::of_tokens(*options.tokens, options.seed);
    return options.words ? Texts{*options.words, options.seed} : Texts{options.texts, options.seed};
}

class Load {
public:
    explicit Load(const LoadOptions& options) : options_(options)
    {
        auto texts = texts_of(options);
        requests_.resize(options.requests);
        for (auto& request : requests_)
            for (std::size_t i = 0; i < options.batch_size; ++i)
                request.inputs.emplace_back(texts.next());
    }

    LoadResult run()
    {
        std::vector<std::unique_ptr<ipc::AsyncClient>> clients;
        for (std::size_t i = 0; i < options_.concurrency; ++i)
            clients.push_back(std::make_unique<ipc::AsyncClient>(
                io_.get_executor(), ipc::Client::Options{.socket = options_.socket,
                                                         .timeout = std::chrono::minutes{10},
                                                         .name = "embed-bench"}));
        started_ = steady_clock::now();
        for (auto& client : clients)
            asio::co_spawn(io_, drive(*client), [](const std::exception_ptr& error) {
                if (error)
                    std::rethrow_exception(error);
            });
        io_.run();
        result_.elapsed = std::chrono::duration_cast<microseconds>(steady_clock::now() - started_);
        return std::move(result_);
    }

private:
    [[nodiscard]] bool over() const
    {
        return options_.time ? steady_clock::now() - started_ >= *options_.time : next_ >= requests_.size();
    }

    [[nodiscard]] steady_clock::time_point due(std::uint64_t request) const
    {
        const auto seconds = std::chrono::duration<double>(static_cast<double>(request) / *options_.rate);
        return started_ + std::chrono::duration_cast<steady_clock::duration>(seconds);
    }

    asio::awaitable<void> drive(ipc::AsyncClient& client)
    {
        asio::steady_timer timer{io_};
        while (!over()) {
            const auto number = next_++;
            auto begun = steady_clock::now();
            if (options_.rate) {
                begun = due(number);
                timer.expires_at(begun);
                co_await timer.async_wait(asio::use_awaitable);
            }
            ipc::Request request;
            auto& next = requests_[number % requests_.size()];
            if (options_.time)
                request.operation = next; // it may be sent again
            else
                request.operation = std::move(next);
            const auto frame = co_await client.call(std::move(request));
            result_.latency.record(std::chrono::duration_cast<microseconds>(steady_clock::now() - begun));
            count(frame);
        }
        client.close(); // its reader is all that keeps the event loop turning
    }

    void count(const ipc::CallResult<ipc::Frame>& frame)
    {
        ++result_.requests;
        if (!frame)
            return fail(frame.error().error.message);
        const auto reply = ipc::parse_reply<ipc::EmbedReply>(frame->header);
        if (!reply)
            return fail(reply.error().message);
        result_.texts += reply->rows;
        for (const std::uint64_t tokens : reply->tokens) {
            result_.tokens += tokens;
            result_.squares += tokens * tokens;
        }
    }

    void fail(const std::string& why)
    {
        if (result_.failed++ == 0)
            result_.first_error = why;
    }

    const LoadOptions& options_;
    asio::io_context io_{1};
    std::vector<ipc::EmbedRequest> requests_;
    std::uint64_t next_ = 0;
    steady_clock::time_point started_;
    LoadResult result_;
};

// What each thread does of it.
std::vector<LoadOptions> parts_of(const LoadOptions& options)
{
    const auto most =
        std::max<std::uint64_t>(std::min<std::uint64_t>(options.concurrency, options.requests), 1);
    const auto threads = std::clamp<std::uint64_t>(options.threads, 1, most);
    const auto share = [&](auto whole, std::size_t part) {
        return whole / threads + (part < whole % threads ? 1 : 0);
    };
    std::vector<LoadOptions> parts(threads, options);
    for (std::size_t part = 0; part < threads; ++part) {
        parts[part].concurrency = share(options.concurrency, part);
        parts[part].requests = share(options.requests, part);
        parts[part].seed = options.seed + part;
        if (options.rate)
            parts[part].rate = *options.rate / static_cast<double>(threads);
    }
    return parts;
}

} // namespace

void LoadResult::merge(const LoadResult& other)
{
    requests += other.requests;
    failed += other.failed;
    texts += other.texts;
    tokens += other.tokens;
    squares += other.squares;
    elapsed += other.elapsed;
    latency.merge(other.latency);
    if (first_error.empty())
        first_error = other.first_error;
}

LoadResult run_load(const LoadOptions& options)
{
    const auto parts = parts_of(options);
    std::vector<std::unique_ptr<Load>> loads; // each with its texts, made before the first one's clock starts
    for (const auto& part : parts)
        loads.push_back(std::make_unique<Load>(part));
    std::vector<std::future<LoadResult>> running;
    for (const auto& load : loads)
        running.push_back(std::async(std::launch::async, &Load::run, load.get()));
    LoadResult all;
    microseconds longest{};
    for (auto& part : running) {
        const auto result = part.get();
        longest = std::max(longest, result.elapsed);
        all.merge(result);
    }
    all.elapsed = longest; // they ran beside each other
    return all;
}

} // namespace embedd::bench

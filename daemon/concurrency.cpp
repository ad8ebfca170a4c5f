#include "daemon/concurrency.hpp"

#include "ipc/async_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <utility>

namespace embedd::daemon {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t requests_of_a_client = 2;

// Made-up words of about two tokens each.
std::string text_of(std::uint64_t tokens, std::mt19937_64& random)
{
    constexpr int letters = 26;
    constexpr int letters_a_word = 5;
    std::string text;
    for (std::uint64_t word = 0; word < std::max<std::uint64_t>(1, tokens / 2); ++word) {
        for (int letter = 0; letter < letters_a_word; ++letter)
            text += static_cast<char>('a' + random() % letters);
        text += ' ';
    }
    return text;
}

std::optional<std::uint64_t> median(std::vector<std::uint64_t> times)
{
    if (times.empty())
        return std::nullopt;
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
}

// Clients of one cell that ask at the same time, and who waits for the last of them.
struct Crowd {
    explicit Crowd(const asio::any_io_executor& executor) : over(executor, steady_clock::time_point::max()) {}

    asio::steady_timer over;
    std::uint64_t under_way = 0;
    std::array<std::vector<std::uint64_t>, requests_of_a_client> times;
    std::optional<std::string> fault;
};

asio::awaitable<void> be_client(std::shared_ptr<Crowd> crowd, ConcurrencyOptions options,
                                std::vector<std::string> texts)
{
    ipc::Client::Options target{.socket = options.socket, .timeout = std::chrono::seconds{60}, .name = {}};
    ipc::AsyncClient client{crowd->over.get_executor(), std::move(target)};
    for (std::size_t turn = 0; turn < texts.size(); ++turn) {
        ipc::EmbedRequest embed;
        embed.inputs.emplace_back(std::move(texts[turn]));
        ipc::Request request;
        request.operation = std::move(embed);
        request.client = options.token;
        const auto begun = steady_clock::now();
        const auto answer = co_await client.call(std::move(request));
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun);
        if (!answer) {
            crowd->fault = answer.error().error.message;
            break;
        }
        crowd->times[turn].push_back(static_cast<std::uint64_t>(took.count()));
    }
    client.close();
}

void enter(const std::shared_ptr<Crowd>& crowd, const ConcurrencyOptions& options,
           std::vector<std::string> texts)
{
    ++crowd->under_way;
    asio::co_spawn(crowd->over.get_executor(), be_client(crowd, options, std::move(texts)),
                   [crowd](std::exception_ptr failure) {
                       if (failure)
                           crowd->fault = "a client ended early";
                       if (--crowd->under_way == 0)
                           crowd->over.cancel();
                   });
}

} // namespace

asio::awaitable<Result<std::vector<ipc::WarmUpCell>>> simulate_clients(asio::any_io_executor executor,
                                                                       ConcurrencyOptions options,
                                                                       WarmUpPlan plan,
                                                                       WarmUpProgress progress)
{
    std::erase_if(plan, [](const PlanCell& cell) { return cell.stage != WarmUpStage::concurrency; });
    std::mt19937_64 random{options.seed};
    std::vector<ipc::WarmUpCell> measured;
    for (const auto& cell : plan) {
        const auto crowd = std::make_shared<Crowd>(executor);
        for (std::uint64_t client = 0; client < cell.concurrency; ++client) {
            std::vector<std::string> texts;
            for (std::size_t request = 0; request < requests_of_a_client; ++request)
                texts.push_back(text_of(cell.shape.length, random));
            enter(crowd, options, std::move(texts));
        }
        while (crowd->under_way > 0)
            co_await crowd->over.async_wait(as_result);
        if (crowd->fault)
            co_return Failure{ExitCode::failure, "warmup.concurrency: a request failed: " + *crowd->fault};
        measured.push_back({.stage = std::string(to_string(cell.stage)),
                            .task = cell.shape.task,
                            .rows = cell.shape.rows,
                            .length = cell.shape.length,
                            .rounds = requests_of_a_client,
                            .concurrency = cell.concurrency,
                            .first_us = median(crowd->times.front()),
                            .steady_us = median(crowd->times.back())});
        if (progress)
            progress(measured.size(), plan.size());
    }
    co_return measured;
}

} // namespace embedd::daemon

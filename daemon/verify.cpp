#include "daemon/verify.hpp"

#include "ipc/async_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <random>
#include <utility>

namespace embedd::daemon {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::uint64_t median_us(const std::vector<std::uint64_t>& times)
{
    return static_cast<std::uint64_t>(median({times.begin(), times.end()}));
}

double ratio_of(const LengthTimes& times)
{
    const auto control = std::max<std::uint64_t>(1, median_us(times.controls));
    return static_cast<double>(median_us(times.firsts)) / static_cast<double>(control);
}

class Verification {
public:
    Verification(asio::any_io_executor executor, VerifyOptions options, WarmUpPromise promise,
                 WarmUpProgress progress)
        : executor_(std::move(executor)), options_(std::move(options)), promise_(promise),
          progress_(std::move(progress)), random_(options_.seed)
    {
    }

    asio::awaitable<Result<VerifyReport>> run()
    {
        const auto plans = plan_lengths(options_);
        for (const auto& plan : plans)
            total_ += 2 * plan.unseen.size() + 1;
        std::vector<LengthTimes> times;
        for (const auto& plan : plans) {
            auto measured = co_await measure(plan);
            if (!measured)
                co_return measured.error();
            if (ratio_of(*measured) > promise_.worst) {
                total_ += 2 * plan.unseen.size() + 1;
                auto again = co_await measure(plan);
                if (!again)
                    co_return again.error();
                // The lengths are seen by now, so only the control says what a hot pass costs: the firsts
                // stay.
                measured->controls.insert(measured->controls.end(), again->controls.begin(),
                                          again->controls.end());
                measured->firsts.insert(measured->firsts.end(), again->firsts.begin(), again->firsts.end());
            }
            times.push_back(std::move(*measured));
        }
        co_return judge(times);
    }

private:
    asio::awaitable<Result<LengthTimes>> measure(LengthPlan plan)
    {
        LengthTimes times{.rows = plan.rows, .length = plan.unseen.front(), .firsts = {}, .controls = {}};
        // The control's own first request is not counted.
        const auto seen = co_await request(plan.rows);
        if (!seen)
            co_return seen.error();
        for (std::size_t draw = 0; draw < plan.unseen.size(); ++draw) {
            // Which of the two comes first alternates, so that drift favours neither.
            const bool control_leads = draw % 2 == 1;
            const auto leader = co_await request(control_leads ? plan.rows : plan.unseen[draw]);
            if (!leader)
                co_return leader.error();
            const auto follower = co_await request(control_leads ? plan.unseen[draw] : plan.rows);
            if (!follower)
                co_return follower.error();
            times.firsts.push_back(control_leads ? *follower : *leader);
            times.controls.push_back(control_leads ? *leader : *follower);
        }
        co_return times;
    }

    // The time of one request of this many tokens on a fresh connection, in µs.
    asio::awaitable<Result<std::uint64_t>> request(std::uint64_t length)
    {
        asio::steady_timer pause{executor_, options_.pause};
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));

        ipc::TokenIds ids(length);
        std::uniform_int_distribution<std::int32_t> draw{0,
                                                         static_cast<std::int32_t>(options_.vocabulary - 1)};
        std::generate(ids.begin(), ids.end(), [&] { return draw(random_); });
        ipc::EmbedRequest embed;
        embed.inputs.emplace_back(std::move(ids));
        ipc::Request asked;
        asked.operation = std::move(embed);
        asked.client = options_.token;
        ipc::Client::Options target{
            .socket = options_.socket, .timeout = std::chrono::seconds{60}, .name = {}};

        ipc::AsyncClient client{executor_, std::move(target)};
        const auto begun = steady_clock::now();
        const auto answer = co_await client.call(std::move(asked));
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun);
        if (!answer)
            co_return Failure{ExitCode::failure,
                              "warmup.verify: a request failed: " + answer.error().error.message};
        if (progress_)
            progress_(++done_, total_);
        co_return static_cast<std::uint64_t>(took.count());
    }

    asio::any_io_executor executor_;
    VerifyOptions options_;
    WarmUpPromise promise_;
    WarmUpProgress progress_;
    std::mt19937_64 random_;
    std::uint64_t done_ = 0;
    std::uint64_t total_ = 0;
};

} // namespace

std::vector<LengthPlan> plan_lengths(const VerifyOptions& options)
{
    // Rungs that one input can fill, and those below them that leave a length between.
    std::vector<LengthPlan> candidates;
    std::uint64_t below = 0;
    for (const auto rung : options.rungs) {
        if (rung > options.longest_input)
            break;
        LengthPlan plan{.rows = rung, .unseen = {}};
        for (auto length = below + 1; length < rung && plan.unseen.size() < options.draws; ++length)
            plan.unseen.push_back(length);
        if (!plan.unseen.empty())
            candidates.push_back(std::move(plan));
        below = rung;
    }
    if (candidates.size() <= options.lengths)
        return candidates;
    // One by chance from each of as many bands of equal ratio: all sizes are tried, and since most bands lie
    // among the short lengths, where a cold shape is the largest share of a request, the proof stays brief.
    std::mt19937_64 random{options.seed};
    const auto first = static_cast<double>(candidates.front().rows);
    const auto ratio = static_cast<double>(candidates.back().rows) / first;
    std::vector<LengthPlan> drawn;
    auto from = candidates.begin();
    for (std::size_t band = 1; band <= options.lengths; ++band) {
        const auto share = static_cast<double>(band) / static_cast<double>(options.lengths);
        const auto most = static_cast<std::uint64_t>(std::llround(first * std::pow(ratio, share)));
        const auto to =
            std::find_if(from, candidates.end(), [most](const LengthPlan& plan) { return plan.rows > most; });
        std::sample(from, to, std::back_inserter(drawn), 1, random);
        from = to;
    }
    return drawn;
}

VerifyReport judge(std::span<const LengthTimes> lengths)
{
    VerifyReport report;
    std::vector<double> ratios;
    for (const auto& times : lengths) {
        ratios.push_back(ratio_of(times));
        report.ratio_worst = std::max(report.ratio_worst, ratios.back());
        report.cells.push_back({.stage = "verify",
                                .task = "embed",
                                .rows = times.rows,
                                .length = times.length,
                                .rounds = times.firsts.size(),
                                .first_us = median_us(times.firsts),
                                .control_us = median_us(times.controls),
                                .steady_us = {}});
    }
    report.ratio = median(ratios);
    return report;
}

asio::awaitable<Result<VerifyReport>> verify_warm_up(asio::any_io_executor executor, VerifyOptions options,
                                                     WarmUpPromise promise, WarmUpProgress progress)
{
    Verification verification{std::move(executor), std::move(options), promise, std::move(progress)};
    co_return co_await verification.run();
}

} // namespace embedd::daemon

#include "ipc/reply.hpp"
#include "tests/console/embedctl_process.hpp"
#include "tests/ipc/test_server.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace embedd::console {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

ipc::WarmUpRecord warm_up(const std::string& started, double ratio, const std::string& model = "mini")
{
    ipc::WarmUpRecord record;
    record.model = model;
    record.dtype = "bfloat16";
    record.report.started = started;
    record.report.ratio = ratio;
    record.report.ratio_worst = ratio + 0.1;
    return record;
}

// A daemon that gives one answer to all that is asked.
class Daemon {
public:
    explicit Daemon(std::variant<ipc::Answer, ipc::Error> answer, std::vector<ipc::Progress> events = {})
        : server_([this, answer = std::move(answer), events = std::move(events)](ipc::Caller& caller, int) {
              while (const auto request = caller.next()) {
                  note(request->operation);
                  for (const auto& event : events)
                      caller.send(ipc::encode_frame(ipc::to_header(request->id, event)));
                  const auto header = std::visit(
                      [&](const auto& shape) { return ipc::to_header(request->id, shape); }, answer);
                  caller.send(ipc::encode_frame(header));
              }
          })
    {
    }

    Ran run(const std::string& words) const { return embedctl("--socket " + server_.path() + ' ' + words); }

    // What was asked last.
    template <class Request>
    Request asked() const
    {
        const std::scoped_lock lock{mutex_};
        return std::get<Request>(asked_.value());
    }

private:
    void note(const ipc::Operation& operation)
    {
        const std::scoped_lock lock{mutex_};
        asked_ = operation;
    }

    mutable std::mutex mutex_; // the server's thread writes what a test reads
    std::optional<ipc::Operation> asked_;
    ipc::TestServer server_; // last: its thread uses the others
};

ipc::WarmUpsReply three_warm_ups()
{
    return {.warmups = {warm_up("2026-01-01", 1.0), warm_up("2026-01-02", 9, "other"),
                        warm_up("2026-01-03", 1.15)}};
}

TEST(WarmUpsCommand, ListsThePastNewestLast)
{
    const Daemon daemon{three_warm_ups()};

    const auto all = daemon.run("warmups");
    const auto newest = daemon.run("warmups -n 1");

    EXPECT_EQ(all.exit_code, 0) << all.output;
    EXPECT_THAT(all.output, HasSubstr("\n3  2026-01-01"));
    EXPECT_THAT(all.output, HasSubstr("\n1  2026-01-03"));
    EXPECT_EQ(std::count(newest.output.begin(), newest.output.end(), '\n'), 2);
}

TEST(WarmUpsCommand, PrintsTheDaemonsListUnchanged)
{
    const auto warm_ups = three_warm_ups();
    const Daemon daemon{warm_ups};

    const auto list = nlohmann::json::parse(daemon.run("warmups --json").output);

    ASSERT_EQ(list.size(), 3U);
    EXPECT_EQ(list[1], ipc::to_json(warm_ups.warmups[1]));
}

TEST(WarmUpsCommand, ComparesTheNewestTwoOfOneModelOrThoseThatAreNumbered)
{
    const Daemon daemon{three_warm_ups()};

    EXPECT_THAT(daemon.run("warmups --compare").output, StartsWith("a  2026-01-01 start"));
    EXPECT_THAT(daemon.run("warmups --compare").output, HasSubstr("\nb  2026-01-03 start"));
    EXPECT_THAT(daemon.run("warmups --compare 1 2").output, StartsWith("a  2026-01-03 start"));
    EXPECT_THAT(daemon.run("warmups --compare 1 2").output, HasSubstr("\nb  2026-01-02 start"));
}

TEST(WarmUpsCommand, SaysWhyItCannotCompare)
{
    const Daemon one{ipc::WarmUpsReply{.warmups = {warm_up("2026-01-01", 1)}}};
    const Daemon none{ipc::WarmUpsReply{}};

    const auto alone = one.run("warmups --compare");
    const auto unknown = one.run("warmups --compare 1 2");

    EXPECT_EQ(alone.exit_code, 1);
    EXPECT_EQ(alone.output,
              "embedctl: no earlier warm-up of mini bfloat16 is known: name two with --compare A B, "
              "numbered as embedctl warmups lists them\n");
    EXPECT_EQ(unknown.exit_code, 1);
    EXPECT_EQ(unknown.output, "embedctl: there is no warm-up 2: the numbers go from 1, the newest, to 1\n");
    EXPECT_EQ(none.run("warmups --compare").exit_code, 1);
}

TEST(WarmUpsCommand, HoldsTheNewestToTheBoundsOfAUsersOwnTests)
{
    const Daemon daemon{three_warm_ups()};

    const auto kept = daemon.run("warmups --assert-ratio 1.2");
    const auto broken = daemon.run("warmups --assert-ratio 1.1");
    const auto worst = daemon.run("warmups --assert-ratio 1.2 --assert-worst 1.2");

    EXPECT_EQ(kept.exit_code, 0);
    EXPECT_THAT(kept.output, HasSubstr("ratio 1.150 (at most 1.200), worst 1.250 (at most 1.500)\n"));
    EXPECT_EQ(broken.exit_code, 1);
    EXPECT_THAT(broken.output, StartsWith("embedctl: the warm-up of mini bfloat16 at 2026-01-03 is above"));
    EXPECT_EQ(worst.exit_code, 1);
}

ipc::RewarmReply rewarmed(const std::string& result)
{
    ipc::RewarmReply reply{.dry_run = false, .replicas = {0}, .cells = 4, .estimate_us = {}, .report = {}};
    reply.report.emplace().result = result;
    return reply;
}

TEST(RewarmCommand, ShowsHowFarItIsAndThenTheReport)
{
    const Daemon daemon{rewarmed("done"),
                        {{.replica = 0, .done = 2, .total = 4, .rows = 8},
                         {.replica = 0, .done = 4, .total = 4, .rows = 16}}};

    const auto ran = daemon.run("rewarm --task embed --lengths 8,1048576");

    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_EQ(ran.output, "replica 0: 2 of 4 visits, 50 %, 8 rows\n"
                          "replica 0: 4 of 4 visits, 100 %, 16 rows\n"
                          "re-warm done in 0 µs: replica 0, 4 cells\n");
    const ipc::RewarmRequest asked{.task = "embed", .lengths = {8, 1'048'576}, .dry_run = false};
    EXPECT_EQ(daemon.asked<ipc::RewarmRequest>(), asked);
}

TEST(RewarmCommand, OnlySaysWhatItWouldDoInADryRun)
{
    const Daemon daemon{
        ipc::RewarmReply{.dry_run = true, .replicas = {0}, .cells = 4, .estimate_us = 2'000, .report = {}}};

    const auto ran = daemon.run("rewarm --dry-run");

    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_EQ(ran.output, "would re-warm replica 0, 4 cells, in about 2.00 ms\n");
    EXPECT_TRUE(daemon.asked<ipc::RewarmRequest>().dry_run);
}

TEST(RewarmCommand, PrintsTheReportAsJson)
{
    const auto shown = nlohmann::json::parse(Daemon{rewarmed("done")}.run("rewarm --json").output);

    EXPECT_EQ(shown["cells"], 4);
    EXPECT_EQ(shown["report"]["result"], "done");
    EXPECT_FALSE(shown.contains("id"));
}

TEST(RewarmCommand, EndsWithOneUnlessItWasDone)
{
    const std::map<std::string, int> exit_codes{
        {"done", 0}, {"unproven", 0}, {"missed", 1}, {"cancelled", 1}, {"failed", 1}};
    for (const auto& [result, exit_code] : exit_codes)
        EXPECT_EQ(Daemon{rewarmed(result)}.run("rewarm").exit_code, exit_code) << result;
}

TEST(RewarmCommand, SaysThatItIsForAdministrators)
{
    const Daemon daemon{ipc::Error{ipc::ErrorType::forbidden, "rewarm is for administrators", {}}};

    const auto ran = daemon.run("rewarm");

    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_EQ(ran.output, "embedctl: rewarm is for administrators (forbidden)\n");
}

TEST(MetricsCommand, PrintsTheTextWithoutWhatATerminalWouldObey)
{
    const Daemon daemon{ipc::MetricsReply{.text = "# TYPE a counter\na{client=\"\x1b[2J\"} 1\n\nb 2\n"}};

    const auto ran = daemon.run("metrics");

    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_EQ(ran.output, "# TYPE a counter\na{client=\"\\x1B[2J\"} 1\n\nb 2\n");
}

TEST(WarmUpCommands, RefuseWordsTheyCannotTake)
{
    for (const auto* words :
         {"warmups -n 0", "warmups --compare 1", "warmups --compare one two", "warmups --compare 1 2 3",
          "warmups --json --compare", "warmups --assert-worst 2", "warmups --assert-ratio 0",
          "rewarm --lengths ''", "rewarm --lengths 8,", "rewarm --lengths 0", "rewarm --lengths 1048577",
          "rewarm --lengths 8:9", "rewarm --lengths -8", "metrics --json"})
        EXPECT_EQ(embedctl(std::string{"--socket /tmp/embedd-nobody/s "} + words).exit_code, 2) << words;
}

TEST(WarmUpCommands, TellARefusalThatPassesAndAnAbsentDaemonApart)
{
    const Daemon starting{ipc::Error{ipc::ErrorType::not_ready, "still loading", {}}};
    for (const std::string command :
         {"warmups", "warmups --json", "warmups --assert-ratio 1", "rewarm", "metrics"}) {
        EXPECT_EQ(starting.run(command).exit_code, 3) << command;
        EXPECT_EQ(embedctl("--socket /tmp/embedd-nobody/s " + command).exit_code, 4) << command;
    }
}

} // namespace
} // namespace embedd::console

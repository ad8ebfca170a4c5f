#include "tests/daemon/front/daemon_process.hpp"
#include "tests/daemon/front/raw_client.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdlib.h>

namespace embedd::daemon {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;

// A state directory that outlives the daemons of a test.
class WarmUp : public testing::Test {
protected:
    WarmUp() { EXPECT_NE(::mkdtemp(state_.data()), nullptr); }
    ~WarmUp() override { std::filesystem::remove_all(state_); }

    std::string state_ = "/tmp/embedd-XXXXXX";
};

ipc::Status status_of(const DaemonProcess& daemon)
{
    return daemon.client().status()->status;
}

bool warned(const ipc::Status& status, const std::string& of)
{
    return std::ranges::any_of(status.events, [&](const ipc::Event& event) {
        return event.level == "warning" && event.text.find(of) != std::string::npos;
    });
}

// Waits until the daemon says something of itself.
bool comes_to(const DaemonProcess& daemon, const std::function<bool(const ipc::Status&)>& state)
{
    auto client = daemon.client();
    return eventually([&] {
        const auto status = client.status();
        return status && state(status->status);
    });
}

// A request of so many tokens.
std::string ids(std::size_t tokens)
{
    std::string text = R"({"id":1,"op":"embed","inputs":[[)";
    for (std::size_t token = 0; token < tokens; ++token)
        text += (token == 0 ? "" : ",") + std::to_string(1000 + token);
    return text + "]]}";
}

TEST_F(WarmUp, OfAShapeThatIsSlowAtFirstKeepsThePromise)
{
    DaemonProcess daemon({.faults = {"slow-first-40", "slow-first-112", "visits"}});
    ASSERT_TRUE(daemon.wait_until_ready());

    EXPECT_THAT(daemon.visits(), Contains(HasSubstr("rows=40 ")));
    EXPECT_EQ(status_of(daemon).warmup.last->result, "done");
    EXPECT_EQ(status_of(daemon).warmup.cold_hits.total, 0U);
}

TEST_F(WarmUp, ReportsItsFourStages)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    const auto report = *status_of(daemon).warmup.last;

    for (const auto* stage : {"lengths", "memory", "concurrency", "verify"})
        EXPECT_THAT(report.cells, Contains(testing::Field(&ipc::WarmUpCell::stage, stage)));
    EXPECT_TRUE(report.stable);
    EXPECT_GT(report.max_batch_tokens.value_or(0), 0U);
    EXPECT_GT(report.memory_available_bytes.value_or(0), 0U);
    EXPECT_GE(report.memory_after_bytes, report.memory_before_bytes);
}

TEST_F(WarmUp, ThatCannotKeepItsPromiseIsWarnedAboutLoudly)
{
    DaemonProcess daemon({.arguments = {"--warmup-budget", "100ms"}, .faults = {"slow-off-rung"}});
    ASSERT_TRUE(daemon.wait_until_ready());

    const auto status = status_of(daemon);
    EXPECT_EQ(status.warmup.last->result, "missed");
    EXPECT_EQ(status.warmup.state, "failed");
    EXPECT_GT(status.warmup.last->ratio_worst, 1.5);
    EXPECT_TRUE(warned(status, "keeps not its promise"));
    EXPECT_TRUE(status.serving);
}

TEST_F(WarmUp, ThatCannotKeepItsPromiseStaysFailedUnderTheStrictGateAndTriesAgain)
{
    DaemonProcess daemon(
        {.arguments = {"--warmup-budget", "100ms", "--warmup-gate", "strict"}, .faults = {"slow-off-rung"}});
    ASSERT_TRUE(comes_to(daemon, [](const ipc::Status& status) { return status.state == "failed"; }));
    EXPECT_FALSE(daemon.said("READY=1"));
    EXPECT_FALSE(daemon.client().health()->ready);
    EXPECT_TRUE(daemon.client().health()->live);

    daemon.end_fault("slow-off-rung");

    ASSERT_TRUE(daemon.wait_until_ready());
    EXPECT_EQ(status_of(daemon).warmup.last->result, "done");
}

TEST_F(WarmUp, WhoseBudgetIsSpentTooSoonSaysSo)
{
    DaemonProcess daemon({.arguments = {"--warmup-budget", "1ms"}, .faults = {"slow-first-8"}});
    ASSERT_TRUE(daemon.wait_until_ready());

    EXPECT_EQ(status_of(daemon).warmup.last->result, "missed");
    EXPECT_TRUE(warned(status_of(daemon), "--warmup-budget"));
}

TEST_F(WarmUp, TellsWhatGoesWrongOnTheWayAndAnswersWhoAsks)
{
    DaemonProcess daemon({.faults = {"die-at-visit"}});
    ASSERT_TRUE(comes_to(daemon, [](const ipc::Status& status) {
        return status.reason.find("SIGKILL") != std::string::npos;
    }));
    EXPECT_FALSE(daemon.client().health()->ready);
    EXPECT_FALSE(daemon.said("READY=1"));

    daemon.end_fault("die-at-visit");

    ASSERT_TRUE(daemon.wait_until_ready());
    EXPECT_EQ(status_of(daemon).reason, "");
}

TEST_F(WarmUp, OfNumbersThatAreNotFiniteNeverBecomesReady)
{
    DaemonProcess daemon({.faults = {"nan-visit"}});
    ASSERT_TRUE(comes_to(daemon, [](const ipc::Status& status) { return status.counters.restarts > 1; }));
    EXPECT_FALSE(daemon.said("READY=1"));

    daemon.end_fault("nan-visit");

    ASSERT_TRUE(daemon.wait_until_ready());
}

TEST_F(WarmUp, LowersTheTokenBudgetWhereMemoryEnds)
{
    DaemonProcess daemon({.faults = {"oom-above-100"}});
    ASSERT_TRUE(daemon.wait_until_ready());

    EXPECT_EQ(status_of(daemon).batch.max_tokens, 96U);
    EXPECT_TRUE(warned(status_of(daemon), "out of memory"));
}

TEST_F(WarmUp, VisitsInTheNextStartWhatWasColdInThisOne)
{
    {
        DaemonProcess daemon({.state = state_});
        ASSERT_TRUE(daemon.wait_until_ready());
        daemon.set_fault("cold-40");
        RawClient client(daemon.socket());
        client.send_frame(ids(37));
        ASSERT_TRUE(client.answer());
        const auto cold = status_of(daemon).warmup.cold_hits;
        EXPECT_EQ(cold.total, 1U);
        ASSERT_EQ(cold.recent.size(), 1U);
        EXPECT_EQ(cold.recent.front().length, 37U);
    }
    DaemonProcess next({.faults = {"visits"}, .state = state_});
    ASSERT_TRUE(next.wait_until_ready());

    EXPECT_THAT(next.visits(), Contains(HasSubstr("rows=40 length=37 ")));
}

TEST_F(WarmUp, IsRememberedOverStarts)
{
    for (int start = 0; start < 2; ++start) {
        DaemonProcess daemon({.state = state_});
        ASSERT_TRUE(daemon.wait_until_ready());
        const auto records = daemon.client().warm_ups();
        ASSERT_TRUE(records) << records.error().error.message;
        ASSERT_EQ(records->warmups.size(), static_cast<std::size_t>(start + 1));
        const auto& last = records->warmups.back();
        EXPECT_EQ(last.kind, "start");
        EXPECT_EQ(last.model, "fake");
        EXPECT_TRUE(last.to_ready_us);
        EXPECT_TRUE(last.phases_us.contains("warmup.verify"));
        EXPECT_TRUE(last.report.ratio);
    }
}

TEST_F(WarmUp, OfAStartMuchSlowerThanUsualIsWarnedAbout)
{
    std::ofstream history{state_ + "/warmups.jsonl"};
    for (int start = 0; start < 3; ++start)
        history << R"({"kind":"start","fingerprint":"fake","dtype":"float32","to_ready_us":1000,"report":{}})"
                << '\n';
    history.close();
    DaemonProcess daemon({.state = state_});
    ASSERT_TRUE(daemon.wait_until_ready());

    EXPECT_TRUE(comes_to(daemon, [](const ipc::Status& status) { return warned(status, "usual are 1 ms"); }));
}

TEST_F(WarmUp, IsNotKeptFromItsStartByADamagedHistory)
{
    std::ofstream{state_ + "/warmups.jsonl"} << "{\"report\": {\"cells\": 5}}\n\xff\xfe{{{\n[]\n";
    std::ofstream{state_ + "/cold_shapes.jsonl"} << std::string(1 << 20, '[');
    DaemonProcess daemon({.state = state_});
    ASSERT_TRUE(daemon.wait_until_ready());

    EXPECT_EQ(daemon.client().warm_ups()->warmups.size(), 1U) << "the start that is just over";
}

TEST_F(WarmUp, ThatCannotBeKeptIsWarnedAboutAndServes)
{
    std::filesystem::create_symlink("/dev/full", state_ + "/warmups.jsonl.new");
    DaemonProcess daemon({.state = state_});
    ASSERT_TRUE(daemon.wait_until_ready());

    EXPECT_TRUE(comes_to(daemon, [](const ipc::Status& status) { return warned(status, "warmups.jsonl"); }));
    EXPECT_TRUE(status_of(daemon).serving);
    EXPECT_EQ(daemon.client().warm_ups()->warmups.size(), 1U);
}

TEST_F(WarmUp, LeftOutKeepsColdRequestsApartAndSaysWhatItWouldHaveSaved)
{
    DaemonProcess daemon({.arguments = {"--warmup", "false"}});
    ASSERT_TRUE(daemon.wait_until_ready());
    RawClient client(daemon.socket());
    for (int time = 0; time < 3; ++time) {
        client.send_frame(ids(37));
        ASSERT_TRUE(client.answer());
    }

    const auto status = status_of(daemon);
    const auto& stages = status.latency.at("embed");
    EXPECT_EQ(stages.at("total_cold").count, 1U);
    EXPECT_EQ(stages.at("forward_cold").count, 1U);
    EXPECT_EQ(stages.at("total").count, 2U);
    ASSERT_TRUE(status.warmup.cold_start);
    EXPECT_EQ(status.warmup.cold_start->shapes, 1U);
    EXPECT_EQ(status.warmup.state, "skipped");
}

TEST_F(WarmUp, OfALazyServiceBeginsWithTheFirstRequest)
{
    DaemonProcess daemon({.arguments = {"--load", "lazy"}});
    ASSERT_TRUE(daemon.wait_until_ready());
    EXPECT_TRUE(status_of(daemon).replicas.at(0).state == "dead") << "nothing is loaded";
    EXPECT_FALSE(daemon.client().health()->ready);
    EXPECT_THAT(status_of(daemon).reason, HasSubstr("first request"));

    RawClient client(daemon.socket());
    client.send_frame(ids(5));

    EXPECT_EQ(client.answer()->at("ok"), true);
    EXPECT_TRUE(daemon.client().health()->ready);
    EXPECT_EQ(status_of(daemon).warmup.last->result, "done");
}

TEST_F(WarmUp, PlanIsPrintedWithoutAService)
{
    const std::string command =
        "'" EMBEDD_PROGRAM "' --print-warmup-plan --lanes 2 --model '" EMBEDD_TEST_MODEL
        "' --worker '" EMBEDD_FAKE_WORKER "'";
    FILE* const output = ::popen(command.c_str(), "r");
    ASSERT_NE(output, nullptr);
    std::string text(1 << 16, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), output));
    EXPECT_EQ(::pclose(output), 0);

    for (const auto* part : {"fake", "lengths ", "memory ", "concurrency ", "verify ", "ladder",
                             "anchor, timed", "no earlier start", " cells, about "})
        EXPECT_THAT(text, HasSubstr(part));
}

TEST_F(WarmUp, AgainTellsItsStepsAndItsReport)
{
    DaemonProcess daemon({.state = state_});
    ASSERT_TRUE(daemon.wait_until_ready());
    const auto epoch = status_of(daemon).warmup.epoch;
    auto client = daemon.client();
    std::vector<ipc::Progress> events;

    const auto reply = client.rewarm({}, [&](const ipc::Progress& event) { events.push_back(event); });

    ASSERT_TRUE(reply) << reply.error().error.message;
    ASSERT_TRUE(reply->report);
    EXPECT_EQ(reply->report->result, "done");
    EXPECT_FALSE(reply->report->cells.empty());
    EXPECT_FALSE(events.empty());
    EXPECT_EQ(status_of(daemon).warmup.epoch, epoch + 1);
    EXPECT_EQ(status_of(daemon).state, "ready");
    EXPECT_EQ(client.warm_ups()->warmups.back().kind, "rewarm");
}

TEST_F(WarmUp, AgainIsPlannedWithoutBeingDone)
{
    DaemonProcess daemon({.faults = {"visits"}});
    ASSERT_TRUE(daemon.wait_until_ready());
    const auto before = daemon.visits().size();

    const auto reply = daemon.client().rewarm({.lengths = {37}, .dry_run = true}, {});

    ASSERT_TRUE(reply);
    EXPECT_TRUE(reply->dry_run);
    EXPECT_EQ(reply->cells, 2U);
    EXPECT_FALSE(reply->report);
    EXPECT_EQ(daemon.visits().size(), before);
}

TEST_F(WarmUp, AgainOfWhatTheModelDoesNotHaveIsRefused)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    EXPECT_EQ(daemon.client().rewarm({.task = "paint"}, {}).error().error.type, ipc::ErrorType::unsupported);
    EXPECT_EQ(daemon.client().rewarm({.lengths = {100'000}}, {}).error().error.type,
              ipc::ErrorType::bad_request);
}

TEST_F(WarmUp, AgainEndsWithItsClient)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("hold-warmup");
    {
        RawClient leaving(daemon.socket());
        leaving.send_frame(R"({"id":1,"op":"rewarm"})");
        ASSERT_TRUE(comes_to(daemon, [](const ipc::Status& status) { return status.state == "rewarming"; }));
    }
    EXPECT_TRUE(comes_to(daemon, [](const ipc::Status& status) { return status.state == "ready"; }));

    RawClient client(daemon.socket());
    client.send_frame(R"({"id":1,"op":"rewarm"})");
    ASSERT_TRUE(comes_to(daemon, [](const ipc::Status& status) { return status.state == "rewarming"; }));
    client.send_frame(R"({"id":2,"op":"cancel","target":1})");
    EXPECT_EQ(client.answer()->at("cancelled"), true);
    EXPECT_TRUE(comes_to(daemon, [](const ipc::Status& status) { return status.state == "ready"; }));
}

TEST_F(WarmUp, AgainIsAskedForByASignal)
{
    DaemonProcess daemon({.state = state_});
    ASSERT_TRUE(daemon.wait_until_ready());

    daemon.signal(SIGUSR1);

    auto client = daemon.client();
    EXPECT_TRUE(eventually([&] { return client.warm_ups()->warmups.back().kind == "rewarm"; }));
}

TEST_F(WarmUp, IsInTheMetrics)
{
    DaemonProcess daemon;
    ASSERT_TRUE(daemon.wait_until_ready());

    const auto text = daemon.client().metrics()->text;

    for (const auto* line : {"\nembedd_serving 1\n", "\nembedd_cold_hits_total{cause=\"rung\"} 0\n",
                             "\nembedd_warmup_first_request_ratio ", "\nembedd_batch_max_tokens "})
        EXPECT_THAT(text, HasSubstr(line));
}

} // namespace
} // namespace embedd::daemon

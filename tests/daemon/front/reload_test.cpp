#include "tests/daemon/front/daemon_process.hpp"
#include "tests/daemon/front/raw_client.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <stdlib.h>
#include <thread>

namespace embedd::daemon {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;

namespace fs = std::filesystem;

// A directory of models that a reload may take from.
class Reload : public testing::Test {
protected:
    Reload() { EXPECT_NE(::mkdtemp(models_.data()), nullptr); }
    ~Reload() override { fs::remove_all(models_); }

    // The tokenizer of the test model, and a name of its own for what the fake worker computes.
    std::string model(const std::string& name) const
    {
        const auto directory = fs::path(models_) / name;
        fs::create_directory(directory);
        fs::create_symlink(fs::path(EMBEDD_TEST_MODEL) / "tokenizer.json", directory / "tokenizer.json");
        std::ofstream(directory / "fingerprint") << name;
        return directory;
    }

    DaemonProcess::Settings settings(std::vector<std::string> more = {}) const
    {
        more.insert(more.end(), {"--models-allow", models_});
        return {.arguments = std::move(more)};
    }

    static ipc::Status status(const DaemonProcess& daemon) { return daemon.client().status()->status; }

    static std::size_t workers(const DaemonProcess& daemon)
    {
        const auto pid = std::to_string(daemon.pid());
        std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
        std::size_t count = 0;
        for (std::string child; children >> child;)
            ++count;
        return count;
    }

    static std::string fingerprint(const ipc::CallResult<ipc::Embeddings>& answer)
    {
        return answer ? answer->reply.model : answer.error().error.message;
    }

    std::string models_ = "/tmp/embedd-XXXXXX";
};

ipc::EmbedRequest hello()
{
    return {.inputs = {"hello"}};
}

TEST_F(Reload, ServesTheNewModelWithoutARefusalOnTheWay)
{
    const auto second = model("second");
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    std::atomic<bool> over = false;
    std::atomic<int> refused = 0, answered = 0;
    std::vector<std::thread> clients;
    for (int n = 0; n < 4; ++n)
        clients.emplace_back([&] {
            for (auto client = daemon.client(); !over; ++answered)
                if (!client.embed(hello()))
                    ++refused;
        });

    const auto reply = daemon.client().reload({.model = second}, [](const auto&) {});

    const int before = answered;
    EXPECT_TRUE(eventually([&] { return answered > before + 8; }));
    over = true;
    for (auto& client : clients)
        client.join();
    ASSERT_TRUE(reply) << reply.error().error.message;
    EXPECT_EQ(reply->generation, 2U);
    EXPECT_EQ(reply->fingerprint, "second");
    EXPECT_EQ(refused, 0);
    EXPECT_EQ(fingerprint(daemon.client().embed(hello())), "second");
    EXPECT_EQ(status(daemon).model->fingerprint, "second");
    EXPECT_EQ(status(daemon).reload.state, "done");
    EXPECT_TRUE(eventually([&] { return status(daemon).replicas.size() == 1; }));
    EXPECT_EQ(status(daemon).replicas[0].model_generation, 2U);
    EXPECT_TRUE(eventually([&] { return workers(daemon) == 1; })) << "the old worker is still there";
}

TEST_F(Reload, BindsARequestToTheModelItWasTokenisedFor)
{
    const auto second = model("second");
    DaemonProcess daemon(settings({"--lanes", "1"}));
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("hold-batch");
    RawClient before(daemon.socket()), after(daemon.socket());
    before.send_frame(R"({"id":1,"op":"embed","inputs":["one","two"]})");
    before.send_frame(R"({"id":2,"op":"embed","inputs":["waits behind it"]})");
    ASSERT_TRUE(eventually([&] { return !daemon.batches().empty(); }));

    ASSERT_TRUE(daemon.client().reload({.model = second}, [](const auto&) {}));
    after.send_frame(R"({"id":3,"op":"embed","inputs":["hello"]})");
    EXPECT_EQ(status(daemon).replicas.size(), 2U);
    daemon.end_fault("hold-batch");

    EXPECT_EQ(before.answer()->at("model"), "fake");
    EXPECT_EQ(before.answer()->at("model"), "fake");
    EXPECT_EQ(after.answer()->at("model"), "second");
    EXPECT_TRUE(eventually([&] { return workers(daemon) == 1; }));
}

TEST_F(Reload, WaitsForAllReplicasOfTheNewModel)
{
    const auto second = model("second");
    DaemonProcess daemon(settings({"--replicas", "3"}));
    ASSERT_TRUE(daemon.wait_until_ready());

    ASSERT_TRUE(daemon.client().reload({.model = second}, [](const auto&) {}));

    std::size_t serve = 0;
    for (const auto& replica : status(daemon).replicas)
        serve +=
            replica.model_generation == 2 && (replica.state == "ready" || replica.state == "busy") ? 1 : 0;
    EXPECT_EQ(serve, 3U);
    EXPECT_TRUE(eventually([&] { return workers(daemon) == 3; }));
}

TEST_F(Reload, TellsItsStepsAndTheServiceManager)
{
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    std::vector<std::string> steps;

    const auto reply =
        daemon.client().reload({}, [&](const ipc::Progress& progress) { steps.push_back(progress.step); });

    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->model, status(daemon).model->path);
    ASSERT_TRUE(reply->report);
    EXPECT_EQ(reply->report->result, "done");
    for (const auto* step : {"tokenizer", "weights.read", "warmup", "switch"})
        EXPECT_THAT(steps, Contains(step));
    EXPECT_TRUE(eventually([&] { return daemon.said("RELOADING=1"); }));
    EXPECT_TRUE(daemon.said("MONOTONIC_USEC="));
    const auto history = daemon.client().warm_ups()->warmups;
    EXPECT_EQ(history.back().kind, "reload");
}

TEST_F(Reload, OfTheSameModelKeepsWhatWasMeasuredInQuiet)
{
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    const auto before = status(daemon).batch.max_tokens;

    ASSERT_TRUE(daemon.client().reload({}, [](const auto&) {}));

    EXPECT_EQ(status(daemon).batch.max_tokens, before);
}

TEST_F(Reload, ThatFailsLeavesTheModelBeforeServing)
{
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("bad-model");

    const auto reply = daemon.client().reload({}, [](const auto&) {});

    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().error.type, ipc::ErrorType::bad_request);
    EXPECT_THAT(reply.error().error.message, HasSubstr("config.json"));
    EXPECT_EQ(status(daemon).reload.state, "failed");
    EXPECT_THAT(status(daemon).reload.reason, HasSubstr("config.json"));
    EXPECT_EQ(status(daemon).state, "ready");
    EXPECT_EQ(fingerprint(daemon.client().embed(hello())), "fake");
    EXPECT_TRUE(eventually([&] { return workers(daemon) == 1 && status(daemon).replicas.size() == 1; }));
    daemon.end_fault("bad-model");
    EXPECT_TRUE(daemon.client().reload({}, [](const auto&) {}))
        << "a failure stands in the way of the next one";
}

TEST_F(Reload, RefusesAModelWithoutATokenizer)
{
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    const auto empty = fs::path(models_) / "empty";
    fs::create_directory(empty);

    const auto reply = daemon.client().reload({.model = empty}, [](const auto&) {});

    ASSERT_FALSE(reply);
    EXPECT_THAT(reply.error().error.message, HasSubstr("tokenizer.json"));
    EXPECT_EQ(fingerprint(daemon.client().embed(hello())), "fake");
}

TEST_F(Reload, TakesNoModelButTheAllowedOnes)
{
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    auto client = daemon.client();
    fs::create_directory_symlink("/etc", fs::path(models_) / "escape");

    for (const auto& path :
         {std::string("/etc"), models_ + "/../../etc", models_ + "/escape", models_ + "-other"})
        EXPECT_EQ(client.reload({.model = path}, [](const auto&) {}).error().error.type,
                  path.ends_with("-other") ? ipc::ErrorType::bad_request : ipc::ErrorType::forbidden)
            << path;
    for (const auto& path : {std::string("relative"), models_ + "/absent"})
        EXPECT_EQ(client.reload({.model = path}, [](const auto&) {}).error().error.type,
                  ipc::ErrorType::bad_request)
            << path;
    EXPECT_EQ(status(daemon).reload.state, "none");
}

TEST_F(Reload, LooksForRoomFirst)
{
    const auto huge = model("huge");
    std::ofstream(huge + "/model.safetensors").flush();
    fs::resize_file(huge + "/model.safetensors", 8ULL << 40U); // of holes
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());

    const auto reply = daemon.client().reload({.model = huge}, [](const auto&) {});
    const auto asked = daemon.client().reload({.model = huge, .dry_run = true}, [](const auto&) {});

    EXPECT_EQ(reply.error().error.type, ipc::ErrorType::insufficient_memory);
    EXPECT_THAT(reply.error().error.message, HasSubstr("MiB"));
    EXPECT_EQ(asked.error().error.type, ipc::ErrorType::insufficient_memory);
}

TEST_F(Reload, OnlySaysWhatItWouldDoWhereThatIsAskedFor)
{
    const auto second = model("second");
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());

    const auto reply = daemon.client().reload({.model = second, .dry_run = true}, [](const auto&) {});

    ASSERT_TRUE(reply);
    EXPECT_TRUE(reply->dry_run);
    EXPECT_GT(reply->needed_bytes.value_or(0), 0U);
    EXPECT_EQ(status(daemon).reload.state, "none");
    EXPECT_EQ(workers(daemon), 1U);
}

TEST_F(Reload, RunsOneAtATimeAndGoesOnWhenWhoAskedLeaves)
{
    const auto second = model("second");
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("hold-warmup");
    {
        RawClient leaves(daemon.socket());
        leaves.send_frame(R"({"id":1,"op":"reload","model":")" + second + "\"}");
        ASSERT_TRUE(eventually([&] { return status(daemon).state == "reloading"; }));
    }

    const auto other = daemon.client().reload({}, [](const auto&) {});
    const auto rewarm = daemon.client().rewarm({}, [](const auto&) {});
    EXPECT_TRUE(status(daemon).serving);
    daemon.end_fault("hold-warmup");

    EXPECT_EQ(other.error().error.type, ipc::ErrorType::overloaded);
    EXPECT_EQ(rewarm.error().error.type, ipc::ErrorType::overloaded);
    EXPECT_TRUE(eventually([&] { return status(daemon).reload.state == "done"; }));
    EXPECT_EQ(fingerprint(daemon.client().embed(hello())), "second");
}

TEST_F(Reload, WaitsForTheFirstStart)
{
    DaemonProcess daemon({.faults = {"hold-warmup"}});
    ASSERT_TRUE(eventually([&] { return daemon.client().status().has_value(); }));

    const auto reply = daemon.client().reload({}, [](const auto&) {});

    EXPECT_EQ(reply.error().error.type, ipc::ErrorType::not_ready);
}

TEST_F(Reload, SurvivesAWorkerThatDiesOnTheWay)
{
    const auto second = model("second");
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("die-at-visit-once");

    const auto reply = daemon.client().reload({.model = second}, [](const auto&) {});

    ASSERT_TRUE(reply) << reply.error().error.message;
    EXPECT_EQ(fingerprint(daemon.client().embed(hello())), "second");
}

TEST_F(Reload, InPlaceHoldsClientsUntilTheNewModelServes)
{
    const auto second = model("second");
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("hold-warmup");
    RawClient admin(daemon.socket()), client(daemon.socket());
    admin.send_frame(R"({"id":1,"op":"reload","in_place":true,"model":")" + second + "\"}");
    ASSERT_TRUE(eventually([&] {
        const auto now = status(daemon);
        return now.state == "reloading" && !now.serving && now.replicas.back().model_generation == 2;
    }));
    EXPECT_EQ(workers(daemon), 1U) << "two models are in memory";
    client.send_frame(R"({"id":1,"op":"embed","inputs":["hello"]})");
    client.send_frame(R"({"id":2,"op":"health"})");
    EXPECT_EQ(client.answer()->at("ready"), false);

    daemon.end_fault("hold-warmup");

    EXPECT_EQ(client.answer()->at("model"), "second");
    EXPECT_TRUE(status(daemon).serving);
}

TEST_F(Reload, InPlaceThatFailsBringsTheModelBeforeBack)
{
    const auto bad = fs::path(models_) / "bad";
    fs::create_directory(bad);
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());

    const auto reply = daemon.client().reload({.model = bad, .in_place = true}, [](const auto&) {});

    EXPECT_FALSE(reply);
    EXPECT_EQ(fingerprint(daemon.client().embed(hello())), "fake");
    EXPECT_EQ(status(daemon).reload.state, "failed");
}

TEST_F(Reload, FollowsSighup)
{
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());

    daemon.signal(SIGHUP);

    EXPECT_TRUE(eventually([&] { return status(daemon).reload.state == "done"; }));
}

TEST_F(Reload, DoesNotHoldUpTheEndOfTheService)
{
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    daemon.set_fault("hold-warmup");
    RawClient admin(daemon.socket());
    admin.send_frame(R"({"id":1,"op":"reload"})");
    ASSERT_TRUE(eventually([&] { return status(daemon).state == "reloading"; }));

    daemon.signal(SIGTERM);

    EXPECT_EQ(daemon.wait_for_exit(), 0);
}

TEST_F(Reload, ManyTimesLeavesNothingBehind)
{
    const std::vector<std::string> two{model("first"), model("second")};
    DaemonProcess daemon(settings());
    ASSERT_TRUE(daemon.wait_until_ready());
    ASSERT_TRUE(daemon.client().reload({.model = two[1]}, [](const auto&) {}));
    ASSERT_TRUE(eventually([&] { return workers(daemon) == 1; }));
    const auto descriptors = daemon.descriptors();

    for (std::size_t n = 0; n < 10; ++n)
        ASSERT_TRUE(daemon.client().reload({.model = two[n % 2]}, [](const auto&) {}));

    EXPECT_TRUE(eventually([&] { return workers(daemon) == 1 && daemon.descriptors() <= descriptors; }));
    EXPECT_EQ(status(daemon).replicas.size(), 1U);
}

} // namespace
} // namespace embedd::daemon

#include "daemon/worker.hpp"

#include "daemon/processors.hpp"

#include "tests/daemon/edges/temporary_directory.hpp"
#include "tests/fake_worker/fake_vectors.hpp"

#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <sstream>
#include <vector>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr auto patience = 30s;

// A worker, what it said and how it ended. The environment of a test is its own process's.
class Workers : public testing::Test {
protected:
    Workers()
    {
        std::filesystem::create_directory(control_ / "faults");
        ::setenv("EMBEDD_FAKE_CONTROL", (control_ / "faults").c_str(), 1);
    }
    ~Workers() override { ::unsetenv("EMBEDD_FAKE_CONTROL"); }

    void fault(const std::string& name) { control_.write("faults/" + name, ""); }

    void spawn(const std::string& program, std::vector<std::string> arguments, std::vector<int> cpus = {})
    {
        Worker::Events events;
        events.on_message = [this](ipc::WorkerMessage message, std::vector<std::byte> payload) {
            messages_.push_back(std::move(message));
            payloads_.push_back(std::move(payload));
        };
        events.on_end = [this](WorkerEnd end) {
            ++ends_;
            end_ = std::move(end);
        };
        auto spawned = Worker::spawn(
            io_.get_executor(),
            {.program = program, .arguments = std::move(arguments), .cpus = std::move(cpus)}, events);
        ASSERT_TRUE(spawned) << spawned.error().message;
        worker_ = std::move(*spawned);
    }

    void spawn_fake() { spawn(FAKE_WORKER, {"--channel", "3", "--model", "/m", "--lanes", "2"}); }

    // What a shell script writes to its channel's file is not ours to read: it writes into a file.
    std::string output_of(const std::string& script, std::vector<int> cpus = {})
    {
        const auto file = control_ / "output";
        spawn("/bin/sh", {"-c", "exec > '" + file.string() + "'; " + script}, std::move(cpus));
        run_to_end();
        std::stringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }

    template <class Condition>
    [[nodiscard]] bool run_until(Condition condition)
    {
        const auto limit = std::chrono::steady_clock::now() + patience;
        while (!condition() && std::chrono::steady_clock::now() < limit) {
            io_.restart();
            io_.run_one_for(100ms);
        }
        return condition();
    }

    void run_to_end()
    {
        ASSERT_TRUE(run_until([this] { return ends_ > 0; }));
    }

    template <class Message>
    [[nodiscard]] const Message* heard() const
    {
        for (const auto& message : messages_) {
            if (const auto* found = std::get_if<Message>(&message))
                return found;
        }
        return nullptr;
    }

    template <class Message>
    [[nodiscard]] bool hears()
    {
        return run_until([this] { return heard<Message>() != nullptr; });
    }

    TemporaryDirectory control_;
    boost::asio::io_context io_;
    std::vector<ipc::WorkerMessage> messages_;
    std::vector<std::vector<std::byte>> payloads_;
    int ends_ = 0;
    WorkerEnd end_;
    std::unique_ptr<Worker> worker_; // before what its callbacks touch goes
};

TEST_F(Workers, LoadsVisitsAShapeAndComputesABatch)
{
    const std::vector<std::int32_t> ids{101, 7, 102};
    const std::vector<std::span<const std::int32_t>> inputs{ids};

    spawn_fake();
    ASSERT_TRUE(hears<ipc::Loaded>());
    worker_->send(ipc::VisitShape{.batch = 4, .rows = 8, .length = 8});
    ASSERT_TRUE(hears<ipc::Visited>());
    worker_->send(ipc::RunBatch{.batch = 5, .inputs = 1, .tokens = 3}, ipc::encode_batch(inputs));
    ASSERT_TRUE(hears<ipc::BatchDone>());

    std::array<float, fake::dimensions> vector{};
    ASSERT_EQ(payloads_.back().size(), sizeof vector);
    std::memcpy(vector.data(), payloads_.back().data(), sizeof vector);
    EXPECT_EQ(vector, fake::vector_of(ids));
}

TEST_F(Workers, EndsByItselfWhenToldToStop)
{
    spawn_fake();
    worker_->send(ipc::Stop{});
    run_to_end();

    EXPECT_EQ(end_.exit_code, 0);
    EXPECT_EQ(end_.describe(), "exit status 0");
}

TEST_F(Workers, SaysItsLastWordsBeforeItsEnd)
{
    fault("bad-model");
    spawn_fake();
    run_to_end();

    ASSERT_NE(heard<ipc::WorkerFailed>(), nullptr);
    EXPECT_EQ(heard<ipc::WorkerFailed>()->exit_code, 78);
    EXPECT_EQ(end_.exit_code, 78);
}

TEST_F(Workers, EndsOnceWhenKilled)
{
    spawn_fake();
    ASSERT_TRUE(hears<ipc::Loaded>());
    worker_->kill();
    worker_->kill();
    run_to_end();
    worker_->kill();
    io_.restart();
    io_.run();

    EXPECT_EQ(ends_, 1);
    EXPECT_EQ(end_.signal, SIGKILL);
    EXPECT_EQ(end_.describe(), "killed by SIGKILL");
}

TEST_F(Workers, IsKilledForBytesThatAreNoFrame)
{
    fault("garbage");
    spawn_fake();
    run_to_end();

    EXPECT_EQ(end_.signal, SIGKILL);
    EXPECT_THAT(end_.describe(), HasSubstr("sent a frame that cannot be read"));
}

TEST_F(Workers, MayBeDestroyedFromItsOwnMessage)
{
    bool destroyed = false;
    Worker::Events events;
    events.on_message = [&](ipc::WorkerMessage, std::vector<std::byte>) {
        worker_.reset();
        destroyed = true;
    };
    events.on_end = [&](WorkerEnd) { ++ends_; };
    auto spawned = Worker::spawn(io_.get_executor(), {.program = FAKE_WORKER, .arguments = {}}, events);
    worker_ = std::move(*spawned);
    const auto pid = worker_->pid();

    ASSERT_TRUE(run_until([&] { return destroyed; }));
    io_.restart();
    io_.run();

    EXPECT_EQ(ends_, 0);
    EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1) << "it was reaped";
}

TEST_F(Workers, TakeFramesFarLargerThanTheChannel)
{
    const std::vector<std::int32_t> ids(500'000, 1);
    const std::vector<std::span<const std::int32_t>> inputs{ids};

    spawn_fake();
    for (std::uint64_t batch = 1; batch <= 8; ++batch) {
        worker_->send(ipc::RunBatch{.batch = batch, .inputs = 1, .tokens = 500'000},
                      ipc::encode_batch(inputs));
    }

    EXPECT_TRUE(run_until([this] {
        std::size_t answers = 0;
        for (const auto& message : messages_)
            answers += std::holds_alternative<ipc::BatchDone>(message) ||
                       std::holds_alternative<ipc::BatchFailed>(message);
        return answers == 8;
    }));
}

TEST_F(Workers, HoldNothingOpenButTheirChannel)
{
    const int leaked = ::fcntl(STDOUT_FILENO, F_DUPFD, 40); // no O_CLOEXEC, as Asio's sockets
    const auto open = output_of("for fd in /proc/$$/fd/*; do echo ${fd##*/}; done | sort -n | tr '\\n' ' '");
    ::close(leaked);

    EXPECT_THAT(open, testing::StartsWith("0 1 2 3 "));
    EXPECT_THAT(open, Not(HasSubstr(" " + std::to_string(leaked) + " ")));
}

TEST_F(Workers, DoNotInheritWhatSystemdToldUsAlone)
{
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID"})
        ::setenv(name, "1", 1);
    const auto environment = output_of("env");
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID"})
        ::unsetenv(name);

    EXPECT_THAT(environment, Not(testing::ContainsRegex("NOTIFY_SOCKET|WATCHDOG_|LISTEN_")));
    EXPECT_THAT(environment, HasSubstr("ONEDNN_PRIMITIVE_CACHE_CAPACITY="));
}

TEST_F(Workers, AreTheFirstToGoWhenMemoryEnds)
{
    int ours = 0;
    std::ifstream("/proc/self/oom_score_adj") >> ours;

    const auto theirs = output_of("cat /proc/$$/oom_score_adj");

    EXPECT_GT(std::stoi(theirs), ours);
}

TEST_F(Workers, RunOnTheCpusTheyAreGivenAndOnNoOther)
{
    const int last = usable_cpus().back();

    EXPECT_EQ(output_of("grep Cpus_allowed_list /proc/$$/status", {last}),
              "Cpus_allowed_list:\t" + std::to_string(last) + "\n");
}

TEST_F(Workers, RunAnywhereWhereTheirCpusAreGone)
{
    constexpr int none = 1023;

    EXPECT_EQ(output_of("echo runs", {none}), "runs\n");
}

TEST_F(Workers, AreRefusedWithTheReasonWhenTheProgramIsMissing)
{
    const auto spawned =
        Worker::spawn(io_.get_executor(), {.program = "/nonexistent/worker", .arguments = {}}, {});

    ASSERT_FALSE(spawned);
    EXPECT_EQ(spawned.error().message, "cannot run /nonexistent/worker: No such file or directory");
}

TEST_F(Workers, DieWithTheThreadThatSpawnedThem)
{
    fault("hang");
    std::array<int, 2> alive{};
    ASSERT_EQ(::pipe2(alive.data(), O_CLOEXEC), 0);

    const pid_t daemon = ::fork();
    if (daemon == 0) {
        ::dup2(alive[1], STDERR_FILENO); // the worker holds it for as long as it lives
        const auto spawned = Worker::spawn(io_.get_executor(),
                                           {.program = "/bin/sh", .arguments = {"-c", "kill -STOP $$"}}, {});
        ::_exit(spawned ? 0 : 1);
    }
    ::close(alive[1]);
    int status = -1;
    ASSERT_EQ(::waitpid(daemon, &status, 0), daemon);
    char byte = 0;
    const auto got = ::read(alive[0], &byte, 1);
    ::close(alive[0]);

    EXPECT_EQ(status, 0);
    EXPECT_EQ(got, 0);
}

} // namespace
} // namespace embedd::daemon

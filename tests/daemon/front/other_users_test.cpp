#include "tests/daemon/front/raw_client.hpp"
#include "tests/daemon/front/watched_daemon.hpp"

#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <iostream>

namespace embedd::daemon {
namespace {

constexpr uid_t nobody = 65534;

// A process under another uid, which lives until this does.
class OtherUser {
public:
    // What `work` says is read by said().
    explicit OtherUser(const std::function<std::string()>& work)
    {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0)
            return;
        pid_ = ::fork();
        if (pid_ == 0) {
            ::close(ends[0]);
            if (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0)
                ::_exit(1);
            const std::string text = work();
            [[maybe_unused]] const auto written = ::write(ends[1], text.data(), text.size());
            ::close(ends[1]);
            ::pause();
            ::_exit(0);
        }
        ::close(ends[1]);
        said_ = ends[0];
    }
    ~OtherUser()
    {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        ::close(said_);
    }
    OtherUser(const OtherUser&) = delete;
    OtherUser& operator=(const OtherUser&) = delete;

    [[nodiscard]] std::string said() const
    {
        std::string all;
        std::array<char, 4096> bytes{};
        for (ssize_t count = 0; (count = ::read(said_, bytes.data(), bytes.size())) > 0;)
            all.append(bytes.data(), static_cast<std::size_t>(count));
        return all;
    }

private:
    pid_t pid_ = -1;
    int said_ = -1;
};

bool may_become_another_user()
{
    if (::geteuid() == 0)
        return true;
    std::cout << "left out: only root can become another user\n";
    return false;
}

// A daemon whose socket everybody may connect to.
DaemonProcess::Settings for_all(std::vector<std::string> arguments)
{
    arguments.insert(arguments.end(), {"--socket-mode", "0666"});
    return {.arguments = std::move(arguments)};
}

void let_all_in(const DaemonProcess& daemon)
{
    std::filesystem::permissions(daemon.socket().parent_path(), std::filesystem::perms::others_exec,
                                 std::filesystem::perm_options::add);
}

// In the last of so many answers.
nlohmann::json status_told_to_another(const DaemonProcess& daemon, std::string_view request, int answers)
{
    const OtherUser user([&] {
        RawClient client(daemon.socket());
        client.send_frame(request);
        for (int others = 1; others < answers; ++others)
            static_cast<void>(client.answer());
        return client.answer()->at("status").dump();
    });
    return nlohmann::json::parse(user.said());
}

TEST(OtherUsers, SeeTheirOwnRowsAndOneSumOfAllOthers)
{
    if (!may_become_another_user())
        return;
    WatchedDaemon daemon(for_all({}));
    let_all_in(daemon);

    const auto theirs = status_told_to_another(daemon, R"({"id":1,"op":"status"})", 1);
    ASSERT_EQ(theirs.at("clients").size(), 1U);
    EXPECT_EQ(theirs.at("clients")[0].at("uid"), nobody);
    EXPECT_EQ(theirs.at("other_clients").at("connections"), 1);
    EXPECT_GE(theirs.at("other_clients").at("requests"), 1);
    EXPECT_EQ(theirs.at("may").size(), 0U);
    EXPECT_FALSE(daemon.status().other_clients);
}

TEST(OtherUsers, AreToldTheSameByASubscription)
{
    if (!may_become_another_user())
        return;
    WatchedDaemon daemon(for_all({}));
    let_all_in(daemon);

    const auto theirs = status_told_to_another(daemon, R"({"id":1,"op":"subscribe","interval_ms":100})", 2);
    ASSERT_EQ(theirs.at("clients").size(), 1U);
    EXPECT_EQ(theirs.at("clients")[0].at("uid"), nobody);
    EXPECT_EQ(theirs.at("other_clients").at("connections"), 1);
    EXPECT_EQ(theirs.at("may").size(), 0U);
}

TEST(OtherUsers, AreServedWhileOneHoldsAllItCan)
{
    if (!may_become_another_user())
        return;
    WatchedDaemon daemon(for_all({"--max-client-bytes", "4MiB", "--write-limit", "10m"}));
    let_all_in(daemon);
    {
        const OtherUser greedy([&] {
            std::vector<std::unique_ptr<RawClient>> clients;
            for (int at = 0; at < 500; ++at) {
                clients.push_back(std::make_unique<RawClient>(daemon.socket()));
                clients.back()->send_frame(request_of(8000));
            }
            ::pause();
            return std::string();
        });
        ASSERT_TRUE(eventually([&] { return daemon.status().counters.errors["overloaded"] > 100; }));

        EXPECT_EQ(daemon.status().clients.size(), 2U);
        for (int at = 0; at < 100; ++at)
            EXPECT_EQ(outcome_of(daemon, request_of(10)), "ok");
    }
    EXPECT_TRUE(daemon.comes_to_rest());
}

} // namespace
} // namespace embedd::daemon

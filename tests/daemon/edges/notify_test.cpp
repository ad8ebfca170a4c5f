#include "daemon/descriptor.hpp"
#include "daemon/notify.hpp"
#include "daemon/unix_address.hpp"

#include "tests/daemon/edges/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

namespace embedd::daemon {
namespace {

using testing::ElementsAre;

// A service manager that reads when it is asked to.
class Manager {
public:
    explicit Manager(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        const auto address = *unix_address(name);
        ::bind(socket_.number(), reinterpret_cast<const sockaddr*>(address.data()),
               static_cast<socklen_t>(address.size()));
        ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    }

    [[nodiscard]] std::vector<std::string> heard() const
    {
        std::vector<std::string> messages;
        std::array<char, 4096> buffer;
        for (ssize_t got = 0;
             (got = ::recv(socket_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT)) >= 0;)
            messages.emplace_back(buffer.data(), static_cast<std::size_t>(got));
        return messages;
    }

private:
    Descriptor socket_;
};

class Notifying : public testing::Test {
protected:
    TemporaryDirectory directory_;
    Manager manager_{(directory_ / "notify").string()};
    Notify notify_ = Notify::from_environment();
};

TEST_F(Notifying, SaysReadyWithItsStatusOnOneLine)
{
    notify_.ready("ready:\nMiniLM");

    EXPECT_THAT(manager_.heard(), ElementsAre("READY=1\nSTATUS=ready: MiniLM"));
}

TEST_F(Notifying, SaysAStatusOnlyWhenItChanges)
{
    notify_.status("loading");
    notify_.status("loading");
    notify_.status("warming up");

    EXPECT_THAT(manager_.heard(), ElementsAre("STATUS=loading", "STATUS=warming up"));
}

TEST_F(Notifying, ExtendsFailsAndStops)
{
    notify_.extend_timeout(std::chrono::seconds(30));
    notify_.failed("no model", 2);
    notify_.watchdog();
    notify_.stopping("stopping");

    EXPECT_THAT(manager_.heard(), ElementsAre("EXTEND_TIMEOUT_USEC=30000000", "STATUS=no model\nERRNO=2",
                                              "WATCHDOG=1", "STOPPING=1\nSTATUS=stopping"));
}

TEST_F(Notifying, DoesNotWaitForAManagerWithAFullQueueAndStillSaysReady)
{
    for (int ping = 0; ping < 5000; ++ping)
        notify_.watchdog();
    notify_.ready("ready");
    const auto first = manager_.heard();
    notify_.watchdog();

    EXPECT_LT(first.size(), 5000U);
    EXPECT_THAT(manager_.heard(), ElementsAre("READY=1\nWATCHDOG=1"));
}

TEST_F(Notifying, TakesItsVariablesOutOfTheEnvironment)
{
    EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
}

TEST(Notify, SpeaksToAnAbstractSocket)
{
    const Manager manager("@embedd-test-" + std::to_string(::getpid()));
    auto notify = Notify::from_environment();

    notify.watchdog();

    EXPECT_THAT(manager.heard(), ElementsAre("WATCHDOG=1"));
}

TEST(Notify, IsSilentWithoutAManager)
{
    ::unsetenv("NOTIFY_SOCKET");
    auto notify = Notify::from_environment();

    notify.ready("ready");

    EXPECT_EQ(notify.watchdog_interval(), std::nullopt);
}

TEST(Notify, KnowsTheWatchdogsIntervalUnlessItIsAnothers)
{
    ::setenv("WATCHDOG_USEC", "10000000", 1);
    EXPECT_EQ(Notify::from_environment().watchdog_interval(), std::chrono::seconds(10));

    ::setenv("WATCHDOG_USEC", "10000000", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_EQ(Notify::from_environment().watchdog_interval(), std::nullopt);
}

} // namespace
} // namespace embedd::daemon

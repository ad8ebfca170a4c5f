#include "bench/kept_daemon.hpp"

#include "ipc/connect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace embedd::bench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using namespace std::chrono_literals;

// Says its pid to everybody who connects to the socket that it was passed, as sd_listen_fds(3) would find it.
std::vector<std::string> pid_teller()
{
    return {"/usr/bin/python3", "-c", R"(
import os, socket
assert os.environ["LISTEN_FDS"] == "1" and int(os.environ["LISTEN_PID"]) == os.getpid()
listener = socket.socket(fileno=3)
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
while True:
    listener.accept()[0].sendall(b"%010d" % os.getpid()))"};
}

class Visitor {
public:
    explicit Visitor(const KeptDaemon& daemon) : socket_(ipc::try_connect(daemon.socket()).socket) {}
    ~Visitor() { ::close(socket_); }
    Visitor(const Visitor&) = delete;
    Visitor& operator=(const Visitor&) = delete;

    // Who answered.
    [[nodiscard]] int pid() const
    {
        std::array<char, 10> said{};
        for (std::size_t got = 0; got < said.size();) {
            const auto more = ::read(socket_, said.data() + got, said.size() - got);
            if (more > 0)
                got += static_cast<std::size_t>(more);
            else if (more == 0)
                return 0;
        }
        return std::stoi(std::string{said.data(), said.size()});
    }

private:
    int socket_;
};

TEST(KeptDaemon, IsPassedASocketThatIsReachedAcrossRestarts)
{
    KeptDaemon daemon{pid_teller(), {}};
    const auto first = Visitor{daemon}.pid();

    daemon.restart(SIGKILL);
    const auto second = Visitor{daemon}.pid();

    EXPECT_GT(first, 0);
    EXPECT_GT(second, 0);
    EXPECT_NE(first, second);
}

TEST(KeptDaemon, ThatIsStoppedLeavesItsVisitorsToTheNext)
{
    KeptDaemon daemon{pid_teller(), {}};
    const auto first = Visitor{daemon}.pid();
    ASSERT_EQ(::kill(first, SIGSTOP), 0);
    const Visitor waits{daemon};

    daemon.restart(SIGKILL);

    EXPECT_NE(waits.pid(), first);
}

TEST(KeptDaemon, ThatEndedByItselfIsAnError)
{
    KeptDaemon daemon{pid_teller(), {}};
    ASSERT_EQ(::kill(Visitor{daemon}.pid(), SIGKILL), 0);
    while (daemon.runs())
        continue;

    EXPECT_THAT([&] { daemon.restart(SIGTERM); },
                ThrowsMessage<std::runtime_error>(HasSubstr("ended by itself")));
}

TEST(KeptDaemon, ThatNeverServesIsAnError)
{
    EXPECT_THAT(([] { KeptDaemon{{"/bin/false"}, {}}; }),
                ThrowsMessage<std::runtime_error>(HasSubstr("/bin/false ended before it was ready")));
}

} // namespace
} // namespace embedd::bench

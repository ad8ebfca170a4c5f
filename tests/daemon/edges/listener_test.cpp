#include "daemon/listener.hpp"

#include "daemon/descriptor.hpp"
#include "daemon/passed_socket.hpp"
#include "daemon/unix_address.hpp"
#include "tests/daemon/edges/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace embedd::daemon {
namespace {

using testing::HasSubstr;

bool connects(const std::filesystem::path& path)
{
    const auto address = *unix_address(path.native());
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(socket.number(), reinterpret_cast<const sockaddr*>(address.data()),
                     static_cast<socklen_t>(address.size())) == 0;
}

mode_t mode_of(const std::filesystem::path& path)
{
    struct stat file{};
    ::lstat(path.c_str(), &file);
    return file.st_mode & 0777;
}

// A socket file that nobody listens on any more.
void leave_stale(const std::filesystem::path& path)
{
    const auto address = *unix_address(path.native());
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::bind(socket.number(), reinterpret_cast<const sockaddr*>(address.data()),
           static_cast<socklen_t>(address.size()));
}

class Listening : public testing::Test {
protected:
    Result<Listener> open() { return Listener::open({.socket = path_, .mode = {}, .group = ""}); }

    TemporaryDirectory directory_;
    std::filesystem::path path_ = directory_ / "run/embedd.sock";
};

TEST_F(Listening, MakesItsDirectoryAndASocketForItsUserAlone)
{
    const auto listener = open();

    ASSERT_TRUE(listener) << listener.error().message;
    EXPECT_TRUE(connects(path_));
    EXPECT_EQ(mode_of(path_), 0600U);
    EXPECT_FALSE(listener->passed());
}

TEST_F(Listening, GivesTheModeThatWasAskedFor)
{
    const auto listener = Listener::open({.socket = path_, .mode = 0666, .group = ""});

    EXPECT_EQ(mode_of(path_), 0666U);
}

TEST_F(Listening, RefusesAGroupThatDoesNotExist)
{
    const auto listener = Listener::open({.socket = path_, .mode = {}, .group = "no-such-group"});

    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, ExitCode::configuration);
}

TEST_F(Listening, TakesOverAStaleSocket)
{
    std::filesystem::create_directory(path_.parent_path());
    leave_stale(path_);

    const auto listener = open();

    ASSERT_TRUE(listener) << listener.error().message;
    EXPECT_TRUE(connects(path_));
}

TEST_F(Listening, LeavesARunningDaemonAloneAndNamesIt)
{
    const auto first = open();
    const auto second = open();

    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ExitCode::already_running);
    EXPECT_THAT(second.error().message, HasSubstr("(pid " + std::to_string(::getpid()) + ")"));
    EXPECT_TRUE(connects(path_));
}

TEST_F(Listening, LeavesASocketAloneThatAnotherProgramListensOn)
{
    const auto other = open();
    std::filesystem::remove(path_.string() + ".lock");

    const auto listener = open();

    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, ExitCode::already_running);
}

TEST_F(Listening, NeverRemovesWhatIsNoSocket)
{
    const auto file = directory_.write("run/embedd.sock", "mine");

    const auto listener = open();

    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, ExitCode::configuration);
    EXPECT_TRUE(std::filesystem::is_regular_file(file));
}

TEST_F(Listening, DoesNotFollowASymbolicLink)
{
    directory_.write("run/other", "");
    std::filesystem::create_symlink("other", path_);

    EXPECT_FALSE(open());
}

TEST_F(Listening, RefusesAPathThatASocketCannotHave)
{
    path_ = "/tmp/" + std::string(103, 'x'); // 108 bytes

    const auto listener = open();

    ASSERT_FALSE(listener);
    EXPECT_THAT(listener.error().message, HasSubstr("107"));
}

TEST_F(Listening, RemovesItsSocketAtTheEndAndNobodyElses)
{
    {
        const auto listener = open();
    }
    EXPECT_FALSE(std::filesystem::exists(path_));
    {
        const auto listener = open();
        EXPECT_FALSE(listener->lost());
        std::filesystem::remove(path_);
        leave_stale(path_);
        EXPECT_TRUE(listener->lost());
    }
    EXPECT_TRUE(std::filesystem::exists(path_));
}

// What a process makes of what systemd passed as descriptor 3: 0 used it, else the exit code of the refusal.
int taken(int descriptor, const char* count, const char* names = "", bool for_another = false)
{
    const pid_t child = ::fork();
    if (child == 0) {
        if (descriptor >= 0)
            ::dup2(descriptor, 3);
        else
            ::close(3);
        ::setenv("LISTEN_PID", std::to_string(for_another ? 1 : ::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", count, 1);
        ::setenv("LISTEN_FDNAMES", names, 1);
        const auto passed = take_passed_socket();
        const bool used = passed && *passed;
        ::_exit(used ? 0 : passed ? 1 : static_cast<int>(passed.error().code));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

constexpr int used = 0, own_socket = 1, refused = static_cast<int>(ExitCode::configuration);

TEST_F(Listening, UsesTheSocketThatSystemdPassed)
{
    const auto listener = open();

    EXPECT_EQ(taken(listener->descriptor(), "1", "anything"), used);
    EXPECT_EQ(taken(listener->descriptor(), "2", "embedd.socket:metrics"), used);
}

TEST_F(Listening, IgnoresWhatWasPassedToAnotherProcess)
{
    const auto listener = open();

    EXPECT_EQ(taken(listener->descriptor(), "1", "", true), own_socket);
    EXPECT_EQ(taken(listener->descriptor(), "0"), own_socket);
}

TEST_F(Listening, RefusesAPassedDescriptorThatIsNoListeningUnixStream)
{
    const auto listener = open();
    const Descriptor internet(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Descriptor datagram(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const Descriptor deaf(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

    EXPECT_EQ(taken(internet.number(), "1"), refused);
    EXPECT_EQ(taken(datagram.number(), "1"), refused);
    EXPECT_EQ(taken(deaf.number(), "1"), refused);
    EXPECT_EQ(taken(-1, "1"), refused);
    EXPECT_EQ(taken(listener->descriptor(), "100", "other"), refused);
}

} // namespace
} // namespace embedd::daemon

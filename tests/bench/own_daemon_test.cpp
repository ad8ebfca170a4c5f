#include "bench/own_daemon.hpp"
#include "bench/token_requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

namespace embedd::bench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(OwnDaemon, IsReadyWhenItTellsTheServiceManager)
{
    const OwnDaemon daemon{{"/usr/bin/python3", "-c", R"(
import os, signal, socket
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.sendto(b"STATUS=loading", os.environ["NOTIFY_SOCKET"])
notify.sendto(b"STATUS=ready\nREADY=1", os.environ["NOTIFY_SOCKET"])
signal.pause())"}};

    EXPECT_GT(daemon.to_ready().count(), 0);
}

TEST(OwnDaemon, ThatEndsBeforeItIsReadyIsAnError)
{
    EXPECT_THAT([] { OwnDaemon{{"/bin/false"}}; },
                ThrowsMessage<std::runtime_error>(HasSubstr("/bin/false ended before it was ready")));
}

TEST(OwnDaemon, ThatIsNeverReadyIsNotWaitedForEver)
{
    EXPECT_THAT(([] {
                    OwnDaemon{{"/usr/bin/python3", "-c", "import signal; signal.pause()"},
                              std::chrono::seconds{0}};
                }),
                ThrowsMessage<std::runtime_error>(HasSubstr("was not ready within 0 s")));
}

TEST(PrivateDirectory, GoesWithItsFiles)
{
    std::filesystem::path path;
    {
        const PrivateDirectory directory;
        path = directory.path();
        std::ofstream{path / "file"} << "text";
        EXPECT_TRUE(std::filesystem::exists(path / "file"));
    }

    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Vocabulary, IsReadFromTheModelsConfiguration)
{
    const PrivateDirectory model;
    std::ofstream{model.path() / "config.json"} << R"({"vocab_size": 30522})";

    EXPECT_EQ(vocabulary_of(model.path()), 30522);
}

TEST(Vocabulary, ThatIsMissingIsToldByTheFile)
{
    const PrivateDirectory model;

    EXPECT_THAT([&] { static_cast<void>(vocabulary_of(model.path())); },
                ThrowsMessage<std::runtime_error>(HasSubstr("config.json has no vocab_size")));
}

} // namespace
} // namespace embedd::bench

#include "model/worker/heart_beat.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <span>

#include <sys/socket.h>
#include <unistd.h>

namespace embedd::model {
namespace {

// The daemon's end of a channel.
class Listener {
public:
    explicit Listener(int descriptor) : descriptor_(descriptor) {}

    std::optional<ipc::HeartBeat> next_beat()
    {
        std::array<std::byte, 4096> buffer;
        while (true) {
            if (const auto frame = decoder_.next()) {
                const auto message = ipc::parse_worker_message(frame->header);
                return message ? std::optional(std::get<ipc::HeartBeat>(*message)) : std::nullopt;
            }
            const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
            if (got <= 0)
                return std::nullopt;
            decoder_.feed(std::span(buffer).first(static_cast<std::size_t>(got)));
        }
    }

private:
    int descriptor_;
    ipc::FrameDecoder decoder_{{.header_bytes = 1U << 20U, .payload_bytes = 0}};
};

// Exits with 0 where beats tell of the device once, and only when, there is one. A heart-beat ends with its
// process, so it gets one.
[[noreturn]] void beat_without_and_with_a_device()
{
    const ipc::DeviceStatus device{.id = "cuda:0", .name = "NVIDIA H200", .used_bytes = 300};
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        ::_exit(1);
    Listener daemon(ends[0]);
    Channel channel(ends[1]);
    Activity activity;
    HeartBeat heart_beat(channel, activity);

    const auto first = daemon.next_beat();
    if (!first || first->device || first->memory.rss_bytes == 0U)
        ::_exit(2);
    heart_beat.device([device] { return device; });
    while (const auto beat = daemon.next_beat())
        if (beat->device)
            ::_exit(beat->device == device ? 0 : 3);
    ::_exit(4);
}

TEST(HeartBeat, TellsOfTheDeviceOnceThereIsOne)
{
    testing::GTEST_FLAG(death_test_style) = "threadsafe";

    EXPECT_EXIT(beat_without_and_with_a_device(), testing::ExitedWithCode(0), "");
}

} // namespace
} // namespace embedd::model

#include "console/embed_console/inbox.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <string>
#include <thread>

namespace embedd::console {
namespace {

bool readable(const Inbox& inbox)
{
    pollfd waiting{.fd = inbox.readable(), .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, 0) == 1;
}

screen::Event noted(std::size_t number)
{
    return screen::Noted{std::to_string(number)};
}

TEST(Inbox, IsReadableWhileSomethingWaits)
{
    Inbox inbox;
    EXPECT_FALSE(readable(inbox));
    std::thread{[&] { inbox.put(noted(1)); }}.join();
    EXPECT_TRUE(readable(inbox));
    EXPECT_EQ(inbox.take().size(), 1U);
    EXPECT_FALSE(readable(inbox));
}

TEST(Inbox, KeepsTheNewestOfEachKindWhenNobodyLooks)
{
    Inbox inbox;
    inbox.put(screen::Connecting{});
    for (std::size_t number = 0; number < 10 * Inbox::most_waiting; ++number)
        inbox.put(noted(number));

    const auto events = inbox.take();
    EXPECT_EQ(events.size(), Inbox::most_waiting);
    EXPECT_TRUE(std::holds_alternative<screen::Connecting>(events.front()));
    EXPECT_EQ(std::get<screen::Noted>(events.back()).text, std::to_string(10 * Inbox::most_waiting - 1));
}

} // namespace
} // namespace embedd::console

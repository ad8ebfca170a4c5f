#include "console/embed_console/link.hpp"
#include "tests/console/program/file_size_limit.hpp"
#include "tests/ipc/test_server.hpp"

#include <gmock/gmock.h>
#include <poll.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <iterator>
#include <map>

#include <atomic>
#include <optional>

namespace embedd::console {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// What came and was not waited for yet.
std::deque<screen::Event>& events_of(const Inbox& inbox)
{
    static std::map<const Inbox*, std::deque<screen::Event>> all;
    return all[&inbox];
}

// The next event of this kind; the test ends by its time limit where none comes.
template <class Event>
Event wait_for(Inbox& inbox)
{
    static constexpr int patience_ms = 60'000;
    auto& came = events_of(inbox);
    while (true) {
        while (!came.empty()) {
            const auto event = std::move(came.front());
            came.pop_front();
            if (const auto* found = std::get_if<Event>(&event))
                return *found;
        }
        pollfd waiting{.fd = inbox.readable(), .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, patience_ms) <= 0) {
            ADD_FAILURE() << "nothing came";
            return {};
        }
        std::ranges::move(inbox.take(), std::back_inserter(came));
    }
}

Link::Plan plan(const std::string& socket, milliseconds timeout = milliseconds{60'000})
{
    return {.target = {.socket = socket, .timeout = timeout, .name = "test"},
            .interval = milliseconds{100},
            .record = {}};
}

void tell(const ipc::Caller& caller, const ipc::Request& request, const std::string& state)
{
    caller.send(ipc::encode_frame(
        to_header(request.id, ipc::SubscribeEvent{.status = {.state = state}, .history = {}})));
}

TEST(BackOff, DoublesFromAQuarterOfASecondToFive)
{
    BackOff back_off;
    for (const int expected : {250, 500, 1000, 2000, 4000, 5000, 5000})
        EXPECT_EQ(back_off.next(), milliseconds{expected});
    EXPECT_EQ(back_off.tries(), 7U);
    back_off.succeeded();
    EXPECT_EQ(back_off.tries(), 0U);
    EXPECT_EQ(back_off.next(), milliseconds{250});
}

TEST(Link, BringsWhatTheDaemonSays)
{
    ipc::TestServer server{[](ipc::Caller& caller, int) {
        if (const auto request = caller.next())
            tell(caller, *request, "ready");
        (void)caller.next();
    }};
    Inbox inbox;
    Link link{plan(server.path()), inbox};
    EXPECT_EQ(wait_for<screen::StatusCame>(inbox).status.state, "ready");
    EXPECT_EQ(link.socket(), server.path());
}

TEST(Link, ConnectsAgainAfterItWasLost)
{
    ipc::TestServer server{[](ipc::Caller& caller, int connection) {
        if (const auto request = caller.next())
            tell(caller, *request, std::to_string(connection));
        if (connection == 1)
            (void)caller.next();
    }};
    Inbox inbox;
    Link link{plan(server.path()), inbox};
    EXPECT_EQ(wait_for<screen::StatusCame>(inbox).status.state, "0");
    const auto lost = wait_for<screen::LinkLost>(inbox);
    EXPECT_EQ(lost.tries, 1U);
    EXPECT_THAT(lost.why, HasSubstr("hung up"));
    EXPECT_GT(lost.retry_at_us, lost.now_us);
    EXPECT_EQ(wait_for<screen::StatusCame>(inbox).status.state, "1");
}

TEST(Link, SaysWhyThereIsNoDaemonAndGoesOnTrying)
{
    Inbox inbox;
    Link link{plan("/tmp/embedd-no-such-socket"), inbox};
    EXPECT_THAT(wait_for<screen::LinkLost>(inbox).why, HasSubstr("No such file"));
    EXPECT_EQ(wait_for<screen::LinkLost>(inbox).tries, 2U);
    link.retry_now();
    EXPECT_EQ(wait_for<screen::LinkLost>(inbox).tries, 3U);
}

TEST(Link, SubscribesAnewWithAnotherInterval)
{
    std::atomic<std::int64_t> asked_ms = 0;
    ipc::TestServer server{[&](ipc::Caller& caller, int) {
        if (const auto request = caller.next()) {
            asked_ms = std::get<ipc::SubscribeRequest>(request->operation).interval.count();
            tell(caller, *request, std::to_string(asked_ms));
        }
        (void)caller.next();
    }};
    Inbox inbox;
    Link link{plan(server.path()), inbox};
    EXPECT_EQ(wait_for<screen::StatusCame>(inbox).status.state, "100");
    link.set_interval(milliseconds{2000});
    EXPECT_EQ(wait_for<screen::StatusCame>(inbox).status.state, "2000");
}

TEST(Link, GoesOnWithoutARecordingWhereTheDiskIsFull)
{
    ipc::TestServer server{[](ipc::Caller& caller, int) {
        if (const auto request = caller.next())
            for (const auto* state : {"first", "second", "third"})
                tell(caller, *request, state);
        (void)caller.next();
    }};
    auto recorded = plan(server.path());
    recorded.record = server.path() + ".recording";
    const FileSizeLimit limit{10};
    Inbox inbox;

    const Link link{recorded, inbox};

    EXPECT_THAT(wait_for<screen::Noted>(inbox).text, HasSubstr("the recording ended: File too large"));
    for (const auto* state : {"first", "second", "third"})
        EXPECT_EQ(wait_for<screen::StatusCame>(inbox).status.state, state);
    std::filesystem::remove(*recorded.record);
}

TEST(Link, EndsAtOnceWhileItsDaemonIsSilent)
{
    ipc::TestServer server{[](ipc::Caller& caller, int) {
        if (const auto request = caller.next())
            tell(caller, *request, "ready");
        (void)caller.next();
    }};
    Inbox inbox;
    std::optional<Link> link{std::in_place, plan(server.path(), std::chrono::hours{1}), inbox};
    (void)wait_for<screen::StatusCame>(inbox);
    link.reset(); // else the limit of the test ends it
}

} // namespace
} // namespace embedd::console

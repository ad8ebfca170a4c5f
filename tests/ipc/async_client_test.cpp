#include "ipc/async_client.hpp"
#include "tests/ipc/test_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <vector>

namespace embedd::ipc {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

Request health_request()
{
    Request request;
    request.operation = HealthRequest{};
    return request;
}

class AsyncClientTest : public ::testing::Test {
protected:
    using Answers = std::vector<CallResult<Frame>>;

    // Makes so many calls at once over one client and waits for all of them.
    Answers call(const std::string& socket, int calls, milliseconds timeout = milliseconds{30'000})
    {
        asio::io_context io{1};
        AsyncClient client{io.get_executor(), {.socket = socket, .timeout = timeout, .name = "test"}};
        Answers answers;
        for (int i = 0; i < calls; ++i)
            asio::co_spawn(io, one(client, answers),
                           [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
        io.run();
        return answers;
    }

private:
    static asio::awaitable<void> one(AsyncClient& client, Answers& answers)
    {
        auto answer = co_await client.call(health_request());
        answers.push_back(std::move(answer));
        // The last one out ends the connection, so that the event loop has nothing left to wait for.
        if (answers.size() % 4 == 0 || !answers.back())
            client.close();
    }
};

TEST_F(AsyncClientTest, AnswersFindTheirCallersInAnyOrder)
{
    TestServer server{[](Caller& caller, int) {
        std::vector<Request> requests;
        while (requests.size() < 4)
            if (auto request = caller.next())
                requests.push_back(std::move(*request));
        for (auto request = requests.rbegin(); request != requests.rend(); ++request)
            caller.answer(*request);
    }};

    const auto answers = call(server.path(), 4);

    ASSERT_EQ(answers.size(), 4U);
    for (const auto& answer : answers)
        EXPECT_TRUE(answer);
}

TEST_F(AsyncClientTest, ABrokenConnectionFailsWhatWasUnderWay)
{
    TestServer server{[](Caller& caller, int) {
        EXPECT_TRUE(caller.next());
        EXPECT_TRUE(caller.next());
    }};

    const auto answers = call(server.path(), 2);

    ASSERT_EQ(answers.size(), 2U);
    for (const auto& answer : answers) {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().link, LinkFault::closed);
    }
}

TEST_F(AsyncClientTest, NoAnswerTimesOut)
{
    TestServer server{[](Caller& caller, int) {
        while (caller.next()) {
        }
    }};

    const auto answers = call(server.path(), 1, milliseconds{50});

    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].error().link, LinkFault::timed_out);
}

TEST_F(AsyncClientTest, NoDaemonIsUnreachable)
{
    const auto answers = call("/tmp/embedd-nobody/s", 2);

    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].error().link, LinkFault::unreachable);
}

TEST_F(AsyncClientTest, ARefusalIsTheDaemonsOwnError)
{
    TestServer server{[](Caller& caller, int) {
        if (const auto request = caller.next())
            caller.send(encode_frame(to_header(request->id, Error{ErrorType::not_ready, "loading", {}})));
    }};

    const auto answers = call(server.path(), 1);

    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].error().error.type, ErrorType::not_ready);
}

} // namespace
} // namespace embedd::ipc

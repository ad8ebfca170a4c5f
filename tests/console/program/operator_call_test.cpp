#include "console/embed_console/operator_call.hpp"
#include "tests/ipc/test_server.hpp"

#include <gmock/gmock.h>

#include <future>

namespace embedd::console {
namespace {

using screen::Action;

ipc::Client::Options options_of(const ipc::TestServer& server)
{
    return {.socket = server.path(), .timeout = std::chrono::hours{1}, .name = "test"};
}

void answer(const ipc::Caller& caller, const ipc::Request& request, const ipc::Answer& reply)
{
    caller.send(ipc::encode_frame(to_header(request.id, reply)));
}

TEST(OperatorCall, AsksWhatWouldBeDone)
{
    ipc::TestServer server{[](ipc::Caller& caller, int) {
        if (const auto request = caller.next())
            answer(caller, *request,
                   ipc::RestartReplicaReply{
                       .dry_run = std::get<ipc::RestartReplicaRequest>(request->operation).dry_run,
                       .replica = std::get<ipc::RestartReplicaRequest>(request->operation).replica});
        (void)caller.next();
    }};
    ipc::Client client{options_of(server)};
    const auto reply = dry_run(client, {.kind = Action::Kind::restart_replica, .replica = 3});

    EXPECT_TRUE(std::get<ipc::RestartReplicaReply>(reply).dry_run);
    EXPECT_EQ(std::get<ipc::RestartReplicaReply>(reply).replica, 3U);
}

TEST(OperatorCall, TellsEachStepAndTheEnd)
{
    ipc::TestServer server{[](ipc::Caller& caller, int) {
        if (const auto request = caller.next()) {
            EXPECT_FALSE(std::get<ipc::RewarmRequest>(request->operation).dry_run);
            caller.send(ipc::encode_frame(to_header(request->id, ipc::Progress{.done = 1, .total = 2})));
            answer(caller, *request, ipc::RewarmReply{.cells = 2});
        }
        (void)caller.next();
    }};
    std::promise<screen::OperationEnded> ended;
    std::vector<ipc::Progress> steps;
    const OperatorCall call{OperatorCall::ForEarnest{}, options_of(server), {}, [&](screen::Event event) {
                                if (const auto* step = std::get_if<screen::ProgressCame>(&event))
                                    steps.push_back(step->progress);
                                else
                                    ended.set_value(std::get<screen::OperationEnded>(event));
                            }};
    const auto end = ended.get_future().get();

    ASSERT_EQ(steps.size(), 1U);
    EXPECT_EQ(steps.front().done, 1U);
    EXPECT_EQ(std::get<ipc::RewarmReply>(end.reply).cells, 2U);
}

TEST(OperatorCall, GivenUpHangsUpAndTellsItsEnd)
{
    std::promise<void> asked, left;
    ipc::TestServer server{[&](ipc::Caller& caller, int) {
        (void)caller.next();
        asked.set_value();
        (void)caller.next(); // nothing more: the client hung up
        left.set_value();
    }};
    std::promise<screen::OperationEnded> ended;
    {
        OperatorCall call{OperatorCall::ForEarnest{}, options_of(server), {}, [&](screen::Event event) {
                              ended.set_value(std::get<screen::OperationEnded>(event));
                          }};
        asked.get_future().get();
        call.give_up();
        EXPECT_TRUE(std::holds_alternative<screen::EndedHere>(ended.get_future().get().reply));
        left.get_future().get();
    }
}

} // namespace
} // namespace embedd::console

#include "console/embed_console/operator_call.hpp"

#include "console/embed_console/clock.hpp"

#include <utility>

namespace embedd::console {

namespace {

screen::Reply ask(ipc::Client& client, const screen::Action& action, bool dry_run,
                  const ipc::Client::OnProgress& on_progress)
{
    const auto reply_of = [](const auto& result) -> screen::Reply {
        if (result)
            return *result;
        if (result.error().link == ipc::LinkFault::interrupted)
            return screen::EndedHere{};
        return result.error().error;
    };
    if (action.kind == screen::Action::Kind::restart_replica)
        return reply_of(client.restart_replica({.replica = action.replica, .dry_run = dry_run}, on_progress));
    return reply_of(client.rewarm({.task = {}, .lengths = {}, .dry_run = dry_run}, on_progress));
}

} // namespace

screen::Reply dry_run(ipc::Client& client, const screen::Action& action)
{
    return ask(client, action, true, [](const ipc::Progress&) {});
}

OperatorCall::OperatorCall(DryRun, ipc::Client::Options options, screen::Action action, Tell tell)
    : client_(std::move(options)), thread_([this, action, tell = std::move(tell)] {
          tell(screen::DryRunAnswered{action, dry_run(client_, action)});
      })
{
}

OperatorCall::OperatorCall(ForEarnest, ipc::Client::Options options, screen::Action action, Tell tell)
    : client_(std::move(options)), thread_([this, action, tell = std::move(tell)] {
          auto reply = ask(client_, action, false,
                           [&](const ipc::Progress& progress) { tell(screen::ProgressCame{progress}); });
          tell(screen::OperationEnded{now_us(), std::move(reply)});
      })
{
}

OperatorCall::~OperatorCall()
{
    client_.interrupt();
}

void OperatorCall::give_up() noexcept
{
    client_.interrupt();
}

} // namespace embedd::console

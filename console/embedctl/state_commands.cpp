#include "console/embedctl/commands.hpp"
#include "console/presentation/status_view.hpp"
#include "console/presentation/units.hpp"
#include "ipc/endpoint.hpp"
#include "ipc/json.hpp"

#include <nlohmann/json.hpp>
#include <poll.h>

#include <algorithm>
#include <cstdio>

namespace embedd::console {

namespace {

using std::chrono::steady_clock;

ipc::CallResult<ipc::Frame> ask(const Target& target, ipc::Operation operation)
{
    auto options = locate(target);
    if (!options)
        return options.error();
    ipc::Client client{*options};
    ipc::Request request;
    request.operation = std::move(operation);
    return client.call(std::move(request));
}

template <class Reply>
ExitCode show(const Target& target, Format format, ipc::Operation operation, const char* member)
{
    if (format == Format::json)
        return print_answer(target, std::move(operation), member);
    const auto frame = ask(target, std::move(operation));
    if (!frame)
        return report(frame.error());
    const auto reply = ipc::parse_reply<Reply>(frame->header);
    if (!reply)
        return report({.link = {}, .error = reply.error()});
    if constexpr (std::is_same_v<Reply, ipc::StatusReply>)
        std::fputs(describe(reply->status).c_str(), stdout);
    else
        std::fputs(describe(*reply).c_str(), stdout);
    return ExitCode::ok;
}

} // namespace

ipc::CallResult<ipc::Client::Options> locate(const Target& target)
{
    const auto candidates = ipc::client_sockets(target.socket);
    // A place that was named is waited for by the client itself; among defaults the one that answers is
    // taken.
    if (candidates.size() == 1)
        return ipc::Client::Options{
            .socket = candidates.front(), .timeout = target.timeout, .name = target.name};
    auto socket = ipc::first_reachable(candidates);
    if (!socket)
        return socket.error();
    return ipc::Client::Options{.socket = *socket, .timeout = target.timeout, .name = target.name};
}

ExitCode print_answer(const Target& target, ipc::Operation operation, const char* member)
{
    const auto frame = ask(target, std::move(operation));
    if (!frame)
        return report(frame.error());
    const auto answer = ipc::parse_json(frame->header, {.depth = 32});
    if (!answer)
        return report({.link = ipc::LinkFault::malformed, .error = answer.error()});
    auto shown = *answer;
    shown.erase("id");
    shown.erase("ok");
    std::printf("%s\n", ipc::dump_json(shown.contains(member) ? shown[member] : shown).c_str());
    return ExitCode::ok;
}

ExitCode status_command(const Target& target, Format format)
{
    return show<ipc::StatusReply>(target, format, ipc::StatusRequest{}, "status");
}

ExitCode info_command(const Target& target, Format format)
{
    return show<ipc::InfoReply>(target, format, ipc::InfoRequest{}, "info");
}

ExitCode health_command(const Target& target, Format format)
{
    auto options = locate(target);
    if (!options)
        return report(options.error());
    ipc::Client client{*options};
    const auto health = client.health();
    if (!health)
        return report(health.error());
    if (format == Format::json) {
        const nlohmann::json shown{{"live", health->live},
                                   {"ready", health->ready},
                                   {"state", health->state},
                                   {"reason", health->reason}};
        std::printf("%s\n", ipc::dump_json(shown).c_str());
    } else {
        const auto reason = health->reason.empty() ? "" : ": " + printable(health->reason);
        std::printf("%s%s\n", printable(health->state).c_str(), reason.c_str());
    }
    return health->ready ? ExitCode::ok : ExitCode::not_ready;
}

ExitCode wait_ready_command(const Target& target)
{
    const auto deadline = steady_clock::now() + target.timeout;
    const auto left = [&] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
    };
    std::string told;
    std::optional<ipc::CallFailure> failure;
    for (bool first = true; first || left().count() > 0; first = false) {
        auto patient = target;
        patient.timeout = std::max(left(), std::chrono::milliseconds{100});
        if (auto options = locate(patient)) {
            ipc::Client client{*options};
            const auto status = client.status();
            if (status && status->status.serving) {
                std::printf("%s\n", headline(status->status).c_str());
                return ExitCode::ok;
            }
            if (status && told != headline(status->status)) {
                told = headline(status->status);
                std::fprintf(stderr, "%s\n", told.c_str());
            }
            failure = status ? std::nullopt : std::optional{status.error()};
        } else {
            failure = options.error();
        }
        ::poll(nullptr, 0, static_cast<int>(std::clamp<std::int64_t>(left().count(), 0, 100)));
    }
    if (failure)
        return report(*failure);
    std::fprintf(stderr, "embedctl: not ready within %s: %s\n", format_duration(target.timeout).c_str(),
                 told.c_str());
    return ExitCode::not_ready;
}

} // namespace embedd::console

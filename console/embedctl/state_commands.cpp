#include "console/embedctl/commands.hpp"
#include "console/presentation/status_view.hpp"
#include "console/presentation/units.hpp"
#include "ipc/json.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace embedd::console {

namespace {

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
    std::string told;
    const auto status = wait_until_serving(target, [&](const ipc::Status& now) {
        if (told != headline(now))
            std::fprintf(stderr, "%s\n", (told = headline(now)).c_str());
    });
    if (!status)
        return report(status.error());
    if (status->serving) {
        std::printf("%s\n", headline(*status).c_str());
        return ExitCode::ok;
    }
    std::fprintf(stderr, "embedctl: not ready within %s: %s\n", format_duration(target.timeout).c_str(),
                 headline(*status).c_str());
    return ExitCode::not_ready;
}

} // namespace embedd::console

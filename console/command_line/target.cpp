#include "console/command_line/target.hpp"

#include "ipc/endpoint.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

namespace embedd::console {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

ipc::CallResult<ipc::Status> status_of(const Target& target)
{
    auto options = locate(target);
    if (!options)
        return options.error();
    auto reply = ipc::Client{*std::move(options)}.status();
    if (!reply)
        return reply.error();
    return std::move(reply->status);
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

ipc::CallResult<ipc::Status> wait_until_serving(const Target& target, const OnStatus& on_status)
{
    const auto deadline = steady_clock::now() + target.timeout;
    const auto left = [&] {
        return std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    };
    while (true) {
        auto patient = target;
        patient.timeout = std::max(left(), milliseconds{100});
        auto status = status_of(patient);
        if ((status && status->serving) || left().count() <= 0)
            return status;
        if (status && on_status)
            on_status(*status);
        ::poll(nullptr, 0, static_cast<int>(std::clamp<std::int64_t>(left().count(), 0, 100)));
    }
}

} // namespace embedd::console

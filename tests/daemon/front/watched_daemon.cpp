#include "tests/daemon/front/watched_daemon.hpp"

#include "tests/daemon/front/raw_client.hpp"

#include <stdexcept>

namespace embedd::daemon {

WatchedDaemon::WatchedDaemon(const Settings& settings) : DaemonProcess(settings), watcher_(client())
{
    if (!wait_until_ready() || !eventually([this] { return connections() == 0; }))
        throw std::runtime_error("the daemon does not become ready");
    descriptors_ = descriptors();
}

ipc::Status WatchedDaemon::status()
{
    return watcher_.status()->status;
}

std::uint64_t WatchedDaemon::connections()
{
    std::uint64_t all = 0;
    for (const auto& row : status().clients)
        all += row.connections;
    return all - 1;
}

bool WatchedDaemon::comes_to_rest()
{
    return eventually([this] {
        const auto now = status();
        return now.clients.size() == 1 && now.clients[0].connections == 1 && now.clients[0].inflight == 1 &&
               now.queue.requests == 0 && now.queue.tokens == 0 && descriptors() == descriptors_;
    });
}

std::string request_of(std::size_t inputs, std::uint64_t id)
{
    std::string list = "\"a\"";
    for (std::size_t at = 1; at < inputs; ++at)
        list += ",\"a\"";
    return R"({"id":)" + std::to_string(id) + R"(,"op":"embed","inputs":[)" + list + "]}";
}

std::string outcome_of(const DaemonProcess& daemon, const std::string& request)
{
    RawClient client(daemon.socket());
    client.send_frame(request);
    const auto answer = client.answer();
    if (!answer)
        return "closed";
    return answer->at("ok") == true ? "ok" : answer->at("error").at("type").get<std::string>();
}

} // namespace embedd::daemon

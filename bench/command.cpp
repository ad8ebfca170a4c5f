#include "bench/command.hpp"

#include "bench/report.hpp"
#include "ipc/client.hpp"
#include "ipc/endpoint.hpp"
#include "ipc/printable.hpp"

#include <cstdio>
#include <stdexcept>
#include <utility>

namespace embedd::bench {

std::filesystem::path Settings::reachable_socket() const
{
    const auto candidates = ipc::client_sockets(socket);
    auto found = ipc::first_reachable(candidates);
    if (!found)
        throw std::runtime_error(found.error().error.message);
    return *found;
}

std::vector<std::string> Settings::daemon_arguments(std::vector<std::string> rest) const
{
    if (!model.empty())
        rest.insert(rest.end(), {"--model", model});
    return rest;
}

std::vector<std::string> Settings::own_daemon(std::vector<std::string> rest) const
{
    auto command = daemon_arguments(std::move(rest));
    command.insert(command.begin(), sibling("embedd").string());
    return command;
}

void print(const Settings& settings, const std::vector<std::string>& columns, const nlohmann::json& rows)
{
    std::fputs(settings.as_json ? (rows.dump(2) + '\n').c_str() : table(columns, rows).c_str(), stdout);
}

void tell(const std::string& step)
{
    std::fprintf(stderr, "embed-bench: %s\n", ipc::printable(step).c_str());
}

void assert_none(const std::vector<std::string>& missed_bars)
{
    std::string all;
    for (const auto& missed : missed_bars)
        all += (all.empty() ? "" : "; ") + missed;
    if (!all.empty())
        throw std::runtime_error("missed: " + all);
}

nlohmann::json milliseconds(std::optional<std::chrono::microseconds> value)
{
    return value ? nlohmann::json(static_cast<double>(value->count()) / 1e3) : nlohmann::json();
}

} // namespace embedd::bench

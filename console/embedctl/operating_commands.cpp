#include "console/embedctl/commands.hpp"
#include "console/embedctl/operation_progress.hpp"
#include "console/presentation/operating_view.hpp"

#include <cstdio>
#include <filesystem>

namespace embedd::console {

namespace {

// Asks, shows the steps, prints the reply or why there is none.
template <class Ask>
ExitCode carry_out(const Target& target, const Ask& ask)
{
    auto options = locate(target);
    if (!options)
        return report(options.error());
    ipc::Client client{*options};
    const auto reply = [&] {
        OperationProgress progress{stderr, OperationProgress::style_of(stderr)};
        return ask(client, [&](const ipc::Progress& event) { progress.show(event); });
    }();
    if (!reply)
        return report(reply.error());
    std::fputs(describe(*reply).c_str(), stdout);
    return ExitCode::ok;
}

// The daemon takes no path that depends on where somebody stands.
std::string absolute(const std::string& model)
{
    std::error_code error;
    const auto path = std::filesystem::absolute(model, error);
    return error ? model : path.string();
}

} // namespace

ExitCode reload_command(const Target& target, ipc::ReloadRequest request)
{
    if (request.model)
        request.model = absolute(*request.model);
    return carry_out(target, [&](ipc::Client& client, const ipc::Client::OnProgress& on_progress) {
        return client.reload(request, on_progress);
    });
}

ExitCode drain_command(const Target& target)
{
    return carry_out(target, [](ipc::Client& client, const ipc::Client::OnProgress& on_progress) {
        return client.drain(on_progress);
    });
}

ExitCode resume_command(const Target& target)
{
    return carry_out(target,
                     [](ipc::Client& client, const ipc::Client::OnProgress&) { return client.resume(); });
}

ExitCode restart_replica_command(const Target& target, const ipc::RestartReplicaRequest& request)
{
    return carry_out(target, [&](ipc::Client& client, const ipc::Client::OnProgress& on_progress) {
        return client.restart_replica(request, on_progress);
    });
}

} // namespace embedd::console

#include "console/presentation/operating_view.hpp"

#include "console/presentation/units.hpp"

namespace embedd::console {

std::string describe(const ipc::Progress& event)
{
    const auto percent = ", " + std::to_string(percent_of(event)) + " %";
    const auto step = printable(event.step);
    const auto so_many = format_count(event.done) + " of " + format_count(event.total);
    if (event.step == "warmup" && event.rows > 0)
        return "replica " + std::to_string(event.replica) + ": " + so_many + " visits" + percent + ", " +
               format_count(event.rows) + " rows";
    if (event.total <= 1)
        return step;
    if (event.step == "warmup")
        return step + ": " + so_many + " visits" + percent;
    if (event.step == "drain")
        return step + ": " + so_many + " requests answered";
    if (event.step.starts_with("weights."))
        return step + ": " + format_bytes(event.done) + " of " + format_bytes(event.total) + percent;
    return step + ": " + so_many;
}

unsigned percent_of(const ipc::Progress& event) noexcept
{
    if (event.done >= event.total)
        return event.total == 0 ? 0 : 100;
    return static_cast<unsigned>(100.0 * static_cast<double>(event.done) / static_cast<double>(event.total));
}

std::string describe(const ipc::ReloadReply& reply)
{
    std::string text;
    if (reply.dry_run)
        text =
            "would load " + printable(reply.model) + " beside generation " + std::to_string(reply.generation);
    else
        text = "generation " + std::to_string(reply.generation) + " serves " + printable(reply.model) + " (" +
               printable(reply.fingerprint) + "), after " + format_duration(reply.took_us);
    if (reply.needed_bytes)
        text += "\nmemory estimated " + format_bytes(*reply.needed_bytes);
    if (reply.available_bytes)
        text += ", available before " + format_bytes(*reply.available_bytes);
    if (reply.report)
        text += "\nwarm-up " + printable(reply.report->result) + ", " +
                format_count(reply.report->cells.size()) + " shapes measured";
    return text + '\n';
}

std::string describe(const ipc::DrainReply& reply)
{
    return "drained: " + format_count(reply.answered) + " requests were answered in " +
           format_duration(reply.took_us) + "; new ones are refused until embedctl resume\n";
}

std::string describe(const ipc::ResumeReply& reply)
{
    return reply.resumed ? "work is taken again\n" : "it was not draining\n";
}

std::string describe(const ipc::RestartReplicaReply& reply)
{
    const auto replica = "replica " + std::to_string(reply.replica);
    const auto pid = reply.pid ? "pid " + std::to_string(*reply.pid) : std::string("no process");
    if (reply.dry_run)
        return "would end " + replica + " (" + pid + ") after its running batches, and spawn it again\n";
    return replica + " serves again (" + pid + "), after " + format_duration(reply.took_us) + '\n';
}

std::string summary(const ipc::ReloadStatus& reload)
{
    if (reload.state == "none")
        return {};
    auto text = printable(reload.state) + ": " + printable(reload.model);
    if (reload.duration_us)
        text += ", after " + format_duration(reload.duration_us);
    if (!reload.reason.empty())
        text += " (" + printable(reload.reason) + "; the model before serves)";
    return text;
}

} // namespace embedd::console

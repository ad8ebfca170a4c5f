#include "console/embedctl/commands.hpp"
#include "console/embedctl/operation_progress.hpp"
#include "console/embedctl/warm_up_verdict.hpp"
#include "console/presentation/units.hpp"
#include "console/presentation/warm_up_view.hpp"
#include "ipc/json.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace embedd::console {

namespace {

using Records = std::vector<ipc::WarmUpRecord>;

ExitCode fail(const std::string& text)
{
    std::fprintf(stderr, "embedctl: %s\n", text.c_str());
    return ExitCode::failed;
}

ExitCode print_comparison(const ipc::WarmUpRecord& a, const ipc::WarmUpRecord& b)
{
    std::fputs(compare(a, b).c_str(), stdout);
    return ExitCode::ok;
}

// Of one model, dtype and kind only: others differ for reasons that are no news.
ExitCode compare_newest(const Records& warmups)
{
    if (warmups.empty())
        return fail("no warm-up is known yet, so there is nothing to compare");
    const auto& newest = warmups.back();
    const auto earlier = std::find_if(warmups.rbegin() + 1, warmups.rend(), [&](const auto& record) {
        return record.model == newest.model && record.dtype == newest.dtype && record.kind == newest.kind;
    });
    if (earlier == warmups.rend())
        return fail("no earlier warm-up of " + printable(newest.model) + ' ' + printable(newest.dtype) +
                    " is known: name two with --compare A B, numbered as embedctl warmups lists them");
    return print_comparison(*earlier, newest);
}

ExitCode compare_numbered(const Records& warmups, std::size_t a, std::size_t b)
{
    for (const auto number : {a, b})
        if (number == 0 || number > warmups.size())
            return fail("there is no warm-up " + std::to_string(number) +
                        ": the numbers go from 1, the newest, to " + std::to_string(warmups.size()));
    return print_comparison(warmups[warmups.size() - a], warmups[warmups.size() - b]);
}

ExitCode print_verdict(const Records& warmups, const RatioBounds& bounds)
{
    const auto verdict = judge(warmups, bounds);
    if (!verdict.kept)
        return fail(verdict.text);
    std::printf("%s\n", verdict.text.c_str());
    return ExitCode::ok;
}

void print_json(const ipc::RewarmReply& reply)
{
    // The answer as it goes over the wire, less the frame's own fields.
    auto shown = *ipc::parse_json(ipc::to_header(ipc::Id{}, reply));
    shown.erase("id");
    shown.erase("ok");
    std::printf("%s\n", ipc::dump_json(shown).c_str());
}

// A re-warm beside traffic may be left unproven, where there was no quiet moment to verify it in; that is no
// failure.
bool succeeded(const ipc::RewarmReply& reply)
{
    return reply.dry_run ||
           (reply.report && (reply.report->result == "done" || reply.report->result == "unproven"));
}

// Token counts with commas between them; nothing where the text is anything else.
std::optional<std::vector<std::uint64_t>> parse_lengths(std::string_view text)
{
    constexpr std::uint64_t largest = 1 << 20;
    std::vector<std::uint64_t> lengths;
    const auto* at = text.data();
    const auto* const end = at + text.size();
    while (true) {
        std::uint64_t length = 0;
        const auto [next, error] = std::from_chars(at, end, length);
        if (error != std::errc{} || length == 0 || length > largest)
            return std::nullopt;
        lengths.push_back(length);
        if (next == end)
            return lengths;
        if (*next != ',')
            return std::nullopt;
        at = next + 1;
    }
}

} // namespace

ExitCode warm_ups_command(const Target& target, const WarmUpsOptions& options)
{
    if (options.format == Format::json)
        return print_answer(target, ipc::WarmUpsRequest{}, "warmups");
    auto client_options = locate(target);
    if (!client_options)
        return report(client_options.error());
    ipc::Client client{*client_options};
    const auto reply = client.warm_ups();
    if (!reply)
        return report(reply.error());
    const auto& warmups = reply->warmups;
    if (options.ratio_at_most)
        return print_verdict(warmups, {.median = *options.ratio_at_most, .worst = options.worst_at_most});
    if (!options.compared) {
        std::fputs(list_warm_ups(warmups, options.newest.value_or(warmups.size())).c_str(), stdout);
        return ExitCode::ok;
    }
    return options.compared->empty()
               ? compare_newest(warmups)
               : compare_numbered(warmups, (*options.compared)[0], (*options.compared)[1]);
}

ExitCode rewarm_command(const Target& target, const RewarmOptions& options)
{
    ipc::RewarmRequest request{.task = options.task, .lengths = {}, .dry_run = options.dry_run};
    if (options.lengths) {
        auto lengths = parse_lengths(*options.lengths);
        if (!lengths)
            return report_usage(
                "--lengths takes token counts from 1 to 1048576 with commas between them, as in "
                "--lengths 8,32,100");
        request.lengths = std::move(*lengths);
    }
    auto client_options = locate(target);
    if (!client_options)
        return report(client_options.error());
    ipc::Client client{*client_options};
    const auto reply = [&] {
        OperationProgress progress{stderr, OperationProgress::style_of(stderr)};
        return client.rewarm(std::move(request), [&](const auto& event) { progress.show(event); });
    }();
    if (!reply)
        return report(reply.error());
    if (options.format == Format::json)
        print_json(*reply);
    else
        std::fputs(describe(*reply).c_str(), stdout);
    return succeeded(*reply) ? ExitCode::ok : ExitCode::failed;
}

ExitCode metrics_command(const Target& target)
{
    auto options = locate(target);
    if (!options)
        return report(options.error());
    ipc::Client client{*options};
    const auto reply = client.metrics();
    if (!reply)
        return report(reply.error());
    std::string_view left = reply->text;
    while (!left.empty()) {
        const auto line = left.substr(0, left.find('\n'));
        std::printf("%s\n", printable(line).c_str());
        left.remove_prefix(std::min(left.size(), line.size() + 1));
    }
    return ExitCode::ok;
}

} // namespace embedd::console

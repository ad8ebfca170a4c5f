#include "console/presentation/warm_up_view.hpp"

#include "console/presentation/table.hpp"
#include "console/presentation/units.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <tuple>

namespace embedd::console {

namespace {

using Align = Table::Align;
using Amount = std::optional<std::uint64_t>;

std::string bytes(Amount amount)
{
    return amount ? format_bytes(*amount) : "–";
}

std::string count(Amount amount)
{
    return amount ? format_count(*amount) : "–";
}

template <class Number>
std::string change(std::optional<Number> a, std::optional<Number> b)
{
    if (!a || !b || *a == 0)
        return "–";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%+.1f %%",
                  (static_cast<double>(*b) / static_cast<double>(*a) - 1) * 100);
    return text.data();
}

// The key by which cells of two warm-ups are the same.
auto identity(const ipc::WarmUpCell& cell)
{
    return std::tie(cell.stage, cell.task, cell.rows, cell.length, cell.concurrency);
}

const std::array<Table::Column, 5> identity_columns{
    {{"stage"}, {"task"}, {"rows", Align::right}, {"length", Align::right}, {"concurrency", Align::right}}};

std::vector<std::string> identity_texts(const ipc::WarmUpCell& cell)
{
    return {printable(cell.stage), printable(cell.task), format_count(cell.rows), format_count(cell.length),
            format_count(cell.concurrency)};
}

// identity_columns and those that follow.
Table cell_table(std::initializer_list<Table::Column> more)
{
    std::vector<Table::Column> columns{identity_columns.begin(), identity_columns.end()};
    columns.insert(columns.end(), more);
    return Table{std::move(columns)};
}

std::string headline(const char* name, const ipc::WarmUpRecord& record)
{
    return std::string{name} + "  " + printable(record.report.started) + ' ' + printable(record.kind) + ", " +
           printable(record.model) + ' ' + printable(record.dtype) + ", embedd " + printable(record.version) +
           ", " + printable(record.report.result) + (record.report.stable ? "" : ", unstable") + '\n';
}

Table comparison(std::string_view title)
{
    return Table{{{title}, {"a", Align::right}, {"b", Align::right}, {"change", Align::right}}};
}

std::string compare_phases(const ipc::WarmUpRecord& a, const ipc::WarmUpRecord& b)
{
    auto table = comparison("phase");
    const auto add = [&](std::string name, Amount before, Amount after) {
        table.add({std::move(name), format_duration(before), format_duration(after), change(before, after)});
    };
    std::map<std::string, std::pair<Amount, Amount>> phases;
    for (const auto& [name, us] : a.phases_us)
        phases[name].first = us;
    for (const auto& [name, us] : b.phases_us)
        phases[name].second = us;
    for (const auto& [name, times] : phases)
        add(printable(name), times.first, times.second);
    add("warm-up", a.report.duration_us, b.report.duration_us);
    add("exec→READY", a.to_ready_us, b.to_ready_us);
    return table.text();
}

// A line a time rather than a cell: most cells have one or two of the three.
std::string compare_cells(const ipc::WarmUpReport& a, const ipc::WarmUpReport& b)
{
    using Cell = const ipc::WarmUpCell*;
    std::map<decltype(identity(*Cell{})), std::pair<Cell, Cell>> cells;
    for (const auto& cell : a.cells)
        cells[identity(cell)].first = &cell;
    for (const auto& cell : b.cells)
        cells[identity(cell)].second = &cell;
    auto table = cell_table({{"time"}, {"a", Align::right}, {"b", Align::right}, {"change", Align::right}});
    for (const auto& [key, pair] : cells) {
        const auto& [before, after] = pair;
        const auto add = [&](const char* name, Amount ipc::WarmUpCell::* time) {
            const auto was = before ? before->*time : std::nullopt;
            const auto is = after ? after->*time : std::nullopt;
            if (!was && !is)
                return;
            auto row = identity_texts(before ? *before : *after);
            row.insert(row.end(), {name, format_duration(was), format_duration(is), change(was, is)});
            table.add(std::move(row));
        };
        add("first", &ipc::WarmUpCell::first_us);
        add("control", &ipc::WarmUpCell::control_us);
        add("steady", &ipc::WarmUpCell::steady_us);
    }
    return table.empty() ? "" : '\n' + table.text();
}

std::string compare_figures(const ipc::WarmUpReport& a, const ipc::WarmUpReport& b)
{
    auto table = comparison("figure");
    const auto add = [&](const char* name, auto member, auto shown) {
        table.add({name, shown(a.*member), shown(b.*member), change(a.*member, b.*member)});
    };
    add("ratio", &ipc::WarmUpReport::ratio, format_ratio);
    add("worst", &ipc::WarmUpReport::ratio_worst, format_ratio);
    add("memory before", &ipc::WarmUpReport::memory_before_bytes, bytes);
    add("memory after", &ipc::WarmUpReport::memory_after_bytes, bytes);
    add("memory available", &ipc::WarmUpReport::memory_available_bytes, bytes);
    add("max_batch_tokens", &ipc::WarmUpReport::max_batch_tokens, count);
    return table.text();
}

std::string ratios(const ipc::WarmUpReport& report)
{
    return "first request ÷ control " + format_ratio(report.ratio) + " (worst length " +
           format_ratio(report.ratio_worst) + ")";
}

std::string replicas(const std::vector<std::uint64_t>& ids)
{
    std::string text = ids.size() == 1 ? "replica" : "replicas";
    for (const auto id : ids)
        text += (id == ids.front() ? " " : ", ") + std::to_string(id);
    return ids.empty() ? "no replica" : text;
}

std::string before_and_after(const std::vector<ipc::WarmUpCell>& cells)
{
    auto table =
        cell_table({{"before", Align::right}, {"after", Align::right}, {"before ÷ after", Align::right}});
    for (const auto& cell : cells) {
        std::optional<double> ratio;
        if (cell.first_us && cell.steady_us && *cell.steady_us > 0)
            ratio = static_cast<double>(*cell.first_us) / static_cast<double>(*cell.steady_us);
        auto row = identity_texts(cell);
        row.insert(row.end(),
                   {format_duration(cell.first_us), format_duration(cell.steady_us), format_ratio(ratio)});
        table.add(std::move(row));
    }
    return table.empty() ? "" : table.text();
}

} // namespace

std::string list_warm_ups(std::span<const ipc::WarmUpRecord> warmups, std::size_t at_most)
{
    if (warmups.empty())
        return "no warm-up is known yet\n";
    Table table{{{"#", Align::right},
                 {"started"},
                 {"kind"},
                 {"model"},
                 {"dtype"},
                 {"exec→READY", Align::right},
                 {"ratio", Align::right},
                 {"worst", Align::right},
                 {"stable"},
                 {"result"},
                 {"max_batch_tokens", Align::right}}};
    const auto shown = warmups.last(std::min(at_most, warmups.size()));
    for (auto number = shown.size(); const auto& record : shown)
        table.add({std::to_string(number--), printable(record.report.started), printable(record.kind),
                   printable(record.model), printable(record.dtype), format_duration(record.to_ready_us),
                   format_ratio(record.report.ratio), format_ratio(record.report.ratio_worst),
                   record.report.stable ? "yes" : "no", printable(record.report.result),
                   count(record.report.max_batch_tokens)});
    return table.text();
}

std::string compare(const ipc::WarmUpRecord& a, const ipc::WarmUpRecord& b)
{
    return headline("a", a) + headline("b", b) + '\n' + compare_phases(a, b) +
           compare_cells(a.report, b.report) + '\n' + compare_figures(a.report, b.report);
}

std::string describe(const ipc::RewarmReply& reply)
{
    const auto scope = replicas(reply.replicas) + ", " + format_count(reply.cells) + " cells";
    if (reply.dry_run)
        return "would re-warm " + scope + ", in " +
               (reply.estimate_us ? "about " + format_duration(reply.estimate_us) : "a time not known yet") +
               '\n';
    if (!reply.report)
        return "re-warm of " + scope + ", without a report\n";
    const auto& report = *reply.report;
    auto out = before_and_after(report.cells);
    out += "re-warm " + printable(report.result) + (report.stable ? "" : ", unstable") + " in " +
           format_duration(report.duration_us) + ": " + scope;
    if (report.ratio)
        out += ", " + ratios(report);
    if (report.memory_before_bytes && report.memory_after_bytes)
        out += ", memory " + bytes(report.memory_before_bytes) + " before, " +
               bytes(report.memory_after_bytes) + " after";
    return out + '\n';
}

std::string summary(const ipc::WarmUpStatus& warmup)
{
    auto text = printable(warmup.state);
    if (warmup.last) {
        const auto& last = *warmup.last;
        text += " in " + format_duration(last.duration_us);
        if (last.result != warmup.state)
            text += ", result " + printable(last.result);
        text += (last.stable ? ", " : ", unstable, ") + ratios(last);
    }
    return text + ", cold hits " + format_count(warmup.cold_hits.total);
}

std::string describe(const ipc::ColdStart& cold)
{
    const auto saved = cold.first_us - std::min(cold.first_us, cold.steady_us);
    return "warm-up would have saved about " + format_duration(saved) + " over " + format_count(cold.shapes) +
           (cold.shapes == 1 ? " shape" : " shapes");
}

std::vector<std::string> last_cold_hits(const ipc::ColdHits& hits, std::size_t at_most)
{
    std::vector<std::string> lines;
    const auto first = hits.recent.size() - std::min(at_most, hits.recent.size());
    for (const auto& hit : std::span{hits.recent}.subspan(first))
        lines.push_back(printable(hit.cause) + ": " + format_count(hit.rows) + " rows, longest input " +
                        format_count(hit.length) + " tokens, took " + format_duration(hit.took_us) +
                        ", expected " + format_duration(hit.expected_us));
    return lines;
}

} // namespace embedd::console

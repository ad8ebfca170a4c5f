#include "console/screen/layout.hpp"

#include <algorithm>
#include <cstddef>

namespace embedd::console::screen {

namespace {

constexpr int wide = 110;     // from here two panes lie side by side
constexpr int tall = 40;      // from here all lower panes are shown
constexpr int tall_pair = 30; // below, a pair side by side takes more rows than it saves
constexpr int title = 1;

// A pane of the stack: it has `least` rows or none, and no more than `most`.
struct Row {
    Pane pane;
    int least = 0, most = 0;
    int urgency = 0;     // who gets rows first: the lowest
    bool beside = false; // shares its rows with the one before
    int height = 0;
};

int count_of(std::size_t count)
{
    return static_cast<int>(std::min<std::size_t>(count, Grid::longest_side));
}

int list(int rows, int at_most)
{
    return title + 1 + std::clamp(rows, 1, at_most);
}

Row lower_row(Pane pane, const Wanted& wanted, bool chosen)
{
    const int urgency = chosen ? 5 : 6;
    switch (pane) {
    case Pane::histogram:
        return {.pane = pane, .least = 5, .most = title + 12, .urgency = urgency};
    case Pane::clients:
        return {.pane = pane, .least = 3, .most = list(wanted.clients, chosen ? 100 : 6), .urgency = urgency};
    case Pane::events:
        return {
            .pane = pane, .least = 2, .most = title + std::clamp(wanted.events, 1, 100), .urgency = urgency};
    case Pane::warm_up:
        return {
            .pane = pane, .least = 4, .most = 2 + list(wanted.cells, chosen ? 100 : 8), .urgency = urgency};
    case Pane::cold_hits:
        return {
            .pane = pane, .least = 3, .most = list(wanted.cold_hits, chosen ? 100 : 6), .urgency = urgency};
    default:
        return {.pane = Pane::heatmap, .least = 3, .most = title + 9, .urgency = urgency};
    }
}

void add_lower(std::vector<Row>& rows, Size size, const Wanted& wanted)
{
    if (size.height < tall) {
        rows.push_back(lower_row(wanted.lower, wanted, true));
        return;
    }
    for (const auto pane : {Pane::histogram, Pane::heatmap, Pane::clients, Pane::events})
        rows.push_back(lower_row(pane, wanted, pane == wanted.lower));
    if (wanted.lower == Pane::warm_up || wanted.lower == Pane::cold_hits)
        rows.push_back(lower_row(wanted.lower, wanted, true));
}

std::vector<Row> stack_of(Size size, const Wanted& wanted)
{
    const bool pair = size.width >= wide && size.height >= tall_pair;
    std::vector<Row> rows;
    if (wanted.starting) {
        const int path = size.width >= wide ? 2 : 0;
        rows.push_back(
            {.pane = Pane::phases, .least = 3, .most = list(wanted.phases, 24) + path, .urgency = 0});
        rows.push_back({.pane = Pane::memory, .least = 1, .most = 3, .urgency = 1});
        rows.push_back({.pane = Pane::replicas, .least = 1, .most = list(wanted.replicas, 6), .urgency = 2});
        rows.push_back(lower_row(Pane::events, wanted, true));
        return rows;
    }
    if (pair) {
        rows.push_back({.pane = Pane::throughput, .least = 6, .most = 6, .urgency = 0});
        rows.push_back({.pane = Pane::memory, .beside = true});
    } else {
        rows.push_back({.pane = Pane::throughput, .least = 2, .most = 2, .urgency = 0});
        rows.push_back({.pane = Pane::memory, .least = 1, .most = 3, .urgency = 4});
    }
    if (wanted.operation)
        rows.push_back({.pane = Pane::operation,
                        .least = 2,
                        .most = title + std::clamp(wanted.operation_rows, 1, size.height / 2),
                        .urgency = 1});
    rows.push_back({.pane = Pane::replicas,
                    .least = 1,
                    .most = list(wanted.replicas, std::max(2, size.height / 4 - 2)),
                    .urgency = 3});
    // Below the stages: what late requests are late by, and since warm-up where that is not beside.
    const int below = size.width < wide && size.height >= tall ? 2 : 1;
    constexpr int stages = 5;
    rows.push_back({.pane = Pane::latency, .least = 3, .most = title + 1 + stages + below, .urgency = 2});
    add_lower(rows, size, wanted);
    return rows;
}

void share_out(std::vector<Row>& rows, int budget)
{
    std::vector<Row*> order;
    for (auto& row : rows)
        if (!row.beside)
            order.push_back(&row);
    std::stable_sort(order.begin(), order.end(),
                     [](const Row* a, const Row* b) { return a->urgency < b->urgency; });
    constexpr int lower_urgency = 5;
    const auto begin = [&](Row& row) {
        if (row.least > budget)
            return;
        row.height = row.least;
        budget -= row.least;
    };
    const auto grow = [&](Row& row) {
        if (row.height == 0)
            return;
        const int more = std::clamp(row.most - row.height, 0, budget);
        row.height += more;
        budget -= more;
    };
    // The lower panes get what the others leave.
    for (const bool lower : {false, true}) {
        for (auto* row : order)
            if ((row->urgency >= lower_urgency) == lower)
                begin(*row);
        for (auto* row : order)
            if ((row->urgency >= lower_urgency) == lower)
                grow(*row);
    }
}

} // namespace

std::vector<Placed> layout(Size size, const Wanted& wanted)
{
    std::vector<Placed> placed;
    if (size.width < 1 || size.height < 1)
        return placed;
    int top = 0;
    int bottom = size.height;
    const auto take = [&](Pane pane, int rows) {
        if (rows > 0)
            placed.push_back({pane, {0, top, size.width, rows}});
        top += rows;
    };
    take(Pane::header, 1);
    if (size.height >= 4)
        placed.push_back({Pane::keys, {0, --bottom, size.width, 1}});
    if (size.width < least_for_panes.width || size.height < least_for_panes.height) {
        take(Pane::notice, std::clamp(bottom - top - 2, 0, wanted.notices));
        take(Pane::summary, bottom - top);
        return placed;
    }
    take(Pane::notice, std::min(wanted.notices, 2));
    if (!wanted.known)
        return placed;
    if (wanted.zoomed) {
        take(*wanted.zoomed, bottom - top);
        return placed;
    }
    auto rows = stack_of(size, wanted);
    share_out(rows, bottom - top);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool paired = i + 1 < rows.size() && rows[i + 1].beside;
        if (!paired) {
            take(rows[i].pane, rows[i].height);
            continue;
        }
        const int left = size.width / 2;
        placed.push_back({rows[i].pane, {0, top, left, rows[i].height}});
        placed.push_back({rows[i + 1].pane, {left + 1, top, size.width - left - 1, rows[i].height}});
        top += rows[i].height;
        ++i;
    }
    return placed;
}

Wanted wanted_of(const Model& model)
{
    Wanted wanted;
    wanted.lower = model.view.lower;
    if (model.view.zoomed)
        wanted.zoomed = model.view.focus;
    wanted.operation = model.operation.has_value();
    if (model.operation) {
        const auto& operation = *model.operation;
        wanted.operation_rows =
            count_of(operation.progress.size()) + (operation.ended_us || operation.progress.empty() ? 1 : 0);
        if (operation.report)
            wanted.operation_rows += 1 + count_of(operation.report->cells.size());
    }
    const auto& status = model.drawn().status;
    if (!status) {
        wanted.notices = 2;
        return wanted;
    }
    if (is_old(model))
        wanted.notices = 2;
    else
        wanted.notices = (status->reason.empty() ? 0 : 1) +
                         (status->reload.state == "none" || status->reload.state == "done" ? 0 : 1);
    const bool loads =
        status->state == "starting" || status->state == "loading" || status->state == "warming";
    wanted.starting = loads || (!status->serving && status->state == "failed");
    if (wanted.starting && wanted.notices == 0)
        wanted.notices = 1;
    for (const auto& phase : status->phases)
        wanted.phases = std::min(wanted.phases + 1 + count_of(phase.children.size()), Grid::longest_side);
    wanted.known = true;
    wanted.replicas = count_of(status->replicas.size());
    wanted.cells = count_of(rows_of(model, Pane::warm_up));
    wanted.cold_hits = count_of(rows_of(model, Pane::cold_hits));
    wanted.clients = count_of(status->clients.size()) + (status->other_clients ? 1 : 0);
    wanted.events = count_of(status->events.size());
    return wanted;
}

} // namespace embedd::console::screen

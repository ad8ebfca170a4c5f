#include "console/screen/figures.hpp"
#include "console/screen/keys.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>
#include <sstream>

namespace embedd::console::screen {

namespace {

// A box in the middle of the dimmed screen: what is inside of its border.
Canvas box(const Scene& scene, Grid& grid, int width, int height, std::string_view title)
{
    const auto size = grid.size();
    width = std::min(width, size.width);
    height = std::min(height, size.height - 1); // the state stays in sight
    const Rect place{(size.width - width) / 2, 1 + (size.height - 1 - height) / 2, width,
                     std::max(0, height)};
    const Canvas canvas{grid, place};
    canvas.clear();
    for (int x = 0; x < width; ++x)
        for (const int y : {0, height - 1})
            canvas.set(x, y, scene.glyphs.rule);
    for (int y = 0; y < height; ++y)
        for (const int x : {0, width - 1})
            canvas.set(x, y, scene.glyphs.side);
    canvas.set(0, 0, scene.glyphs.corners[0]);
    canvas.set(width - 1, 0, scene.glyphs.corners[1]);
    canvas.set(width - 1, height - 1, scene.glyphs.corners[2]);
    canvas.set(0, height - 1, scene.glyphs.corners[3]);
    canvas.put(2, 0, ' ' + at_left(title, std::min(columns_of(title), std::max(0, width - 6))) + ' ',
               Style::title);
    return {grid, {place.x + 2, place.y + 1, std::max(0, width - 4), std::max(0, height - 2)}};
}

std::string question_of(const Action& action)
{
    switch (action.kind) {
    case Action::Kind::rewarm:
        return "Re-warm all replicas?";
    case Action::Kind::restart_replica:
        return "Restart replica " + std::to_string(action.replica) + '?';
    case Action::Kind::cancel:
        break;
    }
    return "End the re-warm?";
}

std::string verb_of(Action::Kind kind)
{
    switch (kind) {
    case Action::Kind::rewarm:
        return "y Re-warm";
    case Action::Kind::restart_replica:
        return "y Restart";
    case Action::Kind::cancel:
        break;
    }
    return "y End it";
}

std::string effect_of(Action::Kind kind)
{
    switch (kind) {
    case Action::Kind::rewarm:
        return "between the batches of clients, none is dropped";
    case Action::Kind::restart_replica:
        return "after its running batches; the others serve on";
    case Action::Kind::cancel:
        break;
    }
    return "the re-warm stops at its next step";
}

std::vector<std::string> lines_of(const Scene& scene, const Dialog& dialog)
{
    std::vector<std::string> lines;
    lines.push_back("effect    " + effect_of(dialog.action.kind));
    if (const auto& status = scene.model.record.status)
        lines.push_back("now       " +
                        short_count(rate(scene.model.record, Window::ten_seconds, &ipc::Sample::requests)) +
                        " req/s, queue " + short_count(status->queue.requests));
    if (dialog.stage == Dialog::Stage::asking) {
        lines.push_back("daemon    asked what it would do, no answer yet");
        return lines;
    }
    std::istringstream answer{dialog.answer};
    const char* label = dialog.stage == Dialog::Stage::refused ? "refused   " : "daemon    ";
    for (std::string line; std::getline(answer, line) && lines.size() < 8;) {
        lines.push_back(label + line);
        label = "          ";
    }
    return lines;
}

} // namespace

void draw_dialog(const Scene& scene, Grid& grid)
{
    if (!scene.model.dialog)
        return;
    const auto& dialog = *scene.model.dialog;
    grid.dim();
    const auto lines = lines_of(scene, dialog);
    int widest = 56;
    for (const auto& line : lines)
        widest = std::max(widest, columns_of(line));
    // On few rows the answer to give goes before the rest.
    const int rows = static_cast<int>(lines.size());
    const auto inside = box(scene, grid, std::min(widest, 100) + 4, rows + 4, question_of(dialog.action));
    const int last = inside.height() - 1;
    for (int y = 0; y < std::min(rows, last); ++y)
        inside.put(0, y, at_left(lines[static_cast<std::size_t>(y)], inside.width()));
    const int x = inside.put(inside.width() > 40 ? 5 : 0, last, "[ Cancel ]", Style::selected);
    if (dialog.stage == Dialog::Stage::answered)
        inside.put(x + 4, last, verb_of(dialog.action.kind), Style::bold);
}

void draw_help(const Scene& scene, Grid& grid)
{
    if (!scene.model.view.help)
        return;
    grid.dim();
    constexpr int key_width = 11;
    int widest = 0;
    std::vector<std::pair<std::string, Style>> lines;
    for (const auto& binding : bindings()) {
        const auto reason = why_not(scene.model, binding.deed);
        auto line = at_left(binding.keys, key_width);
        if (!reason.empty())
            line += '(' + reason + ") ";
        line += binding.what;
        widest = std::max(widest, columns_of(line));
        lines.emplace_back(std::move(line), reason.empty() ? Style::normal : Style::dim);
    }
    // In two columns where one is too short for all.
    const int rows = static_cast<int>(lines.size());
    const int room = grid.size().height - 3;
    const int columns = rows > room && grid.size().width >= 2 * widest + 6 ? 2 : 1;
    const int column_rows = (rows + columns - 1) / columns;
    const auto inside =
        box(scene, grid, columns * (widest + 2) + 2, column_rows + 2, "Keys (any key closes)");
    for (int i = 0; i < rows; ++i) {
        const auto& [text, style] = lines[static_cast<std::size_t>(i)];
        inside.put(i / column_rows * (widest + 2), i % column_rows, text, style);
    }
}

} // namespace embedd::console::screen

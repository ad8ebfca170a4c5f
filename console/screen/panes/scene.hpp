#pragma once

#include "console/presentation/state_view.hpp"
#include "console/screen/glyphs.hpp"
#include "console/screen/grid.hpp"
#include "console/screen/model.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::console::screen {

// What panes draw from.
struct Scene {
    const Model& model;
    const Record& record; // that is drawn: the frozen one while paused
    const Glyphs& glyphs;
    bool old; // the data are not the present
};

// A pane draws on its canvas, whatever that one's size.
void draw_header(const Scene&, const Canvas&);
void draw_notice(const Scene&, const Canvas&);
void draw_keys(const Scene&, const Canvas&);
void draw_summary(const Scene&, const Canvas&);
void draw_throughput(const Scene&, const Canvas&);
void draw_memory(const Scene&, const Canvas&);
void draw_operation(const Scene&, const Canvas&);
void draw_replicas(const Scene&, const Canvas&);
void draw_phases(const Scene&, const Canvas&);
void draw_warm_up(const Scene&, const Canvas&);
void draw_latency(const Scene&, const Canvas&);
void draw_histogram(const Scene&, const Canvas&);
void draw_heatmap(const Scene&, const Canvas&);
void draw_cold_hits(const Scene&, const Canvas&);
void draw_clients(const Scene&, const Canvas&);
void draw_events(const Scene&, const Canvas&);

// Over all the others, in the middle.
void draw_dialog(const Scene&, Grid&);
void draw_help(const Scene&, Grid&);

// What panes have in common.

[[nodiscard]] std::string_view mark_of(const Scene&, Tone);
[[nodiscard]] Style style_of(Tone);

// A pane's first row: "-Replicas ------------ 2 ready -".
void draw_title(const Scene&, const Canvas&, std::string_view left, std::string_view right,
                std::optional<Pane> = std::nullopt);

// A part of a whole as a bar of `width` columns, brackets included.
void draw_bar(const Scene&, const Canvas&, int x, int y, int width, double fraction, Style);

// Values over time, nothing where none was heard; the scale ends at the largest of them.
void draw_levels(const Scene&, const Canvas&, int x, int y, const std::vector<std::optional<double>>&);

// The sign of a share (0 .. 1) that is more than nothing.
[[nodiscard]] char32_t shade_of(const Scene&, double share);

// The last seconds, a column each; what a sample says of them.
[[nodiscard]] std::vector<Second> seconds_drawn(const Scene&, int columns);
[[nodiscard]] std::vector<std::optional<double>> values_of(const std::vector<Second>&,
                                                           std::uint64_t ipc::Sample::* value);

[[nodiscard]] std::string window_name(const Scene&, Window);

// How long before a status something was, in ten columns.
[[nodiscard]] std::string ago(const ipc::Status&, std::uint64_t mono_us);

// The first row of a list that is shown in so many rows: as far as its pane was scrolled, where it has the
// focus; and so that row `kept` is among them.
[[nodiscard]] std::size_t scrolled(const Scene&, Pane, std::size_t rows, int room);
[[nodiscard]] std::size_t first_row(std::size_t rows, std::size_t kept, int room);

} // namespace embedd::console::screen

#include "console/presentation/units.hpp"
#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace embedd::console::screen {

namespace {

using Amount = std::optional<std::uint64_t>;

// The parts of a whole, in order; what they leave of it is free.
struct Parts {
    struct Part {
        char32_t sign;
        std::string name;
        std::uint64_t bytes;
    };
    std::string title;
    std::vector<Part> parts;
    std::uint64_t total = 0;
    Amount peak;
    std::string free_name;
};

std::uint64_t less(std::uint64_t from, std::uint64_t what)
{
    return from - std::min(from, what);
}

struct Sums {
    std::uint64_t weights = 0, active = 0, reserved = 0, resident = 0;
    Amount peak, graphs, retries, ooms;
};

Sums sums_of(const ipc::Status& status)
{
    Sums sums;
    const auto add = [](Amount& sum, Amount amount) {
        if (amount)
            sum = sum.value_or(0) + *amount;
    };
    for (const auto& replica : status.replicas) {
        const auto& memory = replica.memory;
        sums.weights += memory.weights_bytes.value_or(0);
        sums.active += memory.active_bytes.value_or(0);
        sums.reserved += memory.reserved_bytes.value_or(0);
        sums.resident += memory.rss_bytes.value_or(0);
        add(sums.peak, memory.peak_bytes);
        add(sums.graphs, memory.graphs_bytes);
        add(sums.retries, memory.alloc_retries);
        add(sums.ooms, memory.ooms);
    }
    return sums;
}

Parts parts_of(const Scene& scene, const ipc::Status& status, const Sums& sums)
{
    const auto& signs = scene.glyphs;
    std::uint64_t total = 0, used = 0;
    for (const auto& device : status.devices) {
        total += device.total_bytes.value_or(0);
        used += device.used_bytes.value_or(0);
    }
    Parts memory;
    memory.peak = sums.peak;
    if (total > 0) {
        memory.title = "Device memory";
        memory.total = total;
        memory.parts = {{signs.weights, "weights", sums.weights},
                        {signs.active, "active", less(sums.active, sums.weights)},
                        {signs.cached, "cached", less(sums.reserved, std::max(sums.active, sums.weights))},
                        {signs.other, "other", less(used, std::max(sums.reserved, sums.weights))}};
        memory.free_name = "free";
        return memory;
    }
    const auto& last = status.warmup.last;
    const auto available = last ? last->memory_available_bytes.value_or(0) : 0;
    memory.title = "Memory resident";
    memory.total = sums.resident + available;
    if (sums.weights > 0)
        memory.parts.push_back({signs.weights, "weights", std::min(sums.weights, sums.resident)});
    memory.parts.push_back(
        {signs.resident, sums.weights > 0 ? "rest" : "resident", less(sums.resident, sums.weights)});
    memory.free_name = available > 0 ? "available at warm-up" : "";
    return memory;
}

void draw_parts(const Scene& scene, const Canvas& canvas, int y, const Parts& memory)
{
    const int inside = canvas.width() - 4;
    if (inside < 4 || memory.total == 0)
        return;
    const auto column = [&](double bytes) {
        const auto share = bytes / static_cast<double>(memory.total);
        return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * inside));
    };
    canvas.set(1, y, U'[');
    for (int i = 0; i < inside; ++i)
        canvas.set(2 + i, y, scene.glyphs.free, Style::dim);
    double sum = 0;
    for (const auto& part : memory.parts) {
        const int from = column(sum);
        sum += static_cast<double>(part.bytes);
        for (int i = from; i < column(sum); ++i)
            canvas.set(2 + i, y, part.sign);
    }
    if (memory.peak)
        canvas.set(2 + std::min(inside - 1, column(static_cast<double>(*memory.peak))), y, scene.glyphs.peak,
                   Style::warning);
    canvas.set(2 + inside, y, U']');
}

// On as many rows as there is room for; returns the row below.
int draw_legend(const Scene& scene, const Canvas& canvas, int y, const Parts& memory)
{
    constexpr int begin = 2;
    constexpr int rows_below = 2; // of the device, and of the past
    int x = begin;
    double sum = 0;
    const auto put = [&](char32_t sign, const std::string& text) {
        if (x + 2 + columns_of(text) > canvas.width() && x > begin && y + 1 + rows_below < canvas.height()) {
            x = begin;
            ++y;
        }
        canvas.set(x, y, sign);
        x = canvas.put(x + 2, y, text) + 2;
    };
    for (const auto& part : memory.parts) {
        put(part.sign, part.name + ' ' + format_bytes(part.bytes));
        sum += static_cast<double>(part.bytes);
    }
    if (memory.peak)
        put(scene.glyphs.peak, "peak " + format_bytes(*memory.peak));
    const auto free = static_cast<double>(memory.total) - sum;
    if (!memory.free_name.empty() && free > 0)
        put(scene.glyphs.free,
            memory.free_name + ' ' + format_bytes(static_cast<std::uint64_t>(std::min(free, 1e19))));
    return y + 1;
}

std::string troubles_of(const Sums& sums)
{
    if (!sums.retries && !sums.ooms)
        return {};
    return "retries " + short_count(sums.retries.value_or(0)) + "  ooms " +
           short_count(sums.ooms.value_or(0));
}

// A figure of each device that has it.
std::vector<double> known(const ipc::Status& status, std::optional<double> ipc::DeviceStatus::* figure)
{
    std::vector<double> values;
    for (const auto& device : status.devices)
        if (const auto value = device.*figure; value && std::isfinite(*value))
            values.push_back(*value);
    return values;
}

// What is known, the first to be left out last. Of several devices the mean use, the power of all, the
// hottest and the slowest.
std::vector<std::string> figures_of(const Scene& scene, const ipc::Status& status, const Sums& sums)
{
    const auto sum = [](const std::vector<double>& values) {
        return std::accumulate(values.begin(), values.end(), 0.0);
    };
    std::vector<std::string> figures;
    if (const auto use = known(status, &ipc::DeviceStatus::utilization); !use.empty())
        figures.push_back("util " + percent(sum(use) / static_cast<double>(use.size())));
    if (const auto power = known(status, &ipc::DeviceStatus::power_w); !power.empty())
        figures.push_back("power " + short_count(std::round(sum(power))) + " W");
    if (const auto heat = known(status, &ipc::DeviceStatus::temperature_c); !heat.empty())
        figures.push_back(short_count(std::round(*std::ranges::max_element(heat))) +
                          (scene.glyphs.repertoire == Repertoire::unicode ? " °C" : " C"));
    if (auto troubles = troubles_of(sums); !troubles.empty())
        figures.push_back(std::move(troubles));
    if (sums.graphs)
        figures.push_back("graphs " + format_bytes(*sums.graphs));
    std::optional<std::uint64_t> clock_mhz;
    for (const auto& device : status.devices)
        if (device.sm_clock_mhz)
            clock_mhz = std::min(clock_mhz.value_or(*device.sm_clock_mhz), *device.sm_clock_mhz);
    if (clock_mhz)
        figures.push_back(std::to_string(*clock_mhz) + " MHz");
    return figures;
}

// Why the first device that is held down is: its figures are not what it can do.
std::string held_down(const ipc::Status& status)
{
    for (const auto& device : status.devices)
        if (device.throttled && !device.throttled->empty())
            return "throttled: " + shown(device.throttled->front(), 28);
    return {};
}

// "  util 66%  power 148 W  58 °C  retries 0  ooms 0  graphs 1.20 GiB  1755 MHz", as far as there is room.
// Whether there is anything.
bool draw_device(const Scene& scene, const Canvas& canvas, int y, const ipc::Status& status, const Sums& sums)
{
    constexpr int gap = 2;
    int x = 0;
    if (const auto why = held_down(status); !why.empty())
        x = canvas.put(gap, y, why, Style::warning);
    for (const auto& figure : figures_of(scene, status, sums))
        if (x + gap + columns_of(figure) <= canvas.width())
            x = canvas.put(x + gap, y, figure);
    return x > 0;
}

} // namespace

void draw_memory(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    const auto sums = sums_of(*status);
    const auto memory = parts_of(scene, *status, sums);
    std::uint64_t used = 0;
    for (const auto& part : memory.parts)
        used += part.bytes;
    auto right = memory.total == 0 ? std::string{"not known"} : format_bytes(used);
    if (memory.total > used)
        right += " of " + format_bytes(memory.total) + "  " +
                 percent(static_cast<double>(used) / static_cast<double>(memory.total));
    const bool tall = canvas.height() >= 5;
    if (const auto troubles = troubles_of(sums); !tall && !troubles.empty())
        right += "  " + troubles;
    draw_title(scene, canvas, memory.title, right, Pane::memory);
    draw_parts(scene, canvas, 1, memory);
    int y = draw_legend(scene, canvas, 2, memory);
    if (!tall)
        return;
    if (draw_device(scene, canvas, y, *status, sums))
        ++y;
    constexpr int begin = 12;
    y = std::max(y, 4);
    canvas.put(2, y, "resident");
    draw_levels(scene, canvas, begin, y,
                values_of(seconds_drawn(scene, std::clamp(canvas.width() - begin - 1, 0, 120)),
                          &ipc::Sample::resident_bytes));
}

} // namespace embedd::console::screen

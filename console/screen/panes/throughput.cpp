#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

#include <algorithm>

namespace embedd::console::screen {

namespace {

std::vector<std::optional<double>> rates_of(const std::vector<Second>& seconds,
                                            std::uint64_t ipc::Sample::* count)
{
    std::vector<std::optional<double>> rates;
    for (const auto& second : seconds) {
        auto& rate = rates.emplace_back();
        if (second.known() && second.after->mono_us > second.before->mono_us)
            rate = static_cast<double>(grown(second.before->*count, second.after->*count)) * 1e6 /
                   static_cast<double>(second.after->mono_us - second.before->mono_us);
    }
    return rates;
}

std::vector<std::optional<double>> batch_sizes_of(const std::vector<Second>& seconds)
{
    std::vector<std::optional<double>> values;
    for (const auto& second : seconds) {
        auto& value = values.emplace_back();
        if (!second.known())
            continue;
        const auto batches = grown(second.before->batches, second.after->batches);
        const auto tokens = grown(second.before->batch_tokens, second.after->batch_tokens);
        value = batches == 0 ? 0 : static_cast<double>(tokens) / static_cast<double>(batches);
    }
    return values;
}

std::optional<double> mean_batch(const Scene& scene)
{
    const auto window = scene.model.view.window;
    const auto batches = grown_in(scene.record, window, &ipc::Sample::batches).value_or(0);
    const auto tokens = grown_in(scene.record, window, &ipc::Sample::batch_tokens).value_or(0);
    return batches == 0 ? std::nullopt
                        : std::optional{static_cast<double>(tokens) / static_cast<double>(batches)};
}

std::string errors_of(const ipc::Status& status)
{
    double errors = 0;
    for (const auto& [type, count] : status.counters.errors)
        errors += static_cast<double>(count);
    return "errors " + short_count(std::optional{errors}) + "  cancelled " +
           short_count(status.counters.cancelled);
}

std::string oldest_of(const ipc::Status& status)
{
    return "oldest " + (status.queue.oldest_us ? milliseconds(status.queue.oldest_us) + " ms" : "-");
}

void draw_throughput_lines(const Scene& scene, const Canvas& canvas, const ipc::Status& status)
{
    const auto window = scene.model.view.window;
    const auto requests = short_count(rate(scene.record, window, &ipc::Sample::requests));
    const auto tokens = short_count(rate(scene.record, window, &ipc::Sample::tokens));
    int x = canvas.put(1, 0, "rate  " + at_right(requests, 6) + " req/s  " + at_right(tokens, 6) + " tok/s");
    x = canvas.put(x, 0, "  batch " + short_count(mean_batch(scene)) + " tok");
    const int end =
        canvas.put(1, 1,
                   "queue " + at_right(short_count(status.queue.requests), 6) + " requests  " +
                       oldest_of(status) + "  cold hits " + short_count(status.warmup.cold_hits.total));
    const int begin = std::max({52, x + 1, end + 1});
    const int columns = std::min(60, canvas.width() - begin - 6);
    if (columns < 10)
        return;
    const auto seconds = seconds_drawn(scene, columns);
    draw_levels(scene, canvas, begin, 0, rates_of(seconds, &ipc::Sample::requests));
    draw_levels(scene, canvas, begin, 1, values_of(seconds, &ipc::Sample::queue_requests));
    canvas.put_right(canvas.width() - 1, 0, std::to_string(columns) + "s", Style::dim);
}

} // namespace

void draw_throughput(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    if (canvas.height() < 6) {
        draw_throughput_lines(scene, canvas, *status);
        return;
    }
    const auto window = scene.model.view.window;
    constexpr int begin = 24;
    const int columns = std::clamp(canvas.width() - begin - 1, 0, 120);
    draw_title(scene, canvas, "Throughput", "last " + std::to_string(columns) + " s");
    const auto seconds = seconds_drawn(scene, columns);
    const auto line = [&](int y, std::string_view name, const std::string& value, std::string_view unit,
                          const std::vector<std::optional<double>>& values) {
        canvas.put(1, y, at_left(name, 9) + at_right(value, 6) + ' ' + std::string{unit});
        draw_levels(scene, canvas, begin, y, values);
    };
    line(1, "requests", short_count(rate(scene.record, window, &ipc::Sample::requests)), "/s",
         rates_of(seconds, &ipc::Sample::requests));
    line(2, "tokens", short_count(rate(scene.record, window, &ipc::Sample::tokens)), "/s",
         rates_of(seconds, &ipc::Sample::tokens));
    line(3, "batch", short_count(mean_batch(scene)), "tok", batch_sizes_of(seconds));
    line(4, "queue", short_count(status->queue.requests), "",
         values_of(seconds, &ipc::Sample::queue_requests));
    canvas.put(1, 5,
               oldest_of(*status) + "  in flight " + short_count(scene.record.now.sample.inflight) +
                   "  cold hits " + short_count(status->warmup.cold_hits.total) + "  " + errors_of(*status));
}

} // namespace embedd::console::screen

#include "console/screen/figures.hpp"
#include "console/screen/panes/scene.hpp"

namespace embedd::console::screen {

// Three lines with the header: what a glance needs where there is no room for panes.
void draw_summary(const Scene& scene, const Canvas& canvas)
{
    const auto& status = scene.record.status;
    if (!status)
        return;
    const auto window = scene.model.view.window;
    const auto rate_now = rate(scene.record, window, &ipc::Sample::requests);
    canvas.put(0, 0,
               short_count(rate_now) + " req/s  queue " + short_count(status->queue.requests) +
                   (scene.old ? "  " + span(age_us(scene.model)) + " old" : ""));
    const auto total = within(scene.record, window, "total");
    const auto max = total.max();
    canvas.put(0, 1,
               "p50 " + milliseconds(total.quantile_us(0.5)) + "  p99 " +
                   milliseconds(total.quantile_us(0.99)) + "  max " +
                   milliseconds(max ? std::optional{max->us} : std::nullopt) + " ms");
}

} // namespace embedd::console::screen

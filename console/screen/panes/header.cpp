#include "console/presentation/operating_view.hpp"
#include "console/presentation/units.hpp"
#include "console/screen/figures.hpp"
#include "console/screen/keys.hpp"
#include "console/screen/panes/scene.hpp"
#include "console/screen/render.hpp"

#include <algorithm>

namespace embedd::console::screen {

namespace {

constexpr int longest_name = 40;
constexpr int room_for_name = 30; // columns from which the program's name and the sign stand before the word

std::string retry_of(const Model& model)
{
    const auto& link = model.link;
    if (link.state != Link::State::lost)
        return {};
    std::string text = "try " + short_count(link.tries);
    if (link.retry_at_us)
        text += ", next in " + span(elapsed(model.now_us, *link.retry_at_us));
    return text;
}

std::vector<std::string> parts_of(const Scene& scene)
{
    std::vector<std::string> parts;
    const auto& status = scene.record.status;
    if (scene.old) {
        if (status)
            parts.push_back("data is " + span(age_us(scene.model)) + " old, of " +
                            shown(scene.record.came_at, 10));
        if (const auto retry = retry_of(scene.model); !retry.empty())
            parts.push_back(retry);
        return parts;
    }
    if (!status)
        return parts;
    if (status->model)
        parts.push_back(shown(status->model->name, longest_name) + ' ' + shown(status->model->dtype, 10) +
                        ' ' + short_count(status->model->dimensions) + "d");
    if (!status->replicas.empty())
        parts.push_back(shown(status->replicas.front().device, 12));
    parts.push_back("up " + span(status->uptime_us));
    if (scene.record.warm && scene.record.warm_seen && status->warmup.epoch > 0)
        parts.push_back("warm #" + short_count(status->warmup.epoch) + ' ' +
                        span(elapsed(scene.record.warm->sample.mono_us, status->mono_us)) + " ago");
    parts.push_back("pid " + std::to_string(status->pid));
    parts.push_back(shown(scene.model.link.socket, 60));
    return parts;
}

std::string right_of(const Scene& scene)
{
    std::string text;
    if (scene.model.frozen)
        text = "PAUSED " + span(elapsed(scene.model.frozen_us, scene.model.now_us)) + ' ';
    if (const auto word = word_of(scene.model.access); !word.empty())
        text += std::string{word} + ' ';
    return text + span(scene.model.interval_us);
}

struct Line {
    std::string text;
    Style style = Style::normal;
};

std::vector<Line> notices_of(const Scene& scene)
{
    std::vector<Line> lines;
    const auto& status = scene.record.status;
    const auto& link = scene.model.link;
    if (scene.old || !status) {
        const auto socket = shown(link.socket, 108);
        if (link.state == Link::State::lost)
            lines.push_back({socket + ": " + shown(link.why, 200), Style::bad});
        else if (link.state == Link::State::live)
            lines.push_back({socket + ": connected, but nothing is heard", Style::bad});
        else
            lines.push_back({socket + ": connecting", Style::normal});
        if (link.state != Link::State::connecting)
            lines.push_back({"try: systemctl status embedd    journalctl -u embedd -e", Style::bold});
        return lines;
    }
    const auto style = status->state == "failed" ? Style::bad : Style::warning;
    if (!status->reason.empty())
        lines.push_back({shown(status->reason, 250), style});
    if (status->reload.state != "none" && status->reload.state != "done")
        lines.push_back({"reload " + summary(status->reload), Style::warning});
    if (!status->status_text.empty())
        lines.push_back({shown(status->status_text, 250), Style::bold});
    return lines;
}

// "(w Re-warm, r Restart: no link)": what would change the daemon, and why it cannot.
std::string switched_off(const Model& model)
{
    const auto rewarm = why_not(model, Deed::rewarm);
    const auto restart = why_not(model, Deed::restart);
    if (rewarm.empty() && restart.empty())
        return {};
    if (rewarm == restart)
        return "(w Re-warm, r Restart: " + rewarm + ')';
    return rewarm.empty() ? "(r Restart: " + restart + ')' : "(w Re-warm: " + rewarm + ')';
}

} // namespace

StateView state_of(const Model& model)
{
    if (!is_old(model) && model.drawn().status)
        return state_view(model.drawn().status->state);
    switch (model.link.state) {
    case Link::State::connecting:
        return {"CONNECTING", Tone::busy};
    case Link::State::lost:
        return {"NO CONNECTION", Tone::failed};
    case Link::State::live:
        break;
    }
    return model.record.status ? StateView{"NO ANSWER", Tone::failed} : StateView{"CONNECTED", Tone::busy};
}

void draw_header(const Scene& scene, const Canvas& canvas)
{
    const auto [word, tone] = state_of(scene.model);
    constexpr std::string_view name = "embedd ";
    const auto state = std::string{mark_of(scene, tone)} + ' ' + word;
    if (canvas.width() < std::max(room_for_name, 1 + columns_of(name) + columns_of(state))) {
        canvas.put(0, 0, word, style_of(tone)); // it goes before all else
        return;
    }
    int x = canvas.put(1, 0, name, Style::bold);
    x = canvas.put(x, 0, state, style_of(tone));
    const auto right = right_of(scene);
    int end = canvas.width();
    if (x + 2 + columns_of(right) <= end) {
        canvas.put_right(end, 0, right, scene.model.frozen ? Style::warning : Style::dim);
        end -= columns_of(right);
    }
    for (const auto& part : parts_of(scene))
        if (x + 2 + columns_of(part) < end)
            x = canvas.put(x + 2, 0, part);
}

void draw_notice(const Scene& scene, const Canvas& canvas)
{
    int y = 0;
    for (const auto& line : notices_of(scene))
        canvas.put(1, y++, at_left(line.text, std::max(1, canvas.width() - 1)), line.style);
}

void draw_keys(const Scene& scene, const Canvas& canvas)
{
    if (!scene.model.message.empty()) {
        canvas.put(1, 0, shown(scene.model.message, std::max(1, canvas.width() - 1)), Style::warning);
        return;
    }
    if (const auto& dialog = scene.model.dialog) {
        canvas.put(1, 0,
                   dialog->stage == Dialog::Stage::answered ? "y Confirm  Enter Cancel" : "Enter Cancel");
        return;
    }
    int x = 1;
    const auto put = [&](const std::string& text, Style style) {
        const int end = x + columns_of(text);
        if (text.empty() || end > canvas.width())
            return;
        canvas.put(x, 0, text, style);
        x = end + 2;
    };
    for (const auto& binding : bindings()) {
        const auto reason = why_not(scene.model, binding.deed);
        if (!binding.row.empty() && reason.empty())
            put(std::string{binding.row}, Style::normal);
        if (binding.deed == Deed::restart)
            put(switched_off(scene.model), Style::dim);
    }
}

} // namespace embedd::console::screen

#include "console/screen/render.hpp"
#include "console/screen/update.hpp"
#include "ipc/subscription.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

// A daemon's messages, a line each, whatever they are: the screen takes what can be read, and what it draws
// has the size asked for and nothing a terminal would obey.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace embedd;
    using namespace embedd::console;
    std::string_view lines{reinterpret_cast<const char*>(data), size};

    screen::Model model;
    const auto happen = [&](const screen::Event& event) {
        auto step = update(std::move(model), event);
        model = std::move(step.model);
        for (const auto& command : step.commands)
            fuzz::promise(!std::holds_alternative<screen::Perform>(command));
    };
    for (std::uint64_t now_us = 1'000'000; !lines.empty(); now_us += 1'000'000) {
        const auto line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        if (auto event = ipc::parse_subscribe_event(line))
            happen(
                screen::StatusCame{now_us, "12:00:00", std::move(event->status), std::move(event->history)});
        else
            happen(screen::LinkLost{.now_us = now_us, .why = event.error().message});
    }
    constexpr std::u32string_view keys = U"wm\x1Btsmmewrkj";
    constexpr std::array<screen::Size, 4> sizes{{{140, 45}, {80, 24}, {60, 12}, {7, 3}}};
    for (const auto key : keys) {
        happen(screen::Key{.character = key});
        for (const auto& drawn : sizes) {
            const auto text = render(model, drawn, screen::GlyphSet::ascii).text();
            fuzz::promise(std::count(text.begin(), text.end(), '\n') == drawn.height);
            fuzz::promise(std::all_of(text.begin(), text.end(),
                                      [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
        }
    }
    return 0;
}

#pragma once

#include "console/command_line/exit_code.hpp"
#include "console/command_line/target.hpp"
#include "console/embed_console/terminal_traits.hpp"
#include "console/screen/grid.hpp"
#include "console/screen/keys.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace embedd::console {

// What the command line asks for.
struct Options {
    Target target{.socket = {}, .timeout = std::chrono::seconds{5}, .name = "embed-console"};
    std::chrono::milliseconds interval{1000};
    bool json = false;
    std::optional<std::size_t>
        rounds; // frames or objects, and then the end; 0: no end; nothing: the live screen
    std::optional<std::chrono::milliseconds> wait_ready;
    std::optional<screen::Size> size; // of a frame
    GlyphChoice glyphs = GlyphChoice::automatic;
    ColourChoice colour = ColourChoice::automatic;
    bool read_only = false;
    std::optional<std::filesystem::path> record, replay;
    std::vector<screen::Key> keys; // pressed before a frame is drawn
};

// Of a screen with these options: a recording has nobody who could be asked for anything.
[[nodiscard]] screen::Access access_of(const Options&) noexcept;

// The options, or the exit code where they are wrong or it was asked for help: what there is to say is said.
[[nodiscard]] std::variant<Options, ExitCode> read_options(int argc, const char* const* argv,
                                                           bool output_is_terminal);

// "200ms", "1s", "2", "2m": a number without a unit is seconds.
[[nodiscard]] std::optional<std::chrono::milliseconds> duration_of(std::string_view text);

// "80x24".
[[nodiscard]] std::optional<screen::Size> size_of(std::string_view text);

// "w y Enter": keys by their names with spaces between them.
[[nodiscard]] std::optional<std::vector<screen::Key>> keys_of(std::string_view text);

} // namespace embedd::console

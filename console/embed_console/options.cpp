#include "console/embed_console/options.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <charconv>
#include <map>
#include <string>
#include <utility>

namespace embedd::console {

namespace {

using std::chrono::milliseconds;

constexpr const char* footer =
    "Exit codes: 0 ready (also degraded, re-warming, reloading), 3 reachable but not ready, 4 not "
    "reachable,\n"
    "1 failed, 2 usage. The daemon is looked for at --socket, else $EMBEDD_SOCKET, else the user's and the\n"
    "system's default socket. Keys: press ? on the screen, or see embed-console(1).";

const std::map<std::string, GlyphChoice> glyph_choices{{"auto", GlyphChoice::automatic},
                                                       {"ascii", GlyphChoice::ascii},
                                                       {"line", GlyphChoice::line},
                                                       {"block", GlyphChoice::block}};
const std::map<std::string, ColourChoice> colour_choices{
    {"auto", ColourChoice::automatic}, {"always", ColourChoice::always}, {"never", ColourChoice::never}};

template <class Value>
void add_choice(CLI::App& app, const std::string& name, Value& value,
                const std::map<std::string, Value>& choices, const std::string& description)
{
    app.add_option_function<std::string>(
           name, [&value, &choices](const std::string& choice) { value = choices.at(choice); }, description)
        ->check(CLI::IsMember(choices));
}

// An option whose text is read by `read`; what it cannot read is refused with `wanted`.
template <class Read>
CLI::Option* add_read(CLI::App& app, const std::string& name, const Read& read, const std::string& wanted,
                      const std::string& description)
{
    return app.add_option_function<std::string>(
        name,
        [name, read, wanted](const std::string& text) {
            if (!read(text))
                throw CLI::ValidationError(name, "takes " + wanted);
        },
        description);
}

template <class Value>
bool take(std::optional<Value>&& read, Value& into)
{
    if (read)
        into = *std::move(read);
    return read.has_value();
}

template <class Number>
std::optional<Number> number_of(std::string_view text)
{
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return number;
}

std::optional<screen::Key> key_of(std::string_view name)
{
    using Special = screen::Key::Special;
    static constexpr std::array<std::pair<std::string_view, screen::Key>, 9> named{
        {{"Enter", {.special = Special::enter}},
         {"Esc", {.special = Special::escape}},
         {"Tab", {.special = Special::tab}},
         {"Shift-Tab", {.special = Special::back_tab}},
         {"Up", {.special = Special::up}},
         {"Down", {.special = Special::down}},
         {"F1", {.special = Special::f1}},
         {"F10", {.special = Special::f10}},
         {"Space", {.character = U' '}}}};
    for (const auto& [known, key] : named)
        if (known == name)
            return key;
    if (name.size() != 1)
        return std::nullopt;
    return screen::Key{.character = static_cast<char32_t>(name.front())};
}

} // namespace

std::optional<milliseconds> duration_of(std::string_view text)
{
    std::size_t digits = text.find_first_not_of("0123456789.");
    if (digits == std::string_view::npos)
        digits = text.size();
    const auto unit = text.substr(digits);
    const auto number = number_of<double>(text.substr(0, digits));
    constexpr double longest_ms = 1e12;
    for (const auto& [name, ms] : {std::pair{"ms", 1.0}, {"s", 1e3}, {"", 1e3}, {"m", 60e3}})
        if (number && unit == name && *number * ms <= longest_ms)
            return milliseconds{static_cast<std::int64_t>(*number * ms)};
    return std::nullopt;
}

std::optional<screen::Size> size_of(std::string_view text)
{
    const auto cross = text.find('x');
    if (cross == std::string_view::npos)
        return std::nullopt;
    const auto width = number_of<int>(text.substr(0, cross));
    const auto height = number_of<int>(text.substr(cross + 1));
    const auto fits = [](const auto& side) {
        return side && *side >= 1 && *side <= screen::Grid::longest_side;
    };
    if (!fits(width) || !fits(height))
        return std::nullopt;
    return screen::Size{.width = *width, .height = *height};
}

std::optional<std::vector<screen::Key>> keys_of(std::string_view text)
{
    std::vector<screen::Key> keys;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0) {
            const auto key = key_of(text.substr(0, end));
            if (!key)
                return std::nullopt;
            keys.push_back(*key);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return keys;
}

screen::Access access_of(const Options& options) noexcept
{
    if (options.replay)
        return screen::Access::replay;
    return options.read_only ? screen::Access::read_only : screen::Access::full;
}

std::variant<Options, ExitCode> read_options(int argc, const char* const* argv, bool output_is_terminal)
{
    CLI::App app{"embed-console: the operator's screen of the embedding daemon embedd", "embed-console"};
    app.set_version_flag("--version", EMBEDD_VERSION);
    app.footer(footer);

    Options options;
    milliseconds patience = std::chrono::seconds{120};
    bool once = false, ascii = false;
    const auto interval = [&](const std::string& text) {
        return take(duration_of(text), options.interval) && options.interval >= milliseconds{100} &&
               options.interval <= milliseconds{60'000};
    };
    app.add_option("--socket", options.target.socket, "The daemon's socket");
    auto* paced =
        add_read(app, "--interval", interval, "100ms to 60s", "Between two looks: 1s (default), 200ms");
    app.add_flag("--once", once, "One frame or object, then the end; implied where output is no terminal");
    app.add_flag("--json", options.json, "The daemon's status as it sent it, an object a line");
    auto* count = app.add_option("--count", options.rounds, "So many frames or objects; 0: without end");
    auto* wait = app.add_option("--wait", "Wait until the daemon is ready, then one frame or object")
                     ->check(CLI::IsMember({"ready"}));
    auto* timeout = add_read(
        app, "--timeout", [&](const std::string& text) { return take(duration_of(text), patience); },
        "a time: 120s, 2m", "How long --wait waits (default 120s)");
    auto* size = add_read(
        app, "--size", [&](const std::string& text) { return take(size_of(text), options.size.emplace()); },
        "WIDTHxHEIGHT up to 1000x1000", "Of a frame: 80x24");
    add_choice(app, "--glyphs", options.glyphs, glyph_choices, "Signs pictures are made of");
    app.add_flag("--ascii", ascii, "The same as --glyphs=ascii");
    add_choice(app, "--color", options.colour, colour_choices, "auto: unless NO_COLOR is set");
    app.add_flag("--read-only", options.read_only, "Offer nothing that changes the daemon");
    auto* record = app.add_option("--record", options.record, "Keep what the daemon says in this file");
    auto* replay = app.add_option("--replay", options.replay, "Show such a file, without a daemon")
                       ->check(CLI::ExistingFile);
    auto* keys = add_read(
        app, "--keys", [&](const std::string& text) { return take(keys_of(text), options.keys); },
        "names of keys: \"m m Enter\"", "Pressed before a frame is drawn");
    count->check(CLI::Range(0, 1'000'000'000));
    timeout->needs(wait);
    replay->excludes(record)->excludes(wait);

    try {
        app.parse(argc, argv);
        const bool series = paced->count() > 0 && !once;
        if (!options.rounds && (once || wait->count() > 0 || !output_is_terminal))
            options.rounds = series ? 0 : 1;
        if (options.json && !options.rounds)
            options.rounds = 0;
        if (once && options.rounds != 1U)
            throw CLI::ValidationError("--once", "is --count 1");
        if (!options.rounds && (size->count() > 0 || keys->count() > 0))
            throw CLI::ValidationError(size->count() > 0 ? "--size" : "--keys",
                                       "goes with --once or --count");
        if (options.json && (size->count() + keys->count() + record->count() + replay->count()) > 0)
            throw CLI::ValidationError("--json", "draws nothing: without --size, --keys, --record, --replay");
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? ExitCode::ok : ExitCode::usage;
    }
    if (ascii)
        options.glyphs = GlyphChoice::ascii;
    if (wait->count() > 0)
        options.wait_ready = patience;
    return options;
}

} // namespace embedd::console

#include "daemon/option_table.hpp"

#include <algorithm>

namespace embedd::daemon {

namespace {

constexpr std::size_t width = 100;

struct Exit {
    ExitCode code;
    std::string_view meaning;
};

constexpr Exit exits[] = {
    {ExitCode::stopped, "stopped as asked"},
    {ExitCode::failure, "anything not named here"},
    {ExitCode::usage, "the command line is wrong"},
    {ExitCode::device_missing, "the device asked for is missing"},
    {ExitCode::replicas_lost, "no replica can be kept alive"},
    {ExitCode::already_running, "another instance owns the socket"},
    {ExitCode::configuration, "the model or the configuration is at fault"},
};

std::string padded(std::string text, std::size_t columns)
{
    text.append(columns - std::min(columns, text.size()), ' ');
    return text;
}

std::string number_of(ExitCode code)
{
    return std::to_string(static_cast<unsigned>(code));
}

// Words on lines of `width`, each after the first begun by `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent)
{
    std::string out;
    std::size_t column = indent;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (column > indent && column + 1 + end > width) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += text.substr(0, end);
        column += end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string described(const Option& option)
{
    auto text = std::string{option.help};
    if (!option.initial.empty())
        text += " Default: " + std::string{option.initial} + '.';
    return text;
}

// roff takes a dash for a hyphen and a leading dot for a request.
std::string roff(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '-' || c == '\\')
            out += '\\';
        out += c;
    }
    return out;
}

} // namespace

std::string help_text()
{
    constexpr std::size_t indent = 30;
    std::string out = "embedd: turns text into vectors for the programs on this host, over a Unix socket.\n\n"
                      "usage: embedd --model DIR [OPTION...]\n\n";
    for (const auto& option : option_table())
        out += padded("  --" + std::string{option.name} + ' ' + std::string{option.value}, indent) +
               wrapped(described(option), indent) + '\n';
    out += padded("  --print-warmup-plan", indent) +
           "Print what warm-up would visit with these options, and what it is estimated to take.\n";
    out += padded("  --help, --version", indent) + "Print this, or the version.\n";
    out += "\nEach option can also be set in the environment (--max-clients: EMBEDD_MAX_CLIENTS) and in\n"
           "/etc/embedd/embedd.json (\"max-clients\"); a flag wins over the environment, and that over the "
           "file.\n\n"
           "Exit codes:\n";
    for (const auto& [code, meaning] : exits)
        out += padded("  " + number_of(code), 6) + std::string{meaning} + '\n';
    return out;
}

std::string man_page()
{
    std::string out =
        ".TH EMBEDD 8 \"\" \"embedd\" \"System Administration\"\n"
        ".SH NAME\nembedd \\- text embedding daemon\n"
        ".SH SYNOPSIS\n.B embedd\n\\fB\\-\\-model\\fR \\fIDIR\\fR [\\fIOPTION\\fR...]\n"
        ".SH DESCRIPTION\n"
        "Loads a text embedding model, warms it up until it is measurably warm, tells the service manager\n"
        "READY=1 only then, and serves vectors over a Unix socket to the programs on its host.\n"
        ".BR embedctl (1)\nis its client.\n.PP\n"
        "It reacts to SIGTERM and SIGINT: what was accepted is answered, then it ends.\n"
        ".SH OPTIONS\n";
    for (const auto& option : option_table())
        out += ".TP\n\\fB\\-\\-" + roff(option.name) + "\\fR \\fI" + roff(option.value) + "\\fR\n" +
               roff(described(option)) + '\n';
    out += ".SH ENVIRONMENT\nEach option can be set by a variable: \\-\\-max\\-clients is "
           "\\fBEMBEDD_MAX_CLIENTS\\fR.\n"
           "A flag wins over it.\n"
           ".SH FILES\n.TP\n.I /etc/embedd/embedd.json\n"
           "A JSON object of options, comments allowed: \\fB{ \"max\\-clients\": 100 }\\fR. The environment "
           "wins over it.\n"
           ".TP\n.I /run/embedd/embedd.sock\nThe socket of the service.\n"
           ".SH EXIT STATUS\n";
    for (const auto& [code, meaning] : exits)
        out += ".TP\n" + number_of(code) + '\n' + roff(meaning) + '\n';
    return out + ".SH SEE ALSO\n.BR embedctl (1)\n";
}

} // namespace embedd::daemon

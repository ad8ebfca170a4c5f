#include "daemon/option_table.hpp"

#include <algorithm>
#include <array>

namespace embedd::daemon {
namespace {

constexpr std::size_t help_column = 4, help_width = 100;

// Words broken into lines that begin at a column.
std::string wrapped(std::string_view text, std::size_t column)
{
    std::string lines(column, ' ');
    std::size_t width = column;
    while (!text.empty()) {
        const auto space = std::min(text.find(' '), text.size());
        const auto word = text.substr(0, space);
        if (width > column && width + 1 + word.size() > help_width) {
            lines += "\n" + std::string(column, ' ');
            width = column;
        } else if (width > column) {
            lines += ' ';
            ++width;
        }
        lines += word;
        width += word.size();
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return lines + "\n";
}

// A minus in roff is a hyphen unless it is escaped; so is a backslash, and a dot begins a request.
std::string roff(std::string_view text)
{
    std::string escaped;
    for (const char character : text) {
        if (character == '-' || character == '\\')
            escaped += '\\';
        escaped += character;
    }
    return escaped;
}

struct ExitLine {
    int code;
    std::string_view meaning;
};

constexpr std::array exits{
    ExitLine{0, "stopped"},
    ExitLine{1, "any other fault"},
    ExitLine{2, "wrong use of the command line"},
    ExitLine{69, "the device is missing"},
    ExitLine{70, "the replicas cannot be kept alive"},
    ExitLine{75, "another instance owns the socket"},
    ExitLine{78, "a fault of the model or of the configuration"},
};

constexpr std::string_view purpose = "serve text embeddings over a Unix socket";
constexpr std::string_view sources =
    "Each option is also a variable of the environment (--max-clients is EMBEDD_MAX_CLIENTS) and a key of "
    "/etc/embedd/embedd.json, JSON with comments (max_clients). A flag wins over the environment, the "
    "environment over the file. Durations are like 50ms, 20s or 2m, a bare number is seconds; sizes are like "
    "64KiB or 16MiB.";

} // namespace

std::string help_text()
{
    std::string help = "embedd: " + std::string(purpose) + "\n\nUsage: embedd --model DIR [OPTION VALUE]...\n";
    std::string_view section;
    for (const Option& option : option_table()) {
        if (option.section != section)
            help += "\n" + std::string(option.section) + ":\n";
        section = option.section;
        help += "  --" + std::string(option.flag) + " " + std::string(option.value);
        if (!option.fallback.empty())
            help += "  [" + std::string(option.fallback) + "]";
        help += "\n" + wrapped(option.help, help_column);
    }
    help += "\nOther:\n  --help, --version, --man-page\n\n" + wrapped(sources, 0);
    help += "\nExit status: ";
    for (const ExitLine& line : exits) {
        help += std::to_string(line.code) + " " + std::string(line.meaning);
        help += line.code == exits.back().code ? ".\n" : "; ";
    }
    return help;
}

std::string man_page()
{
    std::string page = ".\\\" Made by `embedd --man-page` from daemon/option_table.cpp.\n"
                       ".TH EMBEDD 8 \"\" \"embedd " EMBEDD_VERSION "\"\n.SH NAME\nembedd \\- " +
                       roff(purpose) +
                       "\n.SH SYNOPSIS\n.B embedd\n.B \\-\\-model\n.I DIR\n[\\fIOPTION VALUE\\fR]...\n"
                       ".SH DESCRIPTION\n.B embedd\nloads a model, warms it up, tells systemd that it is "
                       "ready, and answers over a Unix socket.\n" +
                       roff(sources) + "\n";
    std::string_view section;
    for (const Option& option : option_table()) {
        if (option.section != section)
            page += ".SS " + roff(option.section) + "\n";
        section = option.section;
        page += ".TP\n.BI \\-\\-" + roff(option.flag) + " \" " + roff(option.value) + "\"\n" +
                roff(option.help);
        if (!option.fallback.empty())
            page += "\nDefault: " + roff(option.fallback) + ".";
        page += "\n";
    }
    page += ".SH EXIT STATUS\n";
    for (const ExitLine& line : exits)
        page += ".TP\n.B " + std::to_string(line.code) + "\n" + roff(line.meaning) + "\n";
    page += ".SH FILES\n.I /etc/embedd/embedd.json\n.SH SEE ALSO\n.BR embedctl (1)\n";
    return page;
}

} // namespace embedd::daemon

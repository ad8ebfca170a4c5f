#include "console/embed_console/frames.hpp"
#include "console/embed_console/live_screen.hpp"
#include "console/embed_console/terminal.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>

int main(int argc, char** argv)
{
    using namespace embedd::console;
    std::signal(SIGPIPE, SIG_IGN); // a reader that left shows as a failed write
    std::signal(SIGXFSZ, SIG_IGN); // so does a file that may not grow any more

    try {
        const auto read = read_options(argc, argv, ::isatty(STDOUT_FILENO) == 1);
        if (const auto* code = std::get_if<ExitCode>(&read))
            return static_cast<int>(*code);
        const auto& options = std::get<Options>(read);
        return static_cast<int>(options.rounds ? show_frames(options) : show_live(options));
    } catch (const UnknownTerminal& e) {
        std::fprintf(stderr, "embed-console: %s\n", e.what());
        return static_cast<int>(ExitCode::usage);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "embed-console: %s\n", e.what());
        return static_cast<int>(ExitCode::failed);
    }
}

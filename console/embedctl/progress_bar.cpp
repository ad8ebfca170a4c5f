#include "console/embedctl/progress_bar.hpp"

#include "console/presentation/units.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace embedd::console {

using std::chrono::steady_clock;

std::string progress_line(std::uint64_t done, std::optional<std::uint64_t> total, std::uint64_t texts,
                          steady_clock::duration elapsed)
{
    constexpr std::size_t width = 30;
    const auto seconds = std::chrono::duration<double>(elapsed).count();
    std::string line;
    if (total && *total > 0) {
        const auto share = std::min(1.0, static_cast<double>(done) / static_cast<double>(*total));
        const auto filled = static_cast<std::size_t>(share * width);
        line = '[' + std::string(filled, '=') + (filled < width ? ">" : "") +
               std::string(filled < width ? width - filled - 1 : 0, ' ') + "] ";
        const auto percent = std::to_string(static_cast<int>(share * 100));
        line += std::string(3 - percent.size(), ' ') + percent + " %  ";
    }
    line += format_count(texts) + " texts";
    if (seconds > 0)
        line += ", " + format_count(static_cast<std::uint64_t>(static_cast<double>(texts) / seconds)) + "/s";
    if (total && done > 0 && done < *total) {
        const auto left = seconds * static_cast<double>(*total - done) / static_cast<double>(done);
        line += ", about " +
                format_duration(std::chrono::microseconds{static_cast<std::int64_t>(left * 1e6)}) + " left";
    }
    return line;
}

ProgressBar::ProgressBar()
    : terminal_(::isatty(STDERR_FILENO) == 1), started_(steady_clock::now()), drawn_(started_)
{
}

ProgressBar::~ProgressBar()
{
    if (visible_)
        std::fputs("\r\x1b[K", stderr);
}

void ProgressBar::update(std::uint64_t done, std::optional<std::uint64_t> total, std::uint64_t texts)
{
    const auto now = steady_clock::now();
    // Short work stays silent: the first line comes after half a second.
    const auto pause = visible_ ? std::chrono::milliseconds{100} : std::chrono::milliseconds{500};
    if (!terminal_ || now - drawn_ < pause)
        return;
    drawn_ = now;
    visible_ = true;
    std::fprintf(stderr, "\r\x1b[K%s", progress_line(done, total, texts, now - started_).c_str());
}

} // namespace embedd::console

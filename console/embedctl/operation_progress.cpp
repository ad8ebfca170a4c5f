#include "console/embedctl/operation_progress.hpp"

#include "console/presentation/operating_view.hpp"

#include <unistd.h>

#include <utility>

namespace embedd::console {

OperationProgress::OperationProgress(std::FILE* out, Style style) : out_(out), style_(style) {}

OperationProgress::~OperationProgress()
{
    if (visible_)
        std::fputs("\r\x1b[K", out_);
}

OperationProgress::Style OperationProgress::style_of(std::FILE* out)
{
    return ::isatty(::fileno(out)) == 1 ? Style::rewritten : Style::lines;
}

void OperationProgress::show(const ipc::Progress& event)
{
    if (style_ == Style::rewritten) {
        visible_ = true;
        std::fprintf(out_, "\r\x1b[K%s", describe(event).c_str());
        std::fflush(out_);
        return;
    }
    const auto tenth = percent_of(event) / 10;
    const auto [shown, first] = tenths_.try_emplace({event.replica, event.step}, tenth);
    // Fewer than before: its worker was replaced and begins anew.
    const bool further = tenth > std::exchange(shown->second, tenth);
    if (further || (first && (tenth > 0 || event.total <= 1)))
        std::fprintf(out_, "%s\n", describe(event).c_str());
}

} // namespace embedd::console

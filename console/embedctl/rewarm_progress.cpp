#include "console/embedctl/rewarm_progress.hpp"

#include "console/presentation/warm_up_view.hpp"

#include <utility>

namespace embedd::console {

RewarmProgress::RewarmProgress(std::FILE* out, Style style) : out_(out), style_(style) {}

RewarmProgress::~RewarmProgress()
{
    if (visible_)
        std::fputs("\r\x1b[K", out_);
}

void RewarmProgress::show(const ipc::Progress& event)
{
    if (style_ == Style::rewritten) {
        visible_ = true;
        std::fprintf(out_, "\r\x1b[K%s", describe(event).c_str());
        std::fflush(out_);
        return;
    }
    const auto tenth = percent_of(event) / 10;
    // Fewer than before: its worker was replaced and begins anew.
    if (tenth > std::exchange(tenths_[event.replica], tenth))
        std::fprintf(out_, "%s\n", describe(event).c_str());
}

} // namespace embedd::console

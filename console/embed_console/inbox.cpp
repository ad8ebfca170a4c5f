#include "console/embed_console/inbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

namespace embedd::console {

Inbox::Inbox() : signal_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (signal_ < 0)
        throw std::system_error(errno, std::generic_category(), "eventfd");
}

Inbox::~Inbox()
{
    ::close(signal_);
}

void Inbox::put(screen::Event event)
{
    const std::lock_guard lock{mutex_};
    if (waiting_.size() >= most_waiting) {
        const auto last = std::find_if(waiting_.rbegin(), waiting_.rend(), [&](const screen::Event& waiting) {
            return waiting.index() == event.index();
        });
        if (last != waiting_.rend())
            waiting_.erase(std::next(last).base());
    }
    waiting_.push_back(std::move(event));
    ::eventfd_write(signal_, 1);
}

std::vector<screen::Event> Inbox::take()
{
    const std::lock_guard lock{mutex_};
    eventfd_t count = 0;
    ::eventfd_read(signal_, &count);
    return std::exchange(waiting_, {});
}

} // namespace embedd::console

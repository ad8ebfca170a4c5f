#include "console/embed_console/inbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
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

bool Inbox::put(screen::Event event)
{
    std::unique_lock lock{mutex_};
    taken_.wait(lock, [&] { return closed_ || waiting_.size() < most_waiting; });
    if (closed_)
        return false;
    waiting_.push_back(std::move(event));
    ::eventfd_write(signal_, 1);
    return true;
}

void Inbox::close()
{
    const std::lock_guard lock{mutex_};
    closed_ = true;
    taken_.notify_all();
}

std::vector<screen::Event> Inbox::take()
{
    const std::lock_guard lock{mutex_};
    eventfd_t count = 0;
    ::eventfd_read(signal_, &count);
    taken_.notify_all();
    return std::exchange(waiting_, {});
}

} // namespace embedd::console

#pragma once

#include "daemon/log.hpp"
#include "ipc/status.hpp"

#include <deque>
#include <mutex>
#include <string_view>
#include <vector>

namespace embedd::daemon {

// The last lines of the log, for `status`. Thread-safe.
class Events {
public:
    void add(Level, std::string_view text);
    [[nodiscard]] std::vector<ipc::Event> recent() const;

private:
    mutable std::mutex mutex_;
    std::deque<ipc::Event> lines_;
    std::uint64_t next_ = 1;
};

} // namespace embedd::daemon

#pragma once

#include "daemon/scheduler.hpp"

#include <map>
#include <span>

namespace embedd::daemon {

// Jobs from submit to answer: ids in, rows out, put together in order whatever batch computed them.
class JobTable {
public:
    using Done = Engine::Done;

    JobId add(Job, Done, Clock::time_point now);

    [[nodiscard]] bool contains(JobId id) const { return jobs_.contains(id); }
    [[nodiscard]] bool empty() const { return jobs_.empty(); }
    [[nodiscard]] std::size_t size() const { return jobs_.size(); }
    [[nodiscard]] std::span<const std::int32_t> ids(const Part&) const;
    [[nodiscard]] std::vector<JobId> all() const;

    void sent(JobId, Clock::time_point now);
    void computed(JobId, std::chrono::microseconds forward, bool cold); // once for each batch it was in
    // True: that was the last one missing.
    [[nodiscard]] bool store(const Part&, std::span<const float> row);

    struct Finished {
        JobResult result;
        Done done;
    };
    [[nodiscard]] Finished take(JobId);

private:
    struct Entry {
        std::vector<ipc::TokenIds> inputs;
        Done done;
        Clock::time_point submitted;
        std::optional<Clock::time_point> sent;
        std::size_t missing = 0;
        JobResult result;
    };
    std::map<JobId, Entry> jobs_;
    JobId next_ = 1;
};

} // namespace embedd::daemon

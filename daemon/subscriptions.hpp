#pragma once

#include "daemon/byte_budget.hpp"
#include "daemon/operations.hpp"
#include "ipc/request.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace embedd::daemon {

class SampleHistory;

// Who watches: told the status at once and then at the multiples of an interval, so that all who may see the
// same are told one text. Who does not read, or for whom there is no memory, misses messages. A value driven
// by calls that carry their time.
class Subscriptions {
public:
    static constexpr std::size_t told_at_a_time = 64; // then others have their turn

    struct Parts {
        ByteBudget& memory;
        const Operations::Report& report;
        const SampleHistory& history;
    };
    explicit Subscriptions(Parts);
    ~Subscriptions();
    Subscriptions(const Subscriptions&) = delete;
    Subscriptions& operator=(const Subscriptions&) = delete;

    // Answers with `more` only, the first time before it returns, until the call is abandoned.
    [[nodiscard]] std::shared_ptr<Call> begin(const Caller&, const ipc::Id&,
                                              std::chrono::milliseconds interval, Operations::Answer,
                                              Clock::time_point now);

    void tell(Clock::time_point now); // those whose time has come
    [[nodiscard]] std::optional<Clock::time_point> next() const;

private:
    class Subscription;

    struct Text {
        Clock::time_point made;
        std::string text;
    };

    void schedule(const std::shared_ptr<Subscription>&, Clock::time_point now);
    void tell(Subscription&, const std::string& status);
    [[nodiscard]] const std::string& status_for(const Caller&, Clock::time_point due, Clock::time_point now);
    [[nodiscard]] const std::string& history();

    Parts parts_;
    std::multimap<Clock::time_point, std::shared_ptr<Subscription>> due_;
    std::map<std::optional<uid_t>, Text> statuses_; // of whom one uid sees, or an admin; while some are due
    std::string history_;
    std::uint64_t history_until_us_ = 0; // its last sample
};

} // namespace embedd::daemon

#pragma once

#include "ipc/error.hpp"

#include <sys/types.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>

namespace embedd::daemon {

// Memory that clients make us hold, of all connections together: requests under way, answers that were not
// read yet, frames that are not whole. Event loop's thread only.
//
// Seven eighths are for whoever comes first. The last one is for holders of little, a sixty-fourth each, so
// that one uid cannot take it all; and what its connections hold is counted apart from its requests, so that
// a user whose requests fill the budget can still look at the service.
class ByteBudget {
public:
    enum class Use : std::uint8_t { request, connection };
    class Reservation;

    explicit ByteBudget(std::size_t capacity) noexcept : capacity_(capacity) {}
    ByteBudget(const ByteBudget&) = delete;
    ByteBudget& operator=(const ByteBudget&) = delete;

private:
    struct Holder {
        uid_t uid = 0;
        Use use = Use::request;

        friend auto operator<=>(const Holder&, const Holder&) = default;
    };

    [[nodiscard]] bool take(const Holder&, std::size_t bytes);
    void give_back(const Holder&, std::size_t bytes) noexcept;
    [[nodiscard]] std::size_t largest() const noexcept { return capacity_ - capacity_ / 8; }

    std::size_t capacity_, held_ = 0;
    std::map<Holder, std::size_t> by_holder_;
};

// A part of the budget, given back at its end. The budget outlives it.
class ByteBudget::Reservation {
public:
    Reservation() = default; // of no budget, and of nothing
    Reservation(ByteBudget& budget, uid_t uid, Use use) noexcept : budget_(&budget), holder_{uid, use} {}
    ~Reservation() { shrink_to(0); }
    Reservation(Reservation&&) noexcept;
    Reservation& operator=(Reservation&&) noexcept;

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    // Never to less than before. Refused, and as it was: overloaded where there is no room now, too_large
    // where there never is for one request.
    [[nodiscard]] ipc::Result<void> grow_to(std::size_t bytes);
    void shrink_to(std::size_t bytes) noexcept;

private:
    ByteBudget* budget_ = nullptr;
    Holder holder_;
    std::size_t bytes_ = 0;
};

} // namespace embedd::daemon

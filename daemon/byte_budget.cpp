#include "daemon/byte_budget.hpp"

#include <string>
#include <utility>

namespace embedd::daemon {

namespace {
constexpr std::uint64_t retry_soon_ms = 100;
}

bool ByteBudget::take(const Holder& holder, std::size_t bytes)
{
    if (bytes > capacity_ - held_)
        return false;
    const auto known = by_holder_.find(holder);
    const std::size_t its = known == by_holder_.end() ? 0 : known->second;
    if (held_ + bytes > largest() && its + bytes > capacity_ / 64)
        return false;
    held_ += bytes;
    by_holder_[holder] += bytes;
    return true;
}

void ByteBudget::give_back(const Holder& holder, std::size_t bytes) noexcept
{
    const auto known = by_holder_.find(holder);
    held_ -= bytes;
    known->second -= bytes;
    if (known->second == 0)
        by_holder_.erase(known);
}

ByteBudget::Reservation::Reservation(Reservation&& other) noexcept
    : budget_(other.budget_), holder_(other.holder_), bytes_(std::exchange(other.bytes_, 0))
{
}

ByteBudget::Reservation& ByteBudget::Reservation::operator=(Reservation&& other) noexcept
{
    std::swap(budget_, other.budget_);
    std::swap(holder_, other.holder_);
    std::swap(bytes_, other.bytes_);
    return *this;
}

ipc::Result<void> ByteBudget::Reservation::grow_to(std::size_t bytes)
{
    if (bytes <= bytes_)
        return {};
    if (holder_.use == Use::request && bytes > budget_->largest())
        return ipc::Error{ipc::ErrorType::too_large,
                          "a request and its answer would hold " + std::to_string(bytes) +
                              " bytes, and one may hold " + std::to_string(budget_->largest()) +
                              ": send fewer inputs at a time",
                          {}};
    if (!budget_->take(holder_, bytes - bytes_))
        return ipc::Error{ipc::ErrorType::overloaded,
                          "what clients sent and have not read fills --max-client-bytes: read the answers, "
                          "or ask again later",
                          retry_soon_ms};
    bytes_ = bytes;
    return {};
}

void ByteBudget::Reservation::shrink_to(std::size_t bytes) noexcept
{
    if (bytes >= bytes_)
        return;
    budget_->give_back(holder_, bytes_ - bytes);
    bytes_ = bytes;
}

} // namespace embedd::daemon

#include "ipc/error.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace embedd::ipc {

namespace {

constexpr std::array<std::pair<ErrorType, std::string_view>, 11> names{{
    {ErrorType::bad_request, "bad_request"},
    {ErrorType::too_large, "too_large"},
    {ErrorType::input_too_long, "input_too_long"},
    {ErrorType::unsupported, "unsupported"},
    {ErrorType::not_ready, "not_ready"},
    {ErrorType::overloaded, "overloaded"},
    {ErrorType::deadline_exceeded, "deadline_exceeded"},
    {ErrorType::forbidden, "forbidden"},
    {ErrorType::draining, "draining"},
    {ErrorType::insufficient_memory, "insufficient_memory"},
    {ErrorType::internal, "internal"},
}};

} // namespace

std::string_view to_string(ErrorType type) noexcept
{
    for (const auto& [value, name] : names)
        if (value == type)
            return name;
    return "internal";
}

std::optional<ErrorType> error_type_from(std::string_view name) noexcept
{
    for (const auto& [value, known] : names)
        if (known == name)
            return value;
    return std::nullopt;
}

void throw_exception_from_error(const Error& error, const boost::source_location&)
{
    throw std::logic_error("an error was not looked at: " + error.message);
}

} // namespace embedd::ipc

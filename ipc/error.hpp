#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace embedd::ipc {

// Every way a request can be refused or fail, as it is named on the wire (docs/protocol.md).
enum class ErrorType : std::uint8_t {
    bad_request,         // the client's to fix: malformed, wrong type, unknown value
    too_large,           // more bytes or inputs than the limits allow
    input_too_long,      // one input has more tokens than the model takes, and truncation is off
    unsupported,         // this model or this version does not do that
    not_ready,           // still starting, and the client did not want to wait
    overloaded,          // the queue is full: come back after retry_after_ms
    deadline_exceeded,   // timeout_ms passed before the work began
    forbidden,           // the peer lacks the right
    draining,            // stopping: accepted work is finished, new work is not taken
    insufficient_memory, // the device cannot hold it
    internal,            // our fault
};

[[nodiscard]] std::string_view to_string(ErrorType) noexcept;
[[nodiscard]] std::optional<ErrorType> error_type_from(std::string_view name) noexcept;

struct Error {
    ErrorType type = ErrorType::internal;
    std::string message; // what, where, what to do; valid UTF-8; never a client's text
    std::optional<std::uint64_t> retry_after_ms;

    friend bool operator==(const Error&, const Error&) = default;
};

// What Result::value() throws when nobody looked: a bug, so it ends the program.
[[noreturn]] void throw_exception_from_error(const Error&, const boost::source_location&);

template <class T>
using Result = boost::system::result<T, Error>;

} // namespace embedd::ipc

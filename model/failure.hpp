#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace embedd::model {

enum class Errc : std::uint8_t {
    file_refused,  // a file of the model is missing, unreadable, malformed or contradicts another: the
                   // operator's to fix
    unsupported,   // the model is sound and of a kind that is not served here
    input_refused, // a batch that the model cannot take: nothing was computed
    out_of_memory,
    device_missing, // the device that was asked for, or what is needed to use it
    device_fault,   // the device's context is lost: the process has to end
    internal,
};

struct Failure {
    Errc code;
    std::string detail; // one line: the file (or tensor, or input) and what is wrong with it
};

template <class T>
using Result = boost::system::result<T, Failure>;

// file_refused: "<file>: <fault>".
[[nodiscard]] Failure refused(const std::filesystem::path& file, std::string_view fault);

// A name out of a file that may be hostile, short and free of control characters.
[[nodiscard]] std::string in_quotes(std::string_view name);

// Asking a failed result for its value is a bug, so it throws what the failure says. Found by ADL.
[[noreturn]] void throw_exception_from_error(const Failure& failure, const boost::source_location& where);

} // namespace embedd::model

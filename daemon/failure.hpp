#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <string>

namespace embedd::daemon {

// How embedd ends (docs/operating.md): systemd and scripts decide by these.
enum class ExitCode : std::uint8_t {
    stopped = 0,
    failure = 1,
    usage = 2,
    device_missing = 69,
    replicas_lost = 70,
    already_running = 75,
    configuration = 78,
};

// Something that keeps the daemon from starting or going on.
struct Failure {
    ExitCode code = ExitCode::failure;
    std::string message; // one line: what, where, what to do
};

[[noreturn]] void throw_exception_from_error(const Failure&, const boost::source_location&);

template <class T>
using Result = boost::system::result<T, Failure>;

} // namespace embedd::daemon

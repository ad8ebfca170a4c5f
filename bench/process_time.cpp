#include "bench/process_time.hpp"

#include <cerrno>
#include <ctime>
#include <string>
#include <system_error>

namespace embedd::bench {

std::chrono::nanoseconds processor_time_of(pid_t pid)
{
    clockid_t clock{};
    timespec used{};
    int error = ::clock_getcpuclockid(pid, &clock);
    if (error == 0 && ::clock_gettime(clock, &used) != 0)
        error = errno;
    if (error != 0)
        throw std::system_error(error, std::generic_category(),
                                "the processor time of process " + std::to_string(pid));
    return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

} // namespace embedd::bench

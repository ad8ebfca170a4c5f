#include "model/worker/thread_use.hpp"

#include <ctime>

#include <sys/resource.h>

namespace embedd::model {

ThreadUse thread_use()
{
    timespec now{}; // to the nanosecond, where rusage may count in ticks
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return {.cpu_us = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
                      static_cast<std::uint64_t>(now.tv_nsec) / 1'000,
            .page_faults = static_cast<std::uint64_t>(usage.ru_minflt + usage.ru_majflt)};
}

} // namespace embedd::model

#include "daemon/descriptor_limit.hpp"

namespace embedd::daemon {

namespace {

rlimit descriptor_limit()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit;
}

} // namespace

const rlimit& descriptor_limit_at_start()
{
    static const rlimit at_start = descriptor_limit();
    return at_start;
}

std::size_t raise_descriptor_limit()
{
    rlimit limit = descriptor_limit_at_start();
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit); // where it is refused, what there is has to do
    return descriptor_limit().rlim_cur;
}

} // namespace embedd::daemon

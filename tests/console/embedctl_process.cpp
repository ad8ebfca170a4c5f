#include "tests/console/embedctl_process.hpp"

namespace embedd::console {

Ran embedctl(const std::string& words, const std::string& feed)
{
    return shell(feed + " | '" EMBEDD_TEST_EMBEDCTL "' " + words + " 2>&1");
}

} // namespace embedd::console

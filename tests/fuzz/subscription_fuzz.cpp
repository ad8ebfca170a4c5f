#include "ipc/subscription.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <string_view>

// Whatever a daemon tells a viewer, it is refused or read, and reads the same when it is written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace embedd;
    const std::string_view header{reinterpret_cast<const char*>(data), size};

    const auto event = ipc::parse_subscribe_event(header);
    if (!event)
        return 0;
    const auto again = ipc::parse_subscribe_event(ipc::to_header(ipc::Id{}, *event));
    fuzz::promise(again.has_value() && *again == *event);
    return 0;
}

#include "ipc/json.hpp"
#include "ipc/status.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

// Whatever a daemon sends, a viewer refuses it or reads the same again from what it wrote.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace embedd;
    const std::string_view text{reinterpret_cast<const char*>(data), size};

    const auto json = ipc::parse_json(text, {.depth = 32});
    if (!json)
        return 0;
    const auto status = ipc::status_from_json(*json);
    if (!status)
        return 0;
    const auto written = ipc::parse_json(ipc::dump_json(ipc::to_json(*status)), {.depth = 64});
    fuzz::promise(written.has_value());
    const auto again = ipc::status_from_json(*written);
    fuzz::promise(again.has_value() && *again == *status);
    return 0;
}

#include "ipc/reply.hpp"
#include "ipc/request.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <string_view>

// What is accepted means the same when it is written again; what is refused can be told to the client.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace embedd;
    const ipc::RequestLimits limits{.inputs = 64, .text_bytes = 1024};
    const std::string_view header{reinterpret_cast<const char*>(data), size};

    const auto request = ipc::parse_request(header, limits);
    if (request.has_error()) {
        const auto refusal = request.error();
        fuzz::promise(!ipc::to_header(refusal.id, refusal.error).empty());
        return 0;
    }
    const auto again = ipc::parse_request(ipc::to_header(*request), limits);
    fuzz::promise(again.has_value() && *again == *request);
    return 0;
}

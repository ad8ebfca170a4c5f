#include "ipc/worker_protocol.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <span>
#include <string_view>

// What one end of a worker's channel takes means the same when it is written again; a batch that is taken is
// whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace embedd;
    const std::string_view header{reinterpret_cast<const char*>(data), size};

    if (const auto message = ipc::parse_worker_message(header)) {
        const auto again = ipc::parse_worker_message(ipc::to_header(*message));
        fuzz::promise(again.has_value() && *again == *message);
    }
    if (const auto message = ipc::parse_daemon_message(header)) {
        const auto again = ipc::parse_daemon_message(ipc::to_header(*message));
        fuzz::promise(again.has_value() && *again == *message);
    }
    if (size < 2)
        return 0;
    const ipc::RunBatch run{
        .batch = 1, .task = "embed", .inputs = data[0], .tokens = data[1], .has_type_ids = false};
    if (const auto batch = ipc::decode_batch(run, std::as_bytes(std::span{data + 2, size - 2})))
        fuzz::promise(batch->ids.size() == run.tokens && batch->offsets.size() == run.inputs + 1U &&
                      batch->offsets.back() == static_cast<std::int32_t>(run.tokens));
    return 0;
}

#include "ipc/frame.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace embedd::fuzz {
namespace {

constexpr ipc::FrameLimits limits{.header_bytes = 4096, .payload_bytes = 4096};

struct Cut {
    std::vector<ipc::Frame> frames;
    std::optional<ipc::FrameFault> fault;
    std::size_t left = 0;
};

Cut cut(std::span<const std::byte> stream, std::size_t piece)
{
    Cut result;
    ipc::FrameDecoder decoder{limits};
    while (!stream.empty()) {
        const auto now = std::min(piece, stream.size());
        decoder.feed(stream.first(now));
        stream = stream.subspan(now);
        while (auto frame = decoder.next())
            result.frames.push_back(std::move(*frame));
    }
    result.fault = decoder.fault();
    result.left = decoder.buffered();
    return result;
}

} // namespace
} // namespace embedd::fuzz

// However the stream is cut into pieces, the same frames and the same fault come out, and frames encode to
// the bytes they came from.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace embedd;
    if (size == 0)
        return 0;
    const auto stream = std::as_bytes(std::span{data, size}).subspan(1);
    const auto whole = fuzz::cut(stream, stream.size());
    const auto pieces = fuzz::cut(stream, 1 + std::size_t{data[0]});

    fuzz::promise(whole.fault == pieces.fault);
    fuzz::promise(whole.frames.size() == pieces.frames.size());
    std::size_t at = 0;
    for (std::size_t index = 0; index < whole.frames.size(); ++index) {
        const auto& frame = whole.frames[index];
        fuzz::promise(frame.header == pieces.frames[index].header);
        fuzz::promise(frame.payload == pieces.frames[index].payload);
        const auto bytes = ipc::encode_frame(frame.header, frame.payload);
        fuzz::promise(std::ranges::equal(bytes, stream.subspan(at, bytes.size())));
        at += bytes.size();
    }
    if (!whole.fault)
        fuzz::promise(whole.left == stream.size() - at);
    return 0;
}

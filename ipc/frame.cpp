#include "ipc/frame.hpp"

#include <algorithm>
#include <cstring>

namespace embedd::ipc {

namespace {

constexpr std::size_t kept_bytes = 64 * 1024; // less is not worth its giving back

template <class Number>
void put(std::byte* at, Number value) noexcept
{
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        at[i] = static_cast<std::byte>(value >> (8 * i) & 0xFF);
}

template <class Number>
Number get(const std::byte* at) noexcept
{
    Number value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        value |= std::to_integer<Number>(at[i]) << (8 * i);
    return value;
}

} // namespace

std::string_view to_string(FrameFault fault) noexcept
{
    switch (fault) {
    case FrameFault::bad_magic:
        return "this is no frame: it does not begin with EMB1";
    case FrameFault::header_too_large:
        return "the frame's header is larger than the limit";
    case FrameFault::payload_too_large:
        return "the frame's payload is larger than the limit";
    }
    return "";
}

std::array<std::byte, frame_head_bytes> frame_head(std::size_t header_bytes,
                                                   std::size_t payload_bytes) noexcept
{
    std::array<std::byte, frame_head_bytes> head{};
    std::memcpy(head.data(), frame_magic.data(), frame_magic.size());
    put(head.data() + 4, static_cast<std::uint32_t>(header_bytes));
    put(head.data() + 8, static_cast<std::uint64_t>(payload_bytes));
    return head;
}

std::vector<std::byte> encode_frame(std::string_view header, std::span<const std::byte> payload)
{
    const auto head = frame_head(header.size(), payload.size());
    const auto text = std::as_bytes(std::span{header});
    std::vector<std::byte> frame(head.size() + text.size() + payload.size());
    auto* at = std::copy(head.begin(), head.end(), frame.data());
    at = std::copy(text.begin(), text.end(), at);
    std::copy(payload.begin(), payload.end(), at);
    return frame;
}

void FrameDecoder::feed(std::span<const std::byte> bytes)
{
    if (fault_)
        return;
    // What was handed out is let go before more comes in: the buffer stays about one frame large.
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_));
    consumed_ = 0;
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

void FrameDecoder::trim()
{
    constexpr std::size_t mostly_empty = 16;
    if (buffer_.capacity() <= kept_bytes || buffered() > buffer_.capacity() / mostly_empty)
        return;
    buffer_ = std::vector(buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_), buffer_.end());
    consumed_ = 0;
}

std::optional<Frame> FrameDecoder::next()
{
    const auto* at = buffer_.data() + consumed_;
    const auto have = buffered();
    if (fault_)
        return std::nullopt;
    if (have > 0 && std::memcmp(at, frame_magic.data(), std::min(have, frame_magic.size())) != 0) {
        fault_ = FrameFault::bad_magic;
        return std::nullopt;
    }
    if (have < frame_head_bytes)
        return std::nullopt;
    const auto header = get<std::uint32_t>(at + 4);
    const auto payload = get<std::uint64_t>(at + 8);
    if (header > limits_.header_bytes)
        fault_ = FrameFault::header_too_large;
    else if (payload > limits_.payload_bytes)
        fault_ = FrameFault::payload_too_large;
    if (fault_ || have - frame_head_bytes < header || have - frame_head_bytes - header < payload)
        return std::nullopt;
    at += frame_head_bytes;
    Frame frame{.header = {reinterpret_cast<const char*>(at), header},
                .payload = {at + header, at + header + payload}};
    consumed_ += frame_head_bytes + header + payload;
    return frame;
}

} // namespace embedd::ipc

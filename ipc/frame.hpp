#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::ipc {

// A frame on the wire, little-endian: magic "EMB1", header_bytes u32, payload_bytes u64, the JSON header, the
// payload.
inline constexpr std::size_t frame_head_bytes = 16;
inline constexpr std::string_view frame_magic = "EMB1";

struct Frame {
    std::string header;             // JSON, not yet parsed
    std::vector<std::byte> payload; // raw numbers; empty in requests
};

struct FrameLimits {
    std::uint64_t header_bytes = 0;
    std::uint64_t payload_bytes = 0;
};

// Why a stream of frames cannot be trusted any more: the connection is closed after saying so.
enum class FrameFault : std::uint8_t { bad_magic, header_too_large, payload_too_large };

[[nodiscard]] std::string_view to_string(FrameFault) noexcept;

[[nodiscard]] std::array<std::byte, frame_head_bytes> frame_head(std::size_t header_bytes,
                                                                 std::size_t payload_bytes) noexcept;

// Head, header and payload in one buffer: for small frames and tests. Large ones are written as three parts.
[[nodiscard]] std::vector<std::byte> encode_frame(std::string_view header,
                                                  std::span<const std::byte> payload = {});

// Cuts a byte stream into frames, whatever the pieces it arrives in. Holds only bytes that arrived: nothing
// is allocated by a claimed size. After a fault it stays faulty.
class FrameDecoder {
public:
    explicit FrameDecoder(FrameLimits limits) noexcept : limits_(limits) {}

    void feed(std::span<const std::byte> bytes);

    // The next whole frame, if there is one. Call until it returns nothing, then look at fault().
    [[nodiscard]] std::optional<Frame> next();

    [[nodiscard]] std::optional<FrameFault> fault() const noexcept { return fault_; }

    // Bytes of a frame that has begun and is not whole: a peer that leaves now was cut off.
    [[nodiscard]] std::size_t buffered() const noexcept { return buffer_.size() - consumed_; }

    // Memory it holds; trim() gives back what only frames needed that were handed out.
    [[nodiscard]] std::size_t held() const noexcept { return buffer_.capacity(); }
    void trim();

private:
    FrameLimits limits_;
    std::vector<std::byte> buffer_;
    std::size_t consumed_ = 0;
    std::optional<FrameFault> fault_;
};

} // namespace embedd::ipc

#include "ipc/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace embedd::ipc {
namespace {

constexpr FrameLimits limits{.header_bytes = 100, .payload_bytes = 1000};

std::vector<std::byte> bytes(std::string_view text)
{
    const auto view = std::as_bytes(std::span{text});
    return {view.begin(), view.end()};
}

std::vector<std::byte> head(std::uint32_t header, std::uint64_t payload)
{
    auto frame = frame_head(header, payload);
    return {frame.begin(), frame.end()};
}

TEST(Frame, IsMagicLengthsHeaderAndPayloadInLittleEndian)
{
    const std::vector<std::byte> payload{std::byte{0xAA}, std::byte{0xBB}, std::byte{0xCC}};

    const auto frame = encode_frame("{}", payload);

    std::vector<std::byte> expected = bytes(std::string_view("EMB1\x02\0\0\0\x03\0\0\0\0\0\0\0{}", 18));
    expected.insert(expected.end(), payload.begin(), payload.end());
    EXPECT_EQ(frame, expected);
}

TEST(Frame, IsTheSameHoweverItsBytesArrive)
{
    const auto first = encode_frame("{\"id\":1}", bytes("payload"));
    const auto second = encode_frame("{\"id\":2}");
    auto stream = first;
    stream.insert(stream.end(), second.begin(), second.end());

    for (std::size_t step = 1; step <= stream.size(); ++step) {
        FrameDecoder decoder{limits};
        std::vector<Frame> frames;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            decoder.feed(std::span{stream}.subspan(at, std::min(step, stream.size() - at)));
            while (auto frame = decoder.next())
                frames.push_back(std::move(*frame));
        }
        ASSERT_EQ(frames.size(), 2U) << step;
        EXPECT_EQ(frames[0].header, "{\"id\":1}");
        EXPECT_EQ(frames[0].payload, bytes("payload"));
        EXPECT_EQ(frames[1].header, "{\"id\":2}");
        EXPECT_TRUE(frames[1].payload.empty());
        EXPECT_EQ(decoder.buffered(), 0U);
        EXPECT_EQ(decoder.fault(), std::nullopt);
    }
}

TEST(Frame, EveryPrefixOfOneIsIncompleteAndNoFault)
{
    const auto whole = encode_frame("{\"id\":1}", bytes("payload"));

    for (std::size_t length = 0; length < whole.size(); ++length) {
        FrameDecoder decoder{limits};
        decoder.feed(std::span{whole}.first(length));
        EXPECT_FALSE(decoder.next()) << length;
        EXPECT_EQ(decoder.fault(), std::nullopt) << length;
        EXPECT_EQ(decoder.buffered(), length);
    }
}

TEST(Frame, AWrongMagicIsSeenAtItsFirstByte)
{
    for (const auto* text : {"X", "EMB2", "GET / HTTP/1.1\r\n"}) {
        FrameDecoder decoder{limits};
        decoder.feed(bytes(text));
        EXPECT_FALSE(decoder.next());
        EXPECT_EQ(decoder.fault(), FrameFault::bad_magic) << text;
    }
}

TEST(Frame, ClaimsBeyondTheLimitsAreRefusedByTheHeadAlone)
{
    for (const std::uint32_t header : {101U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
        FrameDecoder decoder{limits};
        decoder.feed(head(header, 0));
        EXPECT_FALSE(decoder.next());
        EXPECT_EQ(decoder.fault(), FrameFault::header_too_large) << header;
    }
    for (const std::uint64_t payload : {1001ULL, 1ULL << 31, 1ULL << 63, ~0ULL}) {
        FrameDecoder decoder{limits};
        decoder.feed(head(0, payload));
        EXPECT_FALSE(decoder.next());
        EXPECT_EQ(decoder.fault(), FrameFault::payload_too_large) << payload;
    }
}

TEST(Frame, TheLimitsThemselvesAreAllowed)
{
    FrameDecoder decoder{limits};
    decoder.feed(encode_frame(std::string(100, ' '), std::vector<std::byte>(1000)));

    const auto frame = decoder.next();

    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->header.size(), 100U);
    EXPECT_EQ(frame->payload.size(), 1000U);
}

TEST(Frame, AfterAFaultNothingIsReadAnyMore)
{
    FrameDecoder decoder{limits};
    decoder.feed(bytes("nonsense"));
    EXPECT_FALSE(decoder.next());

    decoder.feed(encode_frame("{}"));

    EXPECT_FALSE(decoder.next());
    EXPECT_EQ(decoder.fault(), FrameFault::bad_magic);
}

TEST(Frame, LetsGoOfWhatALargeOneNeededAndKeepsWhatFollows)
{
    constexpr std::size_t large = 1 << 20;
    FrameDecoder decoder{{.header_bytes = 100, .payload_bytes = large}};
    const auto next = encode_frame("{\"id\":2}");
    auto stream = encode_frame("{}", std::vector<std::byte>(large));
    stream.insert(stream.end(), next.begin(), next.end() - 1);
    decoder.feed(stream);
    EXPECT_TRUE(decoder.next());
    EXPECT_FALSE(decoder.next());
    EXPECT_GE(decoder.held(), large);

    decoder.trim();

    EXPECT_LT(decoder.held(), 1000U);
    decoder.feed(std::span{next}.last(1));
    EXPECT_EQ(decoder.next()->header, "{\"id\":2}");
}

TEST(Frame, MayBeEmpty)
{
    FrameDecoder decoder{{}};
    decoder.feed(encode_frame(""));

    const auto frame = decoder.next();

    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->header, "");
}

} // namespace
} // namespace embedd::ipc

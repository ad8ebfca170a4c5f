#include "ipc/reply.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace embedd::ipc {
namespace {

EmbedReply embed_reply()
{
    return {.rows = 2,
            .dims = 3,
            .dtype = VectorType::float16,
            .tokens = {5, 7},
            .truncated = {1},
            .model = "f00d",
            .timing = {.tokenize_us = 1, .queue_us = 2, .forward_us = 3, .serialize_us = 4, .total_us = 10}};
}

template <class T>
void comes_back(const T& reply)
{
    const auto read = parse_reply<T>(to_header(Id{std::uint64_t{7}}, reply));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, reply);
}

TEST(Reply, OfEveryOpComesBackAsItWasSent)
{
    comes_back(embed_reply());
    comes_back(TokenizeReply{{{{.id = 101, .text = "[CLS]", .special = true, .start = {}, .stop = {}},
                               {.id = 7, .text = "a\"b", .special = false, .start = 0, .stop = 3}},
                              {}}});
    comes_back(DecodeReply{{"a", ""}});
    comes_back(HealthReply{.live = true, .ready = false, .state = "warming", .reason = "why"});
    comes_back(CancelReply{true});
    comes_back(StatusReply{});
    comes_back(InfoReply{.version = "1",
                         .model = {.name = "m", .tasks = {"embed"}},
                         .pooling = "mean",
                         .normalize = true,
                         .prompts = {{"query", "query: "}},
                         .max_inputs = 8,
                         .max_request_bytes = 9,
                         .max_batch_tokens = 10,
                         .auto_truncate = false});
}

TEST(Reply, EchoesTheId)
{
    EXPECT_EQ(*reply_id(to_header(Id{std::uint64_t{7}}, CancelReply{})), Id{std::uint64_t{7}});
    EXPECT_EQ(*reply_id(to_header(Id{std::string{"q"}}, CancelReply{})), Id{std::string{"q"}});
    EXPECT_EQ(*reply_id(to_header(Id{}, CancelReply{})), Id{});
}

TEST(Reply, AnErrorComesBackAsOneWhateverWasAsked)
{
    const Error error{ErrorType::overloaded, "the queue is full", 120};

    const auto header = to_header(Id{std::uint64_t{1}}, error);

    EXPECT_EQ(parse_reply<EmbedReply>(header).error(), error);
    EXPECT_EQ(parse_reply<StatusReply>(header).error(), error);
}

TEST(Reply, EveryErrorTypeHasAName)
{
    for (int type = 0; type <= static_cast<int>(ErrorType::internal); ++type) {
        const auto value = static_cast<ErrorType>(type);
        EXPECT_EQ(error_type_from(to_string(value)), value);
    }
    EXPECT_EQ(error_type_from("unheard_of"), std::nullopt);
}

TEST(Reply, WhatCannotBeReadIsAnErrorOfItsOwn)
{
    for (const auto* header :
         {"", "[]", "{}", R"({"ok": 1})", R"({"ok": true, "shape": "x"})", R"({"ok": false})"})
        EXPECT_FALSE(parse_reply<EmbedReply>(header)) << header;
}

TEST(Reply, FloatsAreTakenFromAPayloadOfTheRightSizeOnly)
{
    const std::vector<float> numbers{1, 2, 3, 4, 5, 6};
    std::vector<std::byte> payload(24);
    std::memcpy(payload.data(), numbers.data(), payload.size());
    EmbedReply reply{.rows = 2, .dims = 3};

    EXPECT_EQ(*float_rows(reply, payload), numbers);

    EXPECT_FALSE(float_rows(reply, std::span{payload}.first(23)));
    EXPECT_FALSE(float_rows(reply, std::span{payload}.first(20)));
    reply.rows = 1ULL << 62;
    EXPECT_FALSE(float_rows(reply, payload));
    reply.dims = 0;
    EXPECT_FALSE(float_rows(reply, payload));
    EXPECT_FALSE(float_rows(embed_reply(), payload));
}

} // namespace
} // namespace embedd::ipc

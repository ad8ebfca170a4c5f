#include "ipc/request.hpp"

#include <gtest/gtest.h>

namespace embedd::ipc {
namespace {

using namespace std::string_literals;

Error refusal(const std::string& header, const RequestLimits& limits = {})
{
    const auto request = parse_request(header, limits);
    EXPECT_FALSE(request) << header;
    return request ? Error{ErrorType::internal, "taken", {}} : request.error().error;
}

// A request that is right but for the fields given.
std::string embed(const std::string& fields)
{
    return R"({"id": 1, "op": "embed", )" + fields + "}";
}

TEST(Request, OfEveryOpComesBackAsItWasSent)
{
    EmbedRequest full;
    full.inputs = {"a \"text\"", TokenIds{101, 0, 102}, ""};
    full.truncate = false;
    full.truncation_direction = TruncationDirection::left;
    full.normalize = true;
    full.dimensions = 128;
    full.prompt_name = "query";
    full.dtype = VectorType::ubinary;
    EmbedRequest prompted;
    prompted.inputs = {"x"};
    prompted.prompt = "query: ";
    const std::vector<Operation> operations{
        full,
        prompted,
        TokenizeRequest{.inputs = {"a"}, .add_special_tokens = false},
        DecodeRequest{.ids = {{1, 2}, {3}}, .skip_special_tokens = false},
        InfoRequest{},
        StatusRequest{},
        HealthRequest{},
        ReloadRequest{.model = "/models/new", .in_place = true, .dry_run = true},
        DrainRequest{},
        ResumeRequest{},
        RestartReplicaRequest{.replica = 3, .dry_run = true},
        SubscribeRequest{.interval = std::chrono::milliseconds{250}},
        CancelRequest{.target = "other"s}};
    for (const auto& operation : operations) {
        const Request request{.id = std::uint64_t{9},
                              .operation = operation,
                              .timeout = std::chrono::milliseconds{500},
                              .priority = Priority::batch,
                              .wait_ready = false,
                              .client = "me"};
        const auto read = parse_request(to_header(request), {});
        ASSERT_TRUE(read) << read.error().error.message;
        EXPECT_EQ(*read, request) << op_name(operation);
    }
}

TEST(Request, HasDefaults)
{
    const auto read = parse_request(R"({"id": "q", "op": "embed", "inputs": "one text"})", {});

    ASSERT_TRUE(read);
    const auto& request = std::get<EmbedRequest>(read->operation);
    EXPECT_EQ(read->id, Id{"q"s});
    EXPECT_EQ(request.inputs, std::vector<Input>{"one text"});
    EXPECT_EQ(request.truncate, std::nullopt);
    EXPECT_EQ(request.dtype, VectorType::float32);
    EXPECT_EQ(read->priority, Priority::interactive);
    EXPECT_TRUE(read->wait_ready);
    EXPECT_EQ(read->timeout, std::nullopt);
}

TEST(Request, ToSubscribeNamesAnIntervalBetweenATenthOfASecondAndAMinute)
{
    const auto asked = [](const std::string& interval) {
        return R"({"id": 1, "op": "subscribe", "interval_ms": )" + interval + "}";
    };
    const auto interval = [&](const std::string& given) {
        return std::get<SubscribeRequest>(parse_request(asked(given), {})->operation).interval.count();
    };

    EXPECT_EQ(interval("null"), 1000);
    EXPECT_EQ(interval("100"), 100);
    EXPECT_EQ(interval("60000"), 60'000);
    for (const auto* wrong : {"99", "60001", "-1", "0.5", "\"1s\""})
        EXPECT_EQ(refusal(asked(wrong)).message, "'interval_ms' must be a whole number from 100 to 60000");
}

TEST(Request, IdIsAWholeNumberBelowTwoToThe53OrAShortString)
{
    for (const auto* id : {"null", "-1", "1.5", "9007199254740992", "true", "[]", "{}"}) {
        const auto read = parse_request(R"({"op": "info", "id": )" + std::string{id} + "}", {});
        ASSERT_FALSE(read) << id;
        EXPECT_EQ(read.error().id, Id{}) << id;
        EXPECT_EQ(read.error().error.type, ErrorType::bad_request);
    }
    EXPECT_FALSE(parse_request(R"({"op": "info"})", {}));
    EXPECT_FALSE(parse_request(R"({"op": "info", "id": ")" + std::string(65, 'x') + "\"}", {}));
    EXPECT_TRUE(parse_request(R"({"op": "info", "id": 9007199254740991})", {}));
    EXPECT_TRUE(parse_request(R"({"op": "info", "id": ")" + std::string(64, 'x') + "\"}", {}));
}

TEST(Request, ARefusalCarriesTheIdWhereItCouldBeRead)
{
    const auto read = parse_request(R"({"id": 5, "op": "dance"})", {});

    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().id, Id{std::uint64_t{5}});
}

TEST(Request, FaultsAreNamed)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"[]", "a request must be a JSON object"},
        {R"({"id": 1})", "'op' is missing"},
        {R"({"id": 1, "op": 5})", "'op' must be a string"},
        {R"({"id": 1, "op": "dance"})",
         "unknown op; known are: embed, tokenize, decode, info, status, health, metrics, "
         "warmups, rewarm, reload, drain, resume, restart_replica, subscribe, cancel"},
        {R"({"id": 1, "op": "embed"})", "'inputs' is missing"},
        {embed(R"("inputs": null)"), "'inputs' is missing"},
        {embed(R"("inputs": [])"), "'inputs' is empty"},
        {embed(R"("inputs": 5)"), "'inputs' must be a list"},
        {embed(R"("inputs": ["a", 5])"), "inputs[1] must be a text or a list of token ids"},
        {embed(R"("inputs": [[]])"), "inputs[0] has no token ids"},
        {embed(R"("inputs": [[1, -1]])"), "inputs[0] must hold whole numbers from 0: token ids"},
        {embed(R"("inputs": [[1.5]])"), "inputs[0] must hold whole numbers from 0: token ids"},
        {embed(R"("inputs": [["1"]])"), "inputs[0] must hold whole numbers from 0: token ids"},
        {embed(R"("inputs": [[2147483648]])"), "inputs[0] must hold whole numbers from 0: token ids"},
        {embed(R"("inputs": ["a"], "truncate": 1)"), "'truncate' must be true or false"},
        {embed(R"("inputs": ["a"], "dimensions": 0)"),
         "'dimensions' must be a whole number from 1 to 1048576"},
        {embed(R"("inputs": ["a"], "dimensions": -3)"),
         "'dimensions' must be a whole number from 1 to 1048576"},
        {embed(R"("inputs": ["a"], "dimensions": 3.9)"),
         "'dimensions' must be a whole number from 1 to 1048576"},
        {embed(R"("inputs": ["a"], "dtype": "float64")"),
         "'dtype' must be one of: float32, float16, bfloat16, int8, ubinary"},
        {embed(R"("inputs": ["a"], "truncation_direction": "up")"),
         "'truncation_direction' must be one of: right, left"},
        {embed(R"("inputs": ["a"], "prompt": "x", "prompt_name": "y")"),
         "give 'prompt_name' or 'prompt', not both"},
        {embed(R"("inputs": ["a"], "priority": "high")"), "'priority' must be one of: interactive, batch"},
        {embed(R"("inputs": ["a"], "timeout_ms": 0)"),
         "'timeout_ms' must be a whole number from 1 to 86400000"},
        {embed(R"("inputs": ["a"], "normalise": true)"), "unknown field 'normalise'"},
        {R"({"id": 1, "op": "info", "inputs": ["a"]})", "unknown field 'inputs'"},
        {R"({"id": 1, "op": "tokenize", "inputs": [[1]]})", "inputs[0] must be a text"},
        {R"({"id": 1, "op": "decode", "ids": [5]})", "ids[0] must be a list of token ids"},
        {R"({"id": 1, "op": "cancel"})", "'target' is missing"},
        {R"({"id": 1, "op": "cancel", "target": -1})",
         "'target' must be the id of a request of this connection"},
    };
    for (const auto& [header, message] : cases) {
        const auto error = refusal(header);
        EXPECT_EQ(error.message, message) << header;
        EXPECT_EQ(error.type, ErrorType::bad_request) << header;
    }
}

TEST(Request, LimitsAreRefusedAsTooLarge)
{
    const RequestLimits limits{.inputs = 2, .text_bytes = 4};

    EXPECT_EQ(refusal(embed(R"("inputs": ["a", "b", "c"])"), limits).message,
              "'inputs' has 3 entries, at most 2 are taken");
    EXPECT_EQ(refusal(embed(R"("inputs": ["1234", "12345"])"), limits).message,
              "inputs[1] is longer than 4 bytes");
    EXPECT_EQ(refusal(embed(R"("inputs": ["12345"])"), limits).type, ErrorType::too_large);
    EXPECT_EQ(refusal(R"({"id": 1, "op": "info", "client": ")" + std::string(65, 'x') + "\"}").type,
              ErrorType::too_large);
    EXPECT_TRUE(parse_request(embed(R"("inputs": ["1234", "1"])"), limits));
}

TEST(Request, OpsOfTheProtocolThatAreNotServedAreUnsupported)
{
    for (const auto* op : {"rerank", "classify", "embed_tokens", "embed_sparse", "similarity"})
        EXPECT_EQ(refusal(R"({"id": 1, "op": ")" + std::string{op} + "\"}").type, ErrorType::unsupported)
            << op;
}

TEST(Request, WhatIsNoJsonIsRefusedWithoutAnId)
{
    for (const std::string header : {"", "{", "nonsense", "{\"id\": 1, \"op\": \"info\", \"x\": \"\xff\"}"}) {
        const auto read = parse_request(header, {});
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().id, Id{});
        EXPECT_EQ(read.error().error.type, ErrorType::bad_request);
    }
}

} // namespace
} // namespace embedd::ipc

#include "ipc/json.hpp"
#include "ipc/request.hpp"
#include "ipc/status.hpp"
#include "ipc/subscription.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

namespace embedd::ipc {
namespace {

// The examples of docs/protocol.md: the lines between ```KIND and ```.
std::vector<std::string> examples(const std::string& kind)
{
    std::ifstream document{EMBEDD_TEST_PROTOCOL};
    std::vector<std::string> found;
    bool inside = false;
    for (std::string line; std::getline(document, line);) {
        if (line.starts_with("```"))
            inside = line == "```" + kind;
        else if (inside)
            found.push_back(line);
    }
    return found;
}

TEST(ProtocolDocument, EachRequestShownIsOneThatIsTaken)
{
    const auto requests = examples("request");
    std::set<std::string_view> ops;
    for (const auto& example : requests) {
        const auto request = parse_request(example, {});
        ASSERT_TRUE(request) << example << ": " << request.error().error.message;
        ops.insert(op_name(request->operation));
    }

    EXPECT_EQ(ops.size(), std::variant_size_v<Operation>) << "an op has no example";
}

TEST(ProtocolDocument, EachAnswerShownIsJson)
{
    const auto answers = examples("answer");

    EXPECT_GE(answers.size(), 5U);
    for (const auto& example : answers)
        EXPECT_TRUE(parse_json(example)) << example;
}

TEST(ProtocolDocument, TheDeviceShownIsReadToItsLastField)
{
    std::vector<nlohmann::json> shown;
    for (const auto& example : examples("answer"))
        if (auto json = *parse_json(example); json.contains(nlohmann::json::json_pointer("/status/devices")))
            shown.push_back(json.at("status"));
    ASSERT_EQ(shown.size(), 1U);

    const auto status = status_from_json(shown[0]);

    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(to_json(*status).at("devices"), shown[0].at("devices"));
    EXPECT_EQ(status->devices[0].throttled, (std::vector<std::string>{"sw_power_cap"}));
}

TEST(ProtocolDocument, TheHistoryShownIsRead)
{
    std::vector<SubscribeEvent> shown;
    for (const auto& example : examples("answer"))
        if (auto event = parse_subscribe_event(example); event && !event->history.empty())
            shown.push_back(*std::move(event));

    ASSERT_EQ(shown.size(), 1U);
    const auto& history = shown[0].history;
    ASSERT_EQ(history.size(), 3U);
    EXPECT_EQ(history[1].mono_us, 6'000'100U);
    EXPECT_EQ(history[2].mono_us, 7'000'200U);
    EXPECT_EQ(history[1].state, "loading");
    EXPECT_EQ(history[2].state, "ready");
    EXPECT_EQ(history[2].requests, 5U);
    EXPECT_EQ(history[1].inflight, 2U);
    EXPECT_EQ(history[1].oldest_us, std::nullopt);
    EXPECT_EQ(history[2].late_requests, 1U);
    EXPECT_EQ(history[2].late_queue_us, 900U);
    EXPECT_EQ(history[2].latency.at("total")[4], 3U);
}

} // namespace
} // namespace embedd::ipc

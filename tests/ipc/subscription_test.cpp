#include "ipc/json.hpp"
#include "ipc/reply.hpp"
#include "ipc/subscription.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace embedd::ipc {
namespace {

using namespace std::string_literals;

std::vector<std::uint64_t> counts_of(std::size_t place, std::uint64_t count)
{
    std::vector<std::uint64_t> counts(Sample::classes, 0);
    counts.at(place) = count;
    return counts;
}

Sample full_sample()
{
    Sample sample;
    sample.mono_us = 1;
    sample.state = "ready";
    sample.warm_epoch = 2;
    sample.requests = 3;
    sample.inputs = 4;
    sample.tokens = 5;
    sample.errors = 6;
    sample.batches = 7;
    sample.batch_tokens = 8;
    sample.cold_hits = 9;
    sample.restarts = 10;
    sample.busy_us = 11;
    sample.queue_requests = 12;
    sample.queue_tokens = 13;
    sample.inflight = 14;
    sample.oldest_us = 15;
    sample.resident_bytes = 16;
    sample.late_requests = 19;
    sample.late_tokenize_us = 20;
    sample.late_queue_us = 21;
    sample.late_forward_us = 22;
    sample.late_serialize_us = 23;
    sample.late_total_us = 24;
    sample.latency = {{"total", counts_of(3, 17)}, {"forward", counts_of(15, 18)}};
    return sample;
}

void comes_back(const std::vector<Sample>& history)
{
    const SubscribeEvent event{.status = {.state = "ready"}, .history = history};
    const auto read = parse_subscribe_event(to_header(Id{std::uint64_t{7}}, event));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, event);
}

// A message with this history.
std::string message(const std::string& history)
{
    return R"({"id":1,"ok":true,"more":true,"status":{},"history":)" + history + "}";
}

std::string fault_of(const std::string& history)
{
    const auto read = parse_subscribe_event(message(history));
    return read ? "none" : read.error().message;
}

TEST(SubscribeEvent, ComesBackAsItWasSent)
{
    Sample later = full_sample();
    later.mono_us = 1'000'002;
    later.state = "degraded";
    later.requests = 0; // a count that fell
    later.oldest_us = std::nullopt;
    later.latency["total"] = counts_of(3, 19);

    comes_back({});
    comes_back({Sample{}});
    comes_back({full_sample()});
    comes_back({Sample{}, full_sample(), later, Sample{}});
}

TEST(SubscribeEvent, IsOneThatOthersFollowAndEchoesTheId)
{
    const auto header = to_header(Id{"q"s}, SubscribeEvent{});

    EXPECT_EQ(*reply_id(header), Id{"q"s});
    EXPECT_EQ(parse_json(header, {.depth = 32})->at("more"), true);
    EXPECT_FALSE(parse_json(header, {.depth = 32})->contains("history"));
}

TEST(SubscribeEvent, ARefusalIsTheDaemonsOwnError)
{
    const Error full{ErrorType::overloaded, "the connections are full", 120};

    EXPECT_EQ(parse_subscribe_event(to_header(Id{std::uint64_t{1}}, full)).error(), full);
}

TEST(History, HasNoColumnForWhatIsZero)
{
    Sample sample;
    sample.mono_us = 5;
    sample.requests = 3;

    const auto history = *parse_json(to_text(std::vector{sample, sample}));

    EXPECT_EQ(history.at("mono_us"), nlohmann::json({5, 0}));
    EXPECT_EQ(history.at("requests"), nlohmann::json({3, 0}));
    EXPECT_EQ(history.at("tokens"), nlohmann::json::array());
    EXPECT_EQ(history.at("latency"), nlohmann::json::object());
}

TEST(History, OfTenBusyMinutesIsBelow200KB)
{
    std::vector<Sample> samples(1, full_sample());
    while (samples.size() < 600) {
        Sample next = samples.back();
        next.mono_us += 1'000'123;
        next.requests += 3'456;
        next.inputs += 34'560;
        next.tokens += 1'234'567;
        next.batches += 234;
        next.batch_tokens += 1'234'567;
        next.busy_us += 1'987'654;
        next.late_requests += 34;
        for (auto* late : {&next.late_tokenize_us, &next.late_queue_us, &next.late_forward_us,
                           &next.late_serialize_us, &next.late_total_us})
            *late += 1'234'567;
        next.queue_requests = 1'234 + samples.size() % 7;
        next.queue_tokens = 123'456 + samples.size();
        next.inflight = 1'300;
        next.oldest_us = 345'678 + samples.size();
        next.resident_bytes = 345'678'901;
        for (const auto* stage : {"tokenize", "queue", "forward", "serialize", "total"}) {
            auto& counts = next.latency.try_emplace(stage, Sample::classes, 0).first->second;
            for (const std::size_t place : {2, 3, 4, 5, 6, 7})
                counts[place] += 500 + place;
        }
        samples.push_back(next);
    }

    EXPECT_LE(to_text(samples).size(), 200'000U);
}

TEST(History, FaultsAreNamed)
{
    EXPECT_EQ(fault_of("{}"), "none");
    EXPECT_EQ(fault_of(R"({"mono_us":[1,2],"requests":[1]})"),
              "history.requests has 1 values, there are 2 samples");
    EXPECT_EQ(fault_of(R"({"mono_us":[1],"inflight":[1,2]})"),
              "history.inflight has 2 values, there are 1 samples");
    EXPECT_EQ(fault_of(R"({"mono_us":[1],"oldest_us":[1,null]})"),
              "history.oldest_us has 2 values, there are 1 samples");
    const std::string states =
        "history.state must name samples in their order, each state by at most 64 bytes";
    EXPECT_EQ(fault_of(R"({"mono_us":[1],"state":[[1,"ready"]]})"), states);
    EXPECT_EQ(fault_of(R"({"mono_us":[1,1],"state":[[1,"ready"],[0,"ready"]]})"), states);
    EXPECT_EQ(fault_of(R"({"mono_us":[1],"latency":{"total":[[],[1,2]]}})"),
              "history.latency.total has 2 values, there are 1 samples");
    EXPECT_EQ(fault_of(R"({"latency":{"total":[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]}})"),
              "history.latency.total has more than 16 classes");
    EXPECT_NE(fault_of(R"({"mono_us":["x"]})").find("history.mono_us[0]"), std::string::npos);
    EXPECT_NE(fault_of("[]").find("history is no object"), std::string::npos);
}

TEST(History, IsBounded)
{
    std::string many = "0";
    for (int at = 0; at < 3600; ++at)
        many += ",0";
    std::string stages = "\"0\":[]";
    for (int at = 1; at <= 64; ++at)
        stages += ",\"" + std::to_string(at) + "\":[]";

    EXPECT_EQ(fault_of(R"({"mono_us":[)" + many + "]}"), "history.mono_us has more than 3600 samples");
    EXPECT_EQ(fault_of(R"({"latency":{)" + stages + "}}"), "history.latency has more than 64 stages");
    EXPECT_EQ(fault_of(R"({"latency":{")" + std::string(65, 'x') + R"(":[]}})"),
              "history.latency has a stage of more than 64 bytes");
}

} // namespace
} // namespace embedd::ipc

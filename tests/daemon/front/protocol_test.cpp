#include "tests/daemon/front/daemon_process.hpp"
#include "tests/daemon/front/raw_client.hpp"

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <set>
#include <vector>

namespace embedd::daemon {
namespace {

// Of a thousand texts, some 25 kB.
std::string large_request(int id)
{
    const nlohmann::json request{
        {"id", id}, {"op", "embed"}, {"inputs", std::vector<std::string>(1000, "a text like any other")}};
    return request.dump();
}

const std::string good = R"({"id":"good","op":"embed","inputs":["hello"]})";

// One daemon for all: what one test does to it must not be seen by the next.
class Protocol : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        daemon_ = std::make_unique<DaemonProcess>();
        ASSERT_TRUE(daemon_->wait_until_ready());
        watcher_ = std::make_unique<ipc::Client>(daemon_->client());
        ASSERT_TRUE(eventually([] { return connections() == 1; }));
        descriptors_ = daemon_->descriptors();
    }
    static void TearDownTestSuite()
    {
        watcher_.reset();
        daemon_.reset();
    }

    void TearDown() override
    {
        EXPECT_EQ(answer_to(good).at("ok"), true);
        EXPECT_TRUE(eventually([] { return connections() == 1; }));
        EXPECT_TRUE(eventually([] { return daemon_->descriptors() == descriptors_; }));
        EXPECT_EQ(watcher_->status()->status.queue.requests, 0U);
    }

    static std::uint64_t connections()
    {
        std::uint64_t count = 0;
        const auto status = watcher_->status();
        for (const auto& client : status->status.clients)
            count += client.connections;
        return count;
    }

    static nlohmann::json answer_to(const std::string& request)
    {
        RawClient client(daemon_->socket());
        client.send_frame(request);
        return client.answer().value_or(nlohmann::json{{"ok", "closed"}});
    }

    static std::string refusal_of(const std::string& request)
    {
        const auto answer = answer_to(request);
        return answer.contains("error") ? answer.at("error").at("type").get<std::string>() : answer.dump();
    }

    static std::unique_ptr<DaemonProcess> daemon_;
    static std::unique_ptr<ipc::Client> watcher_; // the one connection that stays
    static std::size_t descriptors_;
};
std::unique_ptr<DaemonProcess> Protocol::daemon_;
std::unique_ptr<ipc::Client> Protocol::watcher_;
std::size_t Protocol::descriptors_ = 0;

TEST_F(Protocol, AnswersManyRequestsOfOneConnection)
{
    RawClient client(daemon_->socket());
    std::set<int> ids;
    for (int id = 0; id < 1000; ++id)
        client.send_frame(R"({"id":)" + std::to_string(id) + R"(,"op":"embed","inputs":["text"]})");

    for (int at = 0; at < 1000; ++at) {
        const auto answer = client.answer();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->at("ok"), true);
        ids.insert(answer->at("id").get<int>());
    }

    EXPECT_EQ(ids.size(), 1000U);
}

TEST_F(Protocol, AnswersInAnyOrder)
{
    daemon_->set_fault("hold-batch");
    RawClient client(daemon_->socket());
    client.send_frame(R"({"id":1,"op":"embed","inputs":["slow"]})");
    client.send_frame(R"({"id":2,"op":"health"})");

    EXPECT_EQ(client.answer()->at("id"), 2);
    daemon_->end_fault("hold-batch");
    EXPECT_EQ(client.answer()->at("id"), 1);
}

TEST_F(Protocol, RefusesAnIdThatIsUnderWay)
{
    daemon_->set_fault("hold-batch");
    RawClient client(daemon_->socket());
    client.send_frame(R"({"id":1,"op":"embed","inputs":["a"]})");
    client.send_frame(R"({"id":1,"op":"embed","inputs":["b"]})");

    EXPECT_EQ(client.answer()->at("error").at("type"), "bad_request");
    daemon_->end_fault("hold-batch");
    EXPECT_EQ(client.answer()->at("ok"), true);
}

TEST_F(Protocol, CancelsWhatIsUnderWay)
{
    daemon_->set_fault("hold-batch");
    RawClient client(daemon_->socket());
    client.send_frame(R"({"id":1,"op":"embed","inputs":["a"]})");
    client.send_frame(R"({"id":2,"op":"cancel","target":1})");

    const auto answer = client.answer();
    daemon_->end_fault("hold-batch");

    EXPECT_EQ(answer->at("id"), 2);
    EXPECT_EQ(answer->at("cancelled"), true);
}

// It is read on another thread.
TEST_F(Protocol, BeginsALargeRequestBeforeWhatCameBehindIt)
{
    daemon_->set_fault("hold-batch");
    RawClient client(daemon_->socket());
    client.send_frame(large_request(1));
    client.send_frame(R"({"id":2,"op":"cancel","target":1})");
    client.send_frame(large_request(3));
    client.send_frame(R"({"id":3,"op":"info"})");

    const auto cancelled = client.answer();
    const auto twice = client.answer();
    daemon_->end_fault("hold-batch");

    EXPECT_EQ(cancelled->at("id"), 2);
    EXPECT_EQ(cancelled->at("cancelled"), true);
    EXPECT_EQ(twice->at("error").at("type"), "bad_request");
    EXPECT_EQ(client.answer()->at("tokens").size(), 1000U);
}

TEST_F(Protocol, AnswersALargeRequestWhoseSenderSendsNoMore)
{
    RawClient client(daemon_->socket());
    client.send_frame(large_request(1));
    client.send_frame(R"({"id":2,"op":"embed","inputs":)" + std::string(20'000, '[') + "}");
    client.end_sending();

    std::map<int, nlohmann::json> answers;
    for (int i = 0; i < 2; ++i) {
        auto answer = *client.answer();
        const int id = answer.at("id").is_null() ? 2 : answer.at("id").get<int>();
        answers.emplace(id, std::move(answer));
    }
    EXPECT_EQ(answers.at(1).at("tokens").size(), 1000U);
    EXPECT_EQ(answers.at(2).at("error").at("type"), "bad_request");
}

TEST_F(Protocol, SurvivesEveryPrefixOfARequest)
{
    const auto frame = ipc::encode_frame(good);
    for (std::size_t size = 0; size < frame.size(); ++size)
        EXPECT_TRUE(RawClient(daemon_->socket()).send({reinterpret_cast<const char*>(frame.data()), size}));
}

TEST_F(Protocol, AllocatesNothingByAClaimedSize)
{
    for (const std::string& lengths : {std::string("\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0", 12),
                                       std::string("\x02\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 12)}) {
        RawClient client(daemon_->socket());
        client.send("EMB1" + lengths);

        EXPECT_EQ(client.answer()->at("error").at("type"), "too_large");
        EXPECT_TRUE(client.closed());
    }
}

TEST_F(Protocol, TellsHttpThatItIsNotSpokenHere)
{
    RawClient client(daemon_->socket());
    client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");

    EXPECT_THAT(client.everything(), testing::StartsWith("HTTP/1.1 501 "));
}

TEST_F(Protocol, ClosesOnOtherLanguages)
{
    using namespace std::string_literals;
    for (const std::string& hello : {"\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03"s, "\0AUTH EXTERNAL 30\r\n"s,
                                     "{\"method\":\"org.varlink.service.GetInfo\"}\0"s}) {
        RawClient client(daemon_->socket());
        client.send(hello);

        EXPECT_EQ(client.answer()->at("error").at("type"), "bad_request");
        EXPECT_TRUE(client.closed());
    }
}

TEST_F(Protocol, RefusesWhatIsNoProperRequest)
{
    for (const std::string request : {R"()",
                                      R"([])",
                                      R"({"id":1})",
                                      R"({"id":1,"op":"fly"})",
                                      R"({"id":-1,"op":"health"})",
                                      R"({"id":3.9,"op":"health"})",
                                      R"({"id":1,"id":2,"op":"health"})",
                                      R"({"id":1,"op":"health"} x)",
                                      R"({"id":1,"op":"embed","inputs":null})",
                                      R"({"id":1,"op":"embed","inputs":[]})",
                                      R"({"id":1,"op":"embed","inputs":7})",
                                      R"({"id":1,"op":"embed","inputs":["a"],"dimensions":"8"})",
                                      R"({"id":1,"op":"embed","inputs":["a"],"dimensions":9})",
                                      R"({"id":1,"op":"embed","inputs":["a"],"dtype":"f"})",
                                      R"({"id":1,"op":"embed","inputs":["a"],"prompt_name":"none"})",
                                      R"({"id":1,"op":"embed","inputs":[[-1]]})",
                                      R"({"id":1,"op":"embed","inputs":[[30522]]})",
                                      R"({"id":1,"op":"embed","inputs":[[2147483647]]})",
                                      R"({"id":1,"op":"embed","inputs":[[]]})",
                                      "{\"id\":1,\"op\":\"embed\",\"inputs\":[\"\xC0\xAF\"]}",
                                      R"({"id":1,"op":"embed","inputs":["\ud800"]})",
                                      R"({"id":1e400,"op":"health"})"})
        EXPECT_EQ(refusal_of(request), "bad_request") << request;
    EXPECT_EQ(refusal_of(std::string(100'000, '[')), "bad_request");
}

TEST_F(Protocol, RefusesMoreInputsThanAllowed)
{
    std::string inputs = "\"a\"";
    for (int at = 0; at < 8192; ++at)
        inputs += ",\"a\"";

    EXPECT_EQ(refusal_of(R"({"id":1,"op":"embed","inputs":[)" + inputs + "]}"), "too_large");
}

TEST_F(Protocol, GivesDefinedAnswersToStrangeTexts)
{
    for (const std::string text :
         {R"()", R"(   )", R"(\u0000)", R"(\ufeffx)", R"(مرحبا)", R"(👩‍👩‍👧)"})
        EXPECT_EQ(answer_to(R"({"id":1,"op":"embed","inputs":[")" + text + R"("]})").at("ok"), true) << text;
    const std::string one_long_word(1'000'000, 'a');
    EXPECT_EQ(answer_to(R"({"id":1,"op":"embed","inputs":[")" + one_long_word + R"("]})").at("tokens"),
              nlohmann::json::parse("[3]"));
    std::string many_words;
    while (many_words.size() < 1'000'000)
        many_words += "a ";
    EXPECT_EQ(answer_to(R"({"id":1,"op":"embed","inputs":[")" + many_words + R"("]})").at("truncated"),
              nlohmann::json::parse("[0]"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // their allocators keep what was freed
TEST_F(Protocol, GivesTheMemoryOfLargeRequestsBack)
{
    const auto before = daemon_->resident_bytes();
    std::string words, ids = "1";
    while (words.size() < 1'000'000)
        words += "a b ";
    while (ids.size() < 8'000'000)
        ids += ",1";

    EXPECT_EQ(answer_to(R"({"id":1,"op":"tokenize","inputs":[")" + words + R"("]})").at("ok"), true);
    EXPECT_EQ(answer_to(R"({"id":1,"op":"embed","inputs":[[)" + ids + "]]}").at("ok"), true);
    EXPECT_EQ(refusal_of(std::string(8'000'000, '[')), "bad_request");

    EXPECT_TRUE(eventually([&] { return daemon_->resident_bytes() < before + (32U << 20); }));
}
#endif

TEST_F(Protocol, AnswersAClientThatEndedItsHalf)
{
    RawClient client(daemon_->socket());
    client.send_frame(good);
    client.end_sending();

    EXPECT_EQ(client.answer()->at("ok"), true);
    EXPECT_TRUE(client.closed());
}

TEST_F(Protocol, AClientThatLeavesCostsNothing)
{
    daemon_->set_fault("hold-batch");
    {
        RawClient client(daemon_->socket());
        for (int id = 0; id < 100; ++id)
            client.send_frame(R"({"id":)" + std::to_string(id) + R"(,"op":"embed","inputs":["text"]})");
    }

    EXPECT_TRUE(eventually([] { return watcher_->status()->status.queue.requests == 0; }));
    daemon_->end_fault("hold-batch");
}

TEST_F(Protocol, ConnectionsWithoutAWordLeaveNothing)
{
    for (int at = 0; at < 2000; ++at)
        const RawClient client(daemon_->socket());
}

TEST_F(Protocol, ABadRequestAmongGoodOnesFailsAlone)
{
    RawClient client(daemon_->socket());
    for (int id = 0; id < 64; ++id)
        client.send_frame(
            R"({"id":)" + std::to_string(id) +
            (id == 32 ? R"(,"op":"embed","inputs":[[-1]]})" : R"(,"op":"embed","inputs":["text"]})"));

    for (int at = 0; at < 64; ++at) {
        const auto answer = client.answer();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->at("ok"), answer->at("id") != 32);
    }
}

TEST_F(Protocol, TokenizesAndDecodes)
{
    EXPECT_EQ(answer_to(R"({"id":1,"op":"tokenize","inputs":["hello"]})").at("tokens").at(0).size(), 3U);
    EXPECT_EQ(answer_to(R"({"id":1,"op":"decode","ids":[[101,7592,102]]})").at("texts").at(0), "hello");
}

TEST_F(Protocol, ASlowReaderIsNotReadFrom)
{
    RawClient slow(daemon_->socket());
    std::string inputs = "\"a\"";
    for (int at = 1; at < 4096; ++at)
        inputs += ",\"a\"";
    for (int id = 0; id < 64; ++id)
        slow.send_frame(R"({"id":)" + std::to_string(id) + R"(,"op":"embed","inputs":[)" + inputs + "]}");

    EXPECT_EQ(answer_to(good).at("ok"), true);
}

} // namespace
} // namespace embedd::daemon

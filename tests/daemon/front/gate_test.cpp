#include "daemon/gate.hpp"

#include <gmock/gmock.h>

namespace embedd::daemon {
namespace {

using namespace std::chrono_literals;

const Clock::time_point start{};

struct Told {
    std::vector<std::string> verdicts;

    Gate::Verdict as(const std::string& name)
    {
        return [this, name](const std::optional<ipc::Error>& refusal) {
            verdicts.push_back(name + " " + (refusal ? std::string(to_string(refusal->type)) : "passes"));
        };
    }
};

TEST(Gate, LetsThoseHeldPassInTheirOrderOnceReady)
{
    Told told;
    Gate gate(60s);
    EXPECT_TRUE(gate.hold(true, std::nullopt, start, told.as("a")));
    EXPECT_TRUE(gate.hold(true, start + 1s, start, told.as("b")));

    gate.let_pass();

    EXPECT_TRUE(gate.open());
    EXPECT_THAT(told.verdicts, testing::ElementsAre("a passes", "b passes"));
}

TEST(Gate, HoldsNobodyBeyondHisDeadlineOrTheLimit)
{
    Told told;
    Gate gate(60s);
    EXPECT_TRUE(gate.hold(true, start + 5s, start, told.as("hasty")));
    EXPECT_TRUE(gate.hold(true, std::nullopt, start, told.as("patient")));

    EXPECT_EQ(gate.next_expiry(), start + 5s);
    gate.expire(start + 5s);
    gate.expire(start + 60s);

    EXPECT_THAT(told.verdicts, testing::ElementsAre("hasty deadline_exceeded", "patient not_ready"));
}

TEST(Gate, RefusesAtOnceWhoDoesNotWant)
{
    Gate gate(60s);

    const auto ticket = gate.hold(false, std::nullopt, start, [](const auto&) {});

    EXPECT_EQ(ticket.error().type, ipc::ErrorType::not_ready);
}

TEST(Gate, ForgetsWhoLeft)
{
    Told told;
    Gate gate(60s);
    const auto ticket = gate.hold(true, std::nullopt, start, told.as("gone"));

    gate.forget(*ticket);
    gate.let_pass();

    EXPECT_TRUE(told.verdicts.empty());
    EXPECT_FALSE(gate.next_expiry());
}

TEST(Gate, RefusesEverybodyWhileDraining)
{
    Told told;
    Gate gate(60s);
    EXPECT_TRUE(gate.hold(true, std::nullopt, start, told.as("held")));

    gate.drain("it drains");
    gate.let_pass();

    EXPECT_FALSE(gate.open());
    EXPECT_THAT(told.verdicts, testing::ElementsAre("held draining"));
    EXPECT_EQ(gate.hold(true, std::nullopt, start, told.as("new")).error().type, ipc::ErrorType::draining);
}

TEST(Gate, IsAfterADrainWhatItWouldHaveBeenWithout)
{
    Told told;
    Gate gate(60s);

    gate.drain("it drains");
    gate.resume();
    EXPECT_FALSE(gate.open());
    EXPECT_TRUE(gate.hold(true, std::nullopt, start, told.as("held")));

    gate.drain("it drains");
    gate.let_pass();
    gate.resume();
    EXPECT_TRUE(gate.open());
}

} // namespace
} // namespace embedd::daemon

#include "bench/chaos.hpp"
#include "bench/chaos_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace embedd::bench {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Pointee;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

std::vector<const EventKind*> all_kinds()
{
    std::vector<const EventKind*> kinds;
    for (const auto& kind : event_kinds())
        kinds.push_back(&kind);
    return kinds;
}

TEST(DealtEvents, AreEachKindOnceBeforeAnyComesAgain)
{
    const auto kinds = all_kinds();
    const auto dealt = deal_events(2 * kinds.size(), 7, true);
    const auto half = dealt.begin() + static_cast<std::ptrdiff_t>(kinds.size());

    EXPECT_THAT(std::vector(dealt.begin(), half), UnorderedElementsAreArray(kinds));
    EXPECT_THAT(std::vector(half, dealt.end()), UnorderedElementsAreArray(kinds));
}

TEST(DealtEvents, AreTheSameForTheSameSeed)
{
    EXPECT_EQ(deal_events(100, 7, true), deal_events(100, 7, true));
    EXPECT_NE(deal_events(100, 7, true), deal_events(100, 8, true));
    EXPECT_THAT(deal_events(5, 7, true), SizeIs(5));
}

TEST(DealtEvents, NeedNoFakeWorkerWhereThereIsNone)
{
    EXPECT_THAT(deal_events(50, 7, false), testing::Each(Pointee(Field(&EventKind::needs_faults, false))));
}

TEST(ChaosBars, AreKeptWhereNobodyNoticedMoreThanLatency)
{
    Chaos chaos;
    chaos.tally.requests = chaos.tally.answered = 1000;
    chaos.tally.retried["broken connection"] = 30;

    EXPECT_THAT(missed_bars(chaos), IsEmpty());
}

TEST(ChaosBars, NameEverythingThatClientsNoticed)
{
    Chaos chaos;
    chaos.tally = {.requests = 1000,
                   .answered = 997,
                   .retried = {},
                   .failed = 3,
                   .duplicates = 2,
                   .wrong = 1,
                   .first_failure = "no answer by the deadline",
                   .first_wrong = "2 vectors for 3 texts",
                   .longest_stall = {}};
    chaos.unhealed = "kill -9 a worker: a worker was not replaced within a minute";

    EXPECT_THAT(missed_bars(chaos),
                ElementsAre("3 requests failed, the first: no answer by the deadline",
                            "2 answers to requests that had been answered",
                            "1 wrong answers, the first: 2 vectors for 3 texts",
                            "kill -9 a worker: a worker was not replaced within a minute"));
}

TEST(ChaosBars, CannotBeKeptWhereNothingWasAnswered)
{
    EXPECT_THAT(missed_bars(Chaos{}), ElementsAre("no request was answered"));
}

} // namespace
} // namespace embedd::bench

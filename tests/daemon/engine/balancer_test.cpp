#include "daemon/balancer.hpp"

#include <gmock/gmock.h>

#include <array>
#include <set>

namespace embedd::daemon {
namespace {

using testing::ElementsAre;

// Three replicas that serve, with so many batches running.
class Balancing : public testing::Test {
protected:
    void running(std::size_t id, int batches)
    {
        for (int batch = 0; batch < batches; ++batch)
            (void)replicas_[id].send({.tokens = 1}, false, {}, {});
    }

    static std::vector<std::uint64_t> turns(Balancer& balancer, int count, std::span<Replica* const> free)
    {
        std::vector<std::uint64_t> ids;
        for (int turn = 0; turn < count; ++turn)
            ids.push_back(balancer.choose(free).id());
        return ids;
    }

    std::array<Replica, 3> replicas_{Replica(0, {}), Replica(1, {}), Replica(2, {})};
    std::array<Replica*, 3> all_{&replicas_[0], &replicas_[1], &replicas_[2]};
    std::array<Replica*, 2> all_but_the_second_{&replicas_[0], &replicas_[2]};
};

TEST_F(Balancing, LeastLoadedTakesTheFewestBatchesAndOfEqualsTheFirst)
{
    Balancer balancer(LoadBalancing::least_loaded, 1);
    running(0, 2);
    running(1, 1);
    running(2, 1);

    EXPECT_EQ(balancer.choose(all_).id(), 1U);
    EXPECT_EQ(balancer.choose(all_but_the_second_).id(), 2U);
}

TEST_F(Balancing, RoundRobinTakesThemInTurnWhateverTheyHave)
{
    Balancer balancer(LoadBalancing::round_robin, 1);
    running(1, 3);

    EXPECT_THAT(turns(balancer, 4, all_), ElementsAre(0, 1, 2, 0));
}

TEST_F(Balancing, RoundRobinPassesOverWhoIsNotFree)
{
    Balancer balancer(LoadBalancing::round_robin, 1);

    EXPECT_THAT(turns(balancer, 3, all_but_the_second_), ElementsAre(0, 2, 0));
    EXPECT_THAT(turns(balancer, 2, all_), ElementsAre(1, 2));
}

TEST_F(Balancing, RandomTakesEachSoonerOrLaterAndTheSameOnesForTheSameSeed)
{
    Balancer balancer(LoadBalancing::random, 7), same(LoadBalancing::random, 7);
    const auto chosen = turns(balancer, 100, all_);

    EXPECT_EQ(std::set(chosen.begin(), chosen.end()).size(), all_.size());
    EXPECT_EQ(turns(same, 100, all_), chosen);
}

} // namespace
} // namespace embedd::daemon

#include "daemon/byte_budget.hpp"

#include <gtest/gtest.h>

namespace embedd::daemon {
namespace {

constexpr uid_t alice = 1000, bob = 1001, carol = 1002;
constexpr auto request = ByteBudget::Use::request;
constexpr auto connection = ByteBudget::Use::connection;

// "ok", or the type of the refusal.
std::string grown(ByteBudget::Reservation& reservation, std::size_t bytes)
{
    const auto room = reservation.grow_to(bytes);
    return room ? "ok" : std::string(to_string(room.error().type));
}

TEST(ByteBudget, IsTakenInPartsAndGivenBackWithThem)
{
    ByteBudget budget(800);
    {
        ByteBudget::Reservation first(budget, alice, request), second(budget, alice, request);
        EXPECT_EQ(grown(first, 400), "ok");
        EXPECT_EQ(grown(second, 300), "ok");
        EXPECT_EQ(grown(second, 301), "overloaded");
        EXPECT_EQ(second.bytes(), 300U);

        first.shrink_to(100);
        EXPECT_EQ(grown(second, 600), "ok");
    }
    ByteBudget::Reservation all(budget, bob, request);
    EXPECT_EQ(grown(all, 700), "ok");
}

TEST(ByteBudget, WhatOneCanNeverHoldIsTooLarge)
{
    ByteBudget budget(800);
    ByteBudget::Reservation reservation(budget, alice, request);

    EXPECT_EQ(grown(reservation, 700), "ok");
    EXPECT_EQ(grown(reservation, 701), "too_large");

    ByteBudget::Reservation frames(budget, alice, connection); // many things, each of which may be less
    EXPECT_EQ(grown(frames, 701), "overloaded");
}

TEST(ByteBudget, KeepsItsLastEighthForThoseWhoHoldLittle)
{
    ByteBudget budget(6400);
    ByteBudget::Reservation greedy(budget, alice, request);
    ByteBudget::Reservation modest(budget, bob, request), more(budget, bob, request),
        third(budget, carol, request);
    EXPECT_EQ(grown(greedy, 5600), "ok");

    EXPECT_EQ(grown(modest, 60), "ok");
    EXPECT_EQ(grown(more, 41), "overloaded");
    EXPECT_EQ(grown(more, 40), "ok");
    EXPECT_EQ(grown(third, 100), "ok");
}

TEST(ByteBudget, CountsConnectionsApartFromRequests)
{
    ByteBudget budget(6400);
    ByteBudget::Reservation requests(budget, alice, request), console(budget, alice, connection);
    EXPECT_EQ(grown(requests, 5600), "ok");

    EXPECT_EQ(grown(console, 100), "ok");
}

TEST(ByteBudget, APartMovesWithoutBeingCountedTwice)
{
    ByteBudget budget(800);
    ByteBudget::Reservation first(budget, alice, request);
    EXPECT_EQ(grown(first, 700), "ok");

    ByteBudget::Reservation moved(std::move(first));
    EXPECT_EQ(moved.bytes(), 700U);
    moved = ByteBudget::Reservation();

    ByteBudget::Reservation again(budget, bob, request);
    EXPECT_EQ(grown(again, 700), "ok");
}

} // namespace
} // namespace embedd::daemon

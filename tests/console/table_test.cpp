#include "console/presentation/table.hpp"

#include <gtest/gtest.h>

namespace embedd::console {
namespace {

TEST(Table, IsAsWideAsItsWidestTextsAndCountsCharacters)
{
    Table table{{{"name"}, {"time", Table::Align::right}, {"note"}}};
    table.add({"a", "850 µs", "first"});
    table.add({"longer", "–", ""});

    EXPECT_EQ(table.text(), "name      time  note\n"
                            "a       850 µs  first\n"
                            "longer       –\n");
}

TEST(Table, KnowsThatOnlyItsTitlesAreThere)
{
    Table table{{{"name"}}};
    EXPECT_TRUE(table.empty());

    table.add({"a"});

    EXPECT_FALSE(table.empty());
}

TEST(Padded, FillsWithSpacesAndNeverCuts)
{
    EXPECT_EQ(padded("µs", 4), "µs  ");
    EXPECT_EQ(padded("longer", 4), "longer");
}

} // namespace
} // namespace embedd::console

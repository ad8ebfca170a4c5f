#include "bench/texts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace embedd::bench {
namespace {

std::size_t words(const std::string& text)
{
    return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), ' '));
}

TEST(Texts, AreTheSameForTheSameSeed)
{
    Texts one{TextKind::mixed, 5};
    Texts other{TextKind::mixed, 5};

    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(one.next(), other.next());
}

TEST(Texts, AreAsLongAsTheirKindSays)
{
    Texts queries{TextKind::short_, 1};
    Texts passages{TextKind::long_, 1};

    for (int i = 0; i < 200; ++i) {
        EXPECT_LE(words(queries.next()), 14U);
        EXPECT_GE(words(passages.next()), 190U);
    }
}

TEST(Texts, HaveExactlyTheWordsAsked)
{
    Texts texts{std::size_t{512}, 1};

    EXPECT_EQ(words(texts.next()), 512U);
}

TEST(Texts, HaveAWordForEachTokenAskedButTheTwoThatTheTokenizerAdds)
{
    auto texts = Texts::of_tokens(50, 1);

    const auto one = texts.next();
    const auto other = texts.next();

    EXPECT_EQ(words(one), 48U);
    EXPECT_EQ(words(other), 48U);
    EXPECT_NE(one, other);
}

TEST(Texts, HardlyRepeat)
{
    Texts texts{TextKind::mixed, 1};
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i)
        seen.insert(texts.next());

    EXPECT_GT(seen.size(), 190U);
}

TEST(Texts, KindsAreReadByTheirNames)
{
    EXPECT_EQ(text_kind_from("short"), TextKind::short_);
    EXPECT_EQ(text_kind_from("long"), TextKind::long_);
    EXPECT_EQ(text_kind_from("tall"), std::nullopt);
}

} // namespace
} // namespace embedd::bench

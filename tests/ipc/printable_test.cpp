#include "ipc/printable.hpp"

#include <gtest/gtest.h>

namespace embedd::ipc {
namespace {

TEST(Printable, EscapeSequencesOfOthersNeverReachTheTerminal)
{
    EXPECT_EQ(printable("plain – text ÷"), "plain – text ÷");
    EXPECT_EQ(printable("\x1b[2Jgone"), "\\x1B[2Jgone");
    EXPECT_EQ(printable("a\nb\x7f"), "a\\x0Ab\\x7F");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\xC2\\x9B31m");
    EXPECT_EQ(printable("\xff\xc0\x80"), "\\xFF\\xC0\\x80");
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xED\\xA0\\x80");
    EXPECT_EQ(printable("\xe2\x82"), "\\xE2\\x82");
}

} // namespace
} // namespace embedd::ipc

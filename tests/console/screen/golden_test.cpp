#include "console/screen/render.hpp"
#include "tests/console/screen/scenes.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

// The screens as text: golden/NAME.txt. After a change that is meant, EMBEDD_DRAW_GOLDEN=1 screen_test writes
// them anew, and the difference is read before it is committed.
namespace embedd::console::screen::test {
namespace {

const std::filesystem::path golden{EMBEDD_GOLDEN_FRAMES};

std::string content(const std::filesystem::path& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(Golden, EveryFrameIsAsItWasDrawn)
{
    const bool draw = std::getenv("EMBEDD_DRAW_GOLDEN") != nullptr;
    std::set<std::string> names;
    for (const auto& frame : frames()) {
        const auto path = golden / (frame.name + ".txt");
        const auto text = render(frame.model, frame.size, frame.glyphs).text();
        EXPECT_TRUE(names.insert(path.filename()).second) << frame.name << " is there twice";
        if (draw)
            std::ofstream{path, std::ios::binary} << text;
        EXPECT_EQ(text, content(path)) << frame.name;
    }

    for (const auto& entry : std::filesystem::directory_iterator{golden})
        EXPECT_TRUE(names.contains(entry.path().filename())) << entry.path() << " belongs to no frame";
}

} // namespace
} // namespace embedd::console::screen::test

#include "ipc/json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace embedd::ipc {
namespace {

std::string fault(std::string_view text)
{
    const auto parsed = parse_json(text);
    return parsed ? "taken" : parsed.error().message;
}

std::string nested(std::size_t depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Json, IsReadWhole)
{
    const auto parsed = parse_json(R"({"a": [1, -2, 2.5, "x\u0000é", true, null, {}], "b": {"c": []}})");

    ASSERT_TRUE(parsed);
    EXPECT_EQ((*parsed)["a"][0], 1);
    EXPECT_EQ((*parsed)["a"][3].get<std::string>(), std::string("x\0é", 4));
    EXPECT_TRUE((*parsed)["b"]["c"].empty());
}

TEST(Json, DepthIsBounded)
{
    EXPECT_TRUE(parse_json(nested(16)));
    EXPECT_EQ(fault(nested(17)), "nested deeper than 16 levels");
    EXPECT_EQ(fault(std::string(1'000'000, '[')), "nested deeper than 16 levels");
    EXPECT_EQ(fault("{\"a\":" + nested(16) + "}"), "nested deeper than 16 levels");
}

TEST(Json, AKeyMayComeOnce)
{
    EXPECT_EQ(fault(R"({"a": 1, "b": 2, "a": 3})"), "an object has a key twice");
    EXPECT_TRUE(parse_json(R"([{"a": 1}, {"a": 2}])"));
}

TEST(Json, NumbersMustFit)
{
    EXPECT_EQ(fault("1e400").find("a number is out of range"), 0U);
    EXPECT_TRUE(parse_json("18446744073709551615"));
    EXPECT_TRUE(parse_json(std::string(300, '9'))); // a float by then, and no whole number to anyone who asks
    for (const auto* text : {"NaN", "Infinity", "-", "01", "+1", "0x1"})
        EXPECT_EQ(fault(text).find("not valid JSON in UTF-8, at byte "), 0U) << text;
}

TEST(Json, WhatIsNotJsonIsRefusedWithItsPlace)
{
    for (const std::string_view text :
         {"", " ", "{", "[1,]", "{\"a\" 1}", "[1] x", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
          "\"\\ud800\"", "\"\t\"", "// no\n1", "[1] //", "'a'"})
        EXPECT_EQ(fault(text).find("not valid JSON in UTF-8, at byte "), 0U) << text;
    EXPECT_EQ(fault("\xEF\xBB\xBF{}"), "a byte order mark comes before the JSON");
}

TEST(Json, AFaultNeverRepeatsTheInput)
{
    EXPECT_EQ(fault("{\"secret\": \xff}").find("secret"), std::string::npos);
    EXPECT_EQ(fault("{\"secret\": \xff}").find('\xff'), std::string::npos);
}

TEST(Json, CommentsAreForFilesAlone)
{
    constexpr auto text = "// who\n{ /* what */ \"a\": 1 }";

    EXPECT_FALSE(parse_json(text));
    const auto parsed = parse_json_with_comments(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ((*parsed)["a"], 1);
}

TEST(Json, BrokenUtf8IsWrittenAsAReplacement)
{
    EXPECT_EQ(dump_json(nlohmann::json("a\xffz")), "\"a\xEF\xBF\xBDz\"");
}

} // namespace
} // namespace embedd::ipc

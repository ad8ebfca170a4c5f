#include "console/embedctl/npy_writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdlib.h>

namespace embedd::console {
namespace {

TEST(NpyHeader, IsTheFormatsVersionOneWithRoomToGrow)
{
    const auto header = npy_header("<f4", 3, 384);

    ASSERT_EQ(header.size(), 128U);
    EXPECT_EQ(header.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
    EXPECT_EQ(header.substr(10, 61), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 384), }");
    EXPECT_EQ(header.back(), '\n');
    EXPECT_EQ(npy_header("<f4", UINT64_MAX, UINT64_MAX).size(), 128U);
}

class NpyFile : public ::testing::Test {
protected:
    NpyFile() { EXPECT_NE(::mkdtemp(directory_.data()), nullptr); }
    ~NpyFile() override { std::filesystem::remove_all(directory_); }

    std::string content(const std::string& path) const
    {
        std::ifstream file{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    std::string directory_ = "/tmp/embedd-XXXXXX";
};

TEST_F(NpyFile, HoldsEveryRowOnceItIsFinished)
{
    const std::array<float, 6> numbers{1, 2, 3, 4, 5, 6};
    const auto bytes = std::as_bytes(std::span{numbers});
    const auto path = directory_ + "/v.npy";
    NpyWriter writer{path, ipc::VectorType::float32};
    writer.append(1, 2, bytes.first(8));
    writer.append(2, 2, bytes.subspan(8));
    EXPECT_FALSE(std::filesystem::exists(path));

    writer.finish();

    EXPECT_EQ(content(path), npy_header("<f4", 3, 2) +
                                 std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

TEST_F(NpyFile, ReplacesWhatWasThereAndOnlyThen)
{
    const auto path = directory_ + "/v.npy";
    std::ofstream{path} << "old";
    {
        const NpyWriter abandoned{path, ipc::VectorType::float32};
    }
    EXPECT_EQ(content(path), "old");

    NpyWriter writer{path, ipc::VectorType::int8};
    writer.finish();

    EXPECT_EQ(content(path), npy_header("|i1", 0, 0));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{directory_}, {}), 1);
}

TEST_F(NpyFile, RefusesRowsOfAnotherWidth)
{
    const std::array<float, 2> numbers{1, 2};
    const auto bytes = std::as_bytes(std::span{numbers});
    NpyWriter writer{directory_ + "/v.npy", ipc::VectorType::float32};
    writer.append(1, 1, bytes.first(4));

    EXPECT_THROW(writer.append(1, 2, bytes), std::runtime_error);
}

} // namespace
} // namespace embedd::console

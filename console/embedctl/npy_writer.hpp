#pragma once

#include "ipc/request.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace embedd::console {

// numpy's name of a vector type, "" where numpy has none (bfloat16).
[[nodiscard]] std::string_view numpy_type(ipc::VectorType) noexcept;

// The 128-byte header of NPY format 1.0 for rows x columns numbers, C order
// (numpy/lib/format.py; the shape may grow in place because the header is padded).
[[nodiscard]] std::string npy_header(std::string_view type, std::uint64_t rows, std::uint64_t columns);

// Writes a matrix row by row into a file without a name, which gets its name in finish(): a reader never sees
// half a matrix, and an interrupted program leaves nothing behind. Errors are the message of a system_error.
class NpyWriter {
public:
    NpyWriter(std::filesystem::path path, ipc::VectorType type);
    ~NpyWriter();
    NpyWriter(const NpyWriter&) = delete;
    NpyWriter& operator=(const NpyWriter&) = delete;

    // All calls must agree on the columns.
    void append(std::uint64_t rows, std::uint64_t columns, std::span<const std::byte> data);
    void finish();

private:
    void write(std::span<const std::byte> data);

    std::filesystem::path path_;
    ipc::VectorType type_;
    int file_ = -1;
    std::uint64_t rows_ = 0;
    std::uint64_t columns_ = 0;
};

} // namespace embedd::console

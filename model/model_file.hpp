#pragma once

#include "model/failure.hpp"

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace embedd::model {

// One file of a model, open for pread. A FIFO, a device or a directory in its place is refused and never
// waited for.
class ModelFile {
public:
    [[nodiscard]] static Result<ModelFile> open(const std::filesystem::path& path);

    ModelFile(ModelFile&& other) noexcept;
    ModelFile& operator=(ModelFile&&) = delete;
    ~ModelFile();

    // Fails unless all of `into` is there.
    [[nodiscard]] Result<void> read(std::uint64_t offset, std::span<std::byte> into) const;

    // Has the kernel read the file from the disk before it is asked for. May wait for the disk.
    void read_ahead() const;

    // Fails if the file was written, truncated or replaced since it was opened.
    [[nodiscard]] Result<void> unchanged() const;

    [[nodiscard]] std::uint64_t bytes() const { return static_cast<std::uint64_t>(opened_.st_size); }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    ModelFile(std::filesystem::path path, int descriptor, const struct stat& opened);

    std::filesystem::path path_;
    int descriptor_;
    struct stat opened_;
};

// The whole file, refused beyond `limit` bytes.
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& path, std::size_t limit);

} // namespace embedd::model

#pragma once

#include "model/failure.hpp"
#include "model/model_file.hpp"
#include "model/safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace embedd::model {

using LoadProgress = std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)>;

// The weights of a model directory: model.safetensors, or the shards that model.safetensors.index.json names.
//
// Files are read with pread into the caller's memory and never mapped: a file that someone truncates is a
// failure here and not a SIGBUS. One thread at a time.
class Checkpoint {
public:
    [[nodiscard]] static Result<Checkpoint> open(const std::filesystem::path& directory);

    [[nodiscard]] const TensorEntry* find(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> names() const;

    // Has the kernel fetch the files from the disk before they are read. May wait for the disk, and is called
    // beside everything else.
    void read_ahead() const;

    // Reads a tensor of this shape as float32, whichever of F32, F16 and BF16 it is stored in. Refuses NaN
    // and infinity. `into` holds as many numbers as the shape says.
    [[nodiscard]] Result<void> read(std::string_view name, std::span<const std::int64_t> shape,
                                    std::span<float> into);

    // The same in pieces, in order, for memory that is smaller than a tensor: each piece is read into the
    // room that `room` gives, at most as much of it as there is left, and handed to `take`.
    using Room = std::function<std::span<float>()>;
    using Take = std::function<void(std::span<const float>)>;
    [[nodiscard]] Result<void> read_in_pieces(std::string_view name, std::span<const std::int64_t> shape,
                                              const Room& room, const Take& take);

    // Fails where a file changed since it was opened. Call when all is read.
    [[nodiscard]] Result<void> unchanged() const;

    [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
    [[nodiscard]] std::uint64_t total_bytes() const { return total_bytes_; } // of all tensors

    // A checksum over what was read so far, in order: the same files give the same number in every dtype.
    [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }

    // "<file>: tensor <name>", for messages.
    [[nodiscard]] std::string describe(std::string_view name) const;

private:
    struct Location {
        std::size_t file;
        TensorEntry entry;
    };

    Checkpoint() = default;
    [[nodiscard]] Result<const Location*> locate(std::string_view name,
                                                 std::span<const std::int64_t> shape) const;
    [[nodiscard]] Result<void> read_numbers(std::string_view name, const Location& from, std::uint64_t first,
                                            std::span<float> into);
    [[nodiscard]] Result<void> add_file(const std::filesystem::path& path);
    [[nodiscard]] Result<void> add_shards(const std::filesystem::path& index);

    std::vector<ModelFile> files_;
    std::map<std::string, Location, std::less<>> tensors_;
    std::uint64_t total_bytes_ = 0;
    std::uint64_t bytes_read_ = 0;
    std::uint64_t fingerprint_ = 0;
    std::vector<std::byte> scratch_;
};

} // namespace embedd::model

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace embedd::model::testing {

// A small sound model in a directory of its own, for a test to spoil.
class ModelCopy {
public:
    ModelCopy();
    ~ModelCopy();
    ModelCopy(const ModelCopy&) = delete;
    ModelCopy& operator=(const ModelCopy&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::string read(std::string_view file) const;
    void write(std::string_view file, std::string_view content) const;
    // Of a settings file: `from`, which must be there, becomes `to`.
    void replace(std::string_view file, std::string_view from, std::string_view to) const;
    // A safetensors file of this header and this much data.
    void write_weights(std::string_view header, std::size_t data_bytes) const;

private:
    std::filesystem::path path_;
};

} // namespace embedd::model::testing

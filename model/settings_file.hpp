#pragma once

#include "model/failure.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace embedd::model {

// One of a model's JSON files. The getters are strict: a failure names the file and the key, and nothing that
// is missing gets a default here.
class SettingsFile {
public:
    [[nodiscard]] static Result<SettingsFile> open(const std::filesystem::path& path);

    [[nodiscard]] bool has(std::string_view key) const; // present and not null
    [[nodiscard]] Result<std::int64_t>
    integer(std::string_view key, std::int64_t least,
            std::int64_t most = std::numeric_limits<std::int32_t>::max()) const;
    [[nodiscard]] Result<double> number(std::string_view key) const;
    [[nodiscard]] Result<std::string> text(std::string_view key) const;
    [[nodiscard]] Result<bool> boolean(std::string_view key) const;

    [[nodiscard]] const nlohmann::json& json() const { return json_; }
    [[nodiscard]] Failure fault(std::string_view what) const { return refused(path_, what); }
    [[nodiscard]] Failure unsupported(std::string_view what) const;

private:
    SettingsFile(std::filesystem::path path, nlohmann::json json);
    [[nodiscard]] Result<const nlohmann::json*> value(std::string_view key) const;

    std::filesystem::path path_;
    nlohmann::json json_;
};

} // namespace embedd::model

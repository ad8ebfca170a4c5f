#include "model/settings_file.hpp"

#include "model/model_file.hpp"

#include <cmath>
#include <utility>

namespace embedd::model {
namespace {

constexpr std::size_t max_settings_bytes = std::size_t{1} << 20;

std::string key_named(std::string_view key)
{
    return "'" + std::string(key) + "'";
}

} // namespace

Result<SettingsFile> SettingsFile::open(const std::filesystem::path& path)
{
    const auto text = read_text(path, max_settings_bytes);
    if (!text)
        return text.error();
    auto json = nlohmann::json::parse(*text, nullptr, false);
    if (json.is_discarded())
        return refused(path, "is not JSON");
    return SettingsFile{path, std::move(json)};
}

SettingsFile::SettingsFile(std::filesystem::path path, nlohmann::json json)
    : path_(std::move(path)), json_(std::move(json))
{
}

Failure SettingsFile::unsupported(std::string_view what) const
{
    return {Errc::unsupported, path_.string() + ": " + std::string(what)};
}

bool SettingsFile::has(std::string_view key) const
{
    return json_.is_object() && json_.contains(key) && !json_.at(std::string(key)).is_null();
}

Result<const nlohmann::json*> SettingsFile::value(std::string_view key) const
{
    if (!json_.is_object())
        return fault("is not a JSON object");
    if (!has(key))
        return fault(key_named(key) + " is missing");
    return &json_.at(std::string(key));
}

Result<std::int64_t> SettingsFile::integer(std::string_view key, std::int64_t least, std::int64_t most) const
{
    const auto found = value(key);
    if (!found)
        return found.error();
    const auto& number = **found;
    if (!number.is_number_integer())
        return fault(key_named(key) + " is not an integer");
    // An unsigned number beyond int64 would turn negative below.
    const bool huge =
        number.is_number_unsigned() && number.get<std::uint64_t>() > static_cast<std::uint64_t>(most);
    if (huge || number.get<std::int64_t>() < least || number.get<std::int64_t>() > most)
        return fault(key_named(key) + " is not between " + std::to_string(least) + " and " +
                     std::to_string(most));
    return number.get<std::int64_t>();
}

Result<double> SettingsFile::number(std::string_view key) const
{
    const auto found = value(key);
    if (!found)
        return found.error();
    if (!(*found)->is_number() || !std::isfinite((*found)->get<double>()))
        return fault(key_named(key) + " is not a number");
    return (*found)->get<double>();
}

Result<std::string> SettingsFile::text(std::string_view key) const
{
    const auto found = value(key);
    if (!found)
        return found.error();
    if (!(*found)->is_string())
        return fault(key_named(key) + " is not a string");
    return (*found)->get<std::string>();
}

Result<bool> SettingsFile::boolean(std::string_view key) const
{
    const auto found = value(key);
    if (!found)
        return found.error();
    if (!(*found)->is_boolean())
        return fault(key_named(key) + " is not true or false");
    return (*found)->get<bool>();
}

} // namespace embedd::model

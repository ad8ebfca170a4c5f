#include "daemon/config_file.hpp"

#include "daemon/option_table.hpp"
#include "ipc/json.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace embedd::daemon {
namespace {

Failure fault(const std::filesystem::path& file, const std::string& what)
{
    return {ExitCode::configuration, file.string() + ": " + what};
}

std::string unknown(const std::string& key)
{
    const auto nearest = nearest_flag(key);
    return "'" + key + "' is no setting" +
           (nearest.empty() ? "" : "; did you mean '" + file_key(*find_option(nearest)) + "'?");
}

} // namespace

Result<std::map<std::string, std::string>> read_configuration(const std::filesystem::path& file)
{
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        if (errno == ENOENT || errno == ENOTDIR)
            return std::map<std::string, std::string>{};
        return fault(file, std::strerror(errno));
    }
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const auto json = ipc::parse_json_with_comments(text);
    if (!json)
        return fault(file, json.error().message);
    if (!json->is_object())
        return fault(file, "is no JSON object");

    std::map<std::string, std::string> settings;
    for (const auto& [key, value] : json->items()) {
        const Option* option = find_option(key);
        if (option == nullptr)
            return fault(file, unknown(key));
        if (!value.is_string() && !value.is_number_unsigned() && !value.is_boolean())
            return fault(file, "'" + key + "' is neither a text, a whole number, nor true or false");
        const auto said = value.is_string() ? value.get<std::string>() : ipc::dump_json(value);
        if (!settings.emplace(option->flag, said).second)
            return fault(file, "'" + key + "' is set twice");
    }
    return settings;
}

} // namespace embedd::daemon

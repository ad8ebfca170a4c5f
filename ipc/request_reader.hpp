#pragma once

#include "ipc/json.hpp"
#include "ipc/request.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

// How requests are read: private to ipc/.
namespace embedd::ipc {

struct Refused {
    Error error;
};

[[noreturn]] inline void refuse(std::string message, ErrorType type = ErrorType::bad_request)
{
    throw Refused{{type, std::move(message), {}}};
}

inline std::string in_quotes(std::string_view name)
{
    return '\'' + std::string{name} + '\'';
}

constexpr std::size_t id_bytes = 64;
constexpr std::uint64_t largest_id = (1ULL << 53) - 1;

inline std::optional<Id> id_from(const nlohmann::json& value)
{
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= largest_id)
        return Id{value.get<std::uint64_t>()};
    if (value.is_string() && value.get_ref<const std::string&>().size() <= id_bytes)
        return Id{value.get<std::string>()};
    return std::nullopt;
}

inline nlohmann::json to_json(const Id& id)
{
    return std::visit(
        []<class T>(const T& value) {
            if constexpr (std::is_same_v<T, std::monostate>)
                return nlohmann::json();
            else
                return nlohmann::json(value);
        },
        id);
}

// A request's fields, each taken once by its name and type. Refused is thrown, and caught in parse_request
// alone: a reader reads better as a list of what it wants.
class Fields {
public:
    explicit Fields(nlohmann::json& object) : object_(object) {}

    std::optional<nlohmann::json> take(const char* name)
    {
        const auto found = object_.find(name);
        if (found == object_.end())
            return std::nullopt;
        auto value = std::move(*found);
        object_.erase(found);
        if (value.is_null())
            return std::nullopt;
        return value;
    }

    nlohmann::json required(const char* name)
    {
        auto value = take(name);
        if (!value)
            refuse(in_quotes(name) + " is missing");
        return std::move(*value);
    }

    std::optional<bool> boolean(const char* name)
    {
        const auto value = take(name);
        if (value && !value->is_boolean())
            refuse(in_quotes(name) + " must be true or false");
        return value ? std::optional{value->get<bool>()} : std::nullopt;
    }

    std::optional<std::string> string(const char* name, std::size_t longest)
    {
        auto value = take(name);
        if (value && !value->is_string())
            refuse(in_quotes(name) + " must be a string");
        if (value && value->get_ref<const std::string&>().size() > longest)
            refuse(in_quotes(name) + " is longer than " + std::to_string(longest) + " bytes",
                   ErrorType::too_large);
        return value ? std::optional{value->get<std::string>()} : std::nullopt;
    }

    std::optional<std::uint64_t> whole(const char* name, std::uint64_t least, std::uint64_t most)
    {
        const auto value = take(name);
        if (!value)
            return std::nullopt;
        const auto number = value->is_number_unsigned() ? value->get<std::uint64_t>() : std::uint64_t{0};
        if (!value->is_number_unsigned() || number < least || number > most)
            refuse(in_quotes(name) + " must be a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most));
        return number;
    }

    template <class Value>
    std::optional<Value> choice(const char* name,
                                std::initializer_list<std::pair<std::string_view, Value>> choices)
    {
        const auto text = string(name, 64);
        if (!text)
            return std::nullopt;
        std::string allowed;
        for (const auto& [known, value] : choices) {
            if (known == *text)
                return value;
            allowed += (allowed.empty() ? "" : ", ") + std::string{known};
        }
        refuse(in_quotes(name) + " must be one of: " + allowed);
    }

    // A misspelt option must not be dropped in silence. The name is the client's: only its start is repeated.
    void nothing_left() const
    {
        if (!object_.empty())
            refuse("unknown field " + in_quotes(object_.begin().key().substr(0, 32)));
    }

private:
    nlohmann::json& object_;
};

} // namespace embedd::ipc

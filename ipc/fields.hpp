#pragma once

#include "ipc/error.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// One description of a message serves both directions: `describe(visitor, message)` names each member once,
// and a FieldWriter or a FieldReader walks over it. Private to ipc/: it includes the whole of nlohmann-json.
namespace embedd::ipc {

// For descriptions: `template <class V, Of<Message> M> void describe(V& v, M& m)` serves Message and const
// Message.
template <class T, class Message>
concept Of = std::same_as<std::remove_const_t<T>, Message>;

class FieldWriter {
public:
    template <class T>
    void operator()(const char* name, const T& value)
    {
        out_[name] = write(value);
    }

    template <class Members>
    void object(const char* name, Members members)
    {
        FieldWriter inner;
        members(inner);
        out_[name] = std::move(inner.out_);
    }

    template <class Message>
    static nlohmann::json whole(const Message& message)
    {
        FieldWriter writer;
        describe(writer, message);
        return std::move(writer.out_);
    }

private:
    template <class T>
    static nlohmann::json write(const T& value)
    {
        if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>)
            return value;
        else
            return whole(value);
    }
    static nlohmann::json write(double value)
    {
        return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
    }
    static nlohmann::json write(std::chrono::microseconds value) { return value.count(); }
    template <class T>
    static nlohmann::json write(const std::optional<T>& value)
    {
        return value ? write(*value) : nlohmann::json();
    }
    template <class T>
    static nlohmann::json write(const std::vector<T>& values)
    {
        auto list = nlohmann::json::array();
        for (const auto& value : values)
            list.push_back(write(value));
        return list;
    }
    template <class T>
    static nlohmann::json write(const std::map<std::string, T>& values)
    {
        auto object = nlohmann::json::object();
        for (const auto& [name, value] : values)
            object[name] = write(value);
        return object;
    }
    template <class A, class B>
    static nlohmann::json write(const std::pair<A, B>& value)
    {
        return nlohmann::json::array({write(value.first), write(value.second)});
    }

    nlohmann::json out_ = nlohmann::json::object();
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

// Whether a field may be absent: what another version wrote, or what this build sends to itself.
enum class Missing : std::uint8_t { keeps_default, refused };

// Stops at the first field of the wrong type or range, which fault() names by its path: replicas[2].pid.
class FieldReader {
public:
    template <class T>
    void operator()(const char* name, T& value)
    {
        if (fault_)
            return;
        const auto found = in_.find(name);
        if (found != in_.end())
            read(*found, value, path_ + name);
        else if (missing_ == Missing::refused && !is_optional<T>)
            refuse(path_ + name, "is missing");
    }

    template <class Members>
    void object(const char* name, Members members)
    {
        if (fault_)
            return;
        const auto found = in_.find(name);
        if (found == in_.end()) {
            if (missing_ == Missing::refused)
                refuse(path_ + name, "is missing");
            return;
        }
        if (!found->is_object())
            return refuse(path_ + name, "is no object");
        FieldReader inner{*found, path_ + name + '.', missing_};
        members(inner);
        fault_ = std::move(inner.fault_);
    }

    template <class Message>
    static Result<Message> whole(const nlohmann::json& in, Missing missing)
    {
        Message message;
        if (auto fault = fill(in, message, "", missing))
            return std::move(*fault);
        return message;
    }

private:
    FieldReader(const nlohmann::json& in, std::string path, Missing missing)
        : in_(in), path_(std::move(path)), missing_(missing)
    {
    }

    template <class Message>
    static std::optional<Error> fill(const nlohmann::json& in, Message& message, const std::string& path,
                                     Missing missing)
    {
        if (!in.is_object())
            return Error{ErrorType::bad_request, (path.empty() ? "the message" : path) + " is no object", {}};
        FieldReader reader{in, path.empty() ? "" : path + '.', missing};
        describe(reader, message);
        return std::move(reader.fault_);
    }

    void refuse(const std::string& path, const char* why)
    {
        fault_ = Error{ErrorType::bad_request, path + ' ' + why, {}};
    }

    template <class T>
    void read(const nlohmann::json& in, T& value, const std::string& path)
    {
        if constexpr (std::integral<T>) {
            if (in.is_number_unsigned() && in.get<std::uint64_t>() <= static_cast<std::uint64_t>(max_of<T>))
                value = static_cast<T>(in.get<std::uint64_t>());
            else if (std::is_signed_v<T> && in.is_number_integer() && !in.is_number_unsigned() &&
                     in.get<std::int64_t>() >= static_cast<std::int64_t>(std::numeric_limits<T>::min()))
                value = static_cast<T>(in.get<std::int64_t>());
            else
                refuse(path, "is no whole number in range");
        } else {
            fault_ = fill(in, value, path, missing_);
        }
    }
    void read(const nlohmann::json& in, bool& value, const std::string& path)
    {
        if (!in.is_boolean())
            return refuse(path, "is not true or false");
        value = in.get<bool>();
    }
    void read(const nlohmann::json& in, double& value, const std::string& path)
    {
        if (!in.is_number())
            return refuse(path, "is no number");
        value = in.get<double>();
    }
    void read(const nlohmann::json& in, std::string& value, const std::string& path)
    {
        if (!in.is_string())
            return refuse(path, "is no string");
        value = in.get_ref<const std::string&>();
    }
    void read(const nlohmann::json& in, std::chrono::microseconds& value, const std::string& path)
    {
        std::int64_t count = 0;
        read(in, count, path);
        value = std::chrono::microseconds{count};
    }
    template <class T>
    void read(const nlohmann::json& in, std::optional<T>& value, const std::string& path)
    {
        if (in.is_null())
            value.reset();
        else
            read(in, value.emplace(), path);
    }
    template <class T>
    void read(const nlohmann::json& in, std::vector<T>& values, const std::string& path)
    {
        if (!in.is_array())
            return refuse(path, "is no list");
        values.clear();
        for (const auto& item : in) {
            if (fault_)
                return;
            const auto where = path + '[' + std::to_string(values.size()) + ']';
            read(item, values.emplace_back(), where);
        }
    }
    template <class T>
    void read(const nlohmann::json& in, std::map<std::string, T>& values, const std::string& path)
    {
        if (!in.is_object())
            return refuse(path, "is no object");
        values.clear();
        for (const auto& [name, item] : in.items()) {
            if (fault_)
                return;
            read(item, values[name], path + '.' + name);
        }
    }
    template <class A, class B>
    void read(const nlohmann::json& in, std::pair<A, B>& value, const std::string& path)
    {
        if (!in.is_array() || in.size() != 2)
            return refuse(path, "is no pair");
        read(in[0], value.first, path);
        if (!fault_)
            read(in[1], value.second, path);
    }

    template <class T>
    static constexpr auto max_of = std::numeric_limits<T>::max();

    const nlohmann::json& in_;
    std::string path_;
    Missing missing_;
    std::optional<Error> fault_;
};

} // namespace embedd::ipc

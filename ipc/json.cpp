#include "ipc/json.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace embedd::ipc {

namespace {

using nlohmann::json;

// Builds the value while it checks what nlohmann-json lets pass: depth and keys that come twice.
class Builder : public nlohmann::json_sax<json> {
public:
    explicit Builder(const JsonLimits& limits) : limits_(limits) {}

    bool null() override { return add(json()); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t&) override { return add(value); }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override
    {
        key_ = std::move(name);
        if (open_.back()->contains(key_))
            return refuse("an object has a key twice");
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const json::exception& error) override
    {
        if (dynamic_cast<const json::out_of_range*>(&error) != nullptr)
            return refuse("a number is out of range, at byte " + std::to_string(position));
        return refuse("not valid JSON in UTF-8, at byte " + std::to_string(position));
    }

    Result<json> take(bool complete)
    {
        if (!complete)
            return Error{ErrorType::bad_request, fault_.empty() ? "not valid JSON" : fault_, {}};
        return {boost::system::in_place_value, std::move(root_)};
    }

private:
    bool refuse(std::string why)
    {
        if (fault_.empty())
            fault_ = std::move(why);
        return false;
    }

    json& place(json value)
    {
        if (open_.empty())
            return root_ = std::move(value);
        if (open_.back()->is_array()) {
            open_.back()->push_back(std::move(value));
            return open_.back()->back();
        }
        return (*open_.back())[key_] = std::move(value);
    }

    bool add(json value)
    {
        place(std::move(value));
        return true;
    }

    bool open(json empty)
    {
        if (open_.size() == limits_.depth)
            return refuse("nested deeper than " + std::to_string(limits_.depth) + " levels");
        open_.push_back(&place(std::move(empty)));
        return true;
    }

    bool close()
    {
        open_.pop_back();
        return true;
    }

    const JsonLimits limits_;
    json root_;
    std::vector<json*> open_; // a container grows only while it is the last, so these stay valid
    std::string key_;
    std::string fault_;
};

Result<json> parse(std::string_view text, const JsonLimits& limits, bool comments)
{
    if (text.starts_with("\xEF\xBB\xBF"))
        return Error{ErrorType::bad_request, "a byte order mark comes before the JSON", {}};
    Builder builder{limits};
    const bool complete = json::sax_parse(text, &builder, json::input_format_t::json, true, comments);
    return builder.take(complete);
}

} // namespace

Result<json> parse_json(std::string_view text, const JsonLimits& limits)
{
    return parse(text, limits, false);
}

Result<json> parse_json_with_comments(std::string_view text, const JsonLimits& limits)
{
    return parse(text, limits, true);
}

std::string dump_json(const json& value)
{
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace embedd::ipc

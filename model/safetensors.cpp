#include "model/safetensors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

namespace embedd::model {
namespace {

constexpr std::size_t max_rank = 8;

struct KnownType {
    std::string_view name;
    TensorType type;
    std::uint64_t bytes;
};
constexpr std::array<KnownType, 15> known_types{{{"F32", TensorType::float32, 4},
                                                 {"F16", TensorType::float16, 2},
                                                 {"BF16", TensorType::bfloat16, 2},
                                                 {"F64", TensorType::other, 8},
                                                 {"I64", TensorType::other, 8},
                                                 {"I32", TensorType::other, 4},
                                                 {"I16", TensorType::other, 2},
                                                 {"I8", TensorType::other, 1},
                                                 {"U64", TensorType::other, 8},
                                                 {"U32", TensorType::other, 4},
                                                 {"U16", TensorType::other, 2},
                                                 {"U8", TensorType::other, 1},
                                                 {"BOOL", TensorType::other, 1},
                                                 {"F8_E4M3", TensorType::other, 1},
                                                 {"F8_E5M2", TensorType::other, 1}}};

// {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ..., "__metadata__": {"key": "text"}}
//
// A pass that builds nothing but the table and stops at the first thing that is out of place, so that a
// header costs no more than its bytes.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
public:
    TensorTable table;
    std::string fault;

    bool start_object(std::size_t) override
    {
        if (depth_ == 0) {
            depth_ = 1;
            return true;
        }
        if (depth_ == 1 && !in_list_) {
            depth_ = 2;
            metadata_ = name_ == "__metadata__";
            entry_ = {};
            seen_ = 0;
            offsets_.clear();
            return true;
        }
        return misplaced();
    }

    bool key(std::string& text) override
    {
        if (depth_ == 1) {
            name_ = std::move(text);
            return true;
        }
        if (metadata_)
            return true;
        field_ = text == "dtype" ? dtype : text == "shape" ? shape : text == "data_offsets" ? offsets : none;
        if (field_ == none)
            return fail("has an unknown field " + in_quotes(text));
        if (seen_ & field_)
            return fail("has two of " + in_quotes(text));
        seen_ |= field_;
        return true;
    }

    bool end_object() override
    {
        if (depth_-- == 1 || std::exchange(metadata_, false))
            return true;
        if (seen_ != (dtype | shape | offsets) || offsets_.size() != 2)
            return fail("lacks dtype, shape or data_offsets");
        entry_.begin = offsets_[0];
        entry_.end = offsets_[1];
        if (table.size() >= max_tensors_in_file)
            return fail("is one too many: at most " + std::to_string(max_tensors_in_file));
        if (!table.emplace(name_, std::move(entry_)).second)
            return fail("occurs twice");
        return true;
    }

    bool start_array(std::size_t) override
    {
        if (depth_ != 2 || metadata_ || in_list_ || (field_ != shape && field_ != offsets))
            return misplaced();
        return in_list_ = true;
    }

    bool end_array() override
    {
        in_list_ = false;
        return true;
    }

    bool number_unsigned(number_unsigned_t value) override
    {
        if (!in_list_)
            return misplaced();
        if (field_ == shape) {
            if (entry_.shape.size() == max_rank || value > std::numeric_limits<std::int32_t>::max())
                return fail("has a shape beyond reason");
            entry_.shape.push_back(static_cast<std::int64_t>(value));
            return true;
        }
        if (offsets_.size() == 2)
            return fail("has more than two data_offsets");
        offsets_.push_back(value);
        return true;
    }

    bool string(string_t& text) override
    {
        if (depth_ == 2 && metadata_)
            return true;
        if (depth_ != 2 || field_ != dtype || in_list_)
            return misplaced();
        entry_.type_name = text.substr(0, 16);
        return true;
    }

    bool null() override { return misplaced(); }
    bool boolean(bool) override { return misplaced(); }
    bool number_integer(number_integer_t) override { return misplaced(); }
    bool number_float(number_float_t, const string_t&) override { return misplaced(); }
    bool binary(binary_t&) override { return misplaced(); }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override
    {
        fault = "its header is not JSON at byte " + std::to_string(position);
        return false;
    }

private:
    enum Field : unsigned { none = 0, dtype = 1, shape = 2, offsets = 4 };

    bool fail(const std::string& what)
    {
        fault = "tensor " + in_quotes(name_) + " " + what;
        return false;
    }
    bool misplaced() { return fail("has a value of the wrong kind"); }

    std::string name_;
    TensorEntry entry_;
    std::vector<std::uint64_t> offsets_;
    unsigned seen_ = 0;
    Field field_ = none;
    int depth_ = 0;
    bool metadata_ = false;
    bool in_list_ = false;
};

// Elements times their size, unless that overflows or the type is unknown.
std::optional<std::uint64_t> bytes_needed(TensorEntry& entry)
{
    const auto* known = std::find_if(known_types.begin(), known_types.end(),
                                     [&](const KnownType& type) { return type.name == entry.type_name; });
    if (known == known_types.end())
        return std::nullopt;
    entry.type = known->type;
    std::uint64_t bytes = known->bytes;
    for (const auto size : entry.shape)
        if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes))
            return std::nullopt;
    return bytes;
}

// Each tensor's data follows the one before it, from the first byte of the data to the last.
std::optional<std::string> fault_in_layout(const TensorTable& table, std::uint64_t data_bytes)
{
    std::vector<const TensorTable::value_type*> by_place;
    for (const auto& item : table)
        by_place.push_back(&item);
    std::sort(by_place.begin(), by_place.end(), [](const auto* a, const auto* b) {
        return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
    });
    std::uint64_t expected = 0;
    for (const auto* item : by_place) {
        const auto& [name, entry] = *item;
        if (entry.begin != expected)
            return "tensor " + in_quotes(name) +
                   (entry.begin < expected ? " overlaps" : " leaves a hole after") + " the one before it";
        expected = entry.end;
    }
    if (expected != data_bytes)
        return "its tensors take " + std::to_string(expected) + " bytes of " + std::to_string(data_bytes);
    return std::nullopt;
}

} // namespace

Result<std::uint64_t> safetensors_data_begin(std::uint64_t first_field, std::uint64_t file_bytes)
{
    constexpr std::uint64_t field_bytes = 8;
    if (first_field < 2 || first_field > max_safetensors_header_bytes || file_bytes < field_bytes ||
        first_field > file_bytes - field_bytes)
        return Failure{Errc::file_refused, "claims a header of " + std::to_string(first_field) +
                                               " bytes in a file of " + std::to_string(file_bytes)};
    return first_field + field_bytes;
}

Result<TensorTable> parse_safetensors_header(std::string_view json, std::uint64_t data_begin,
                                             std::uint64_t file_bytes)
{
    HeaderReader reader;
    if (!nlohmann::json::sax_parse(json, &reader))
        return Failure{Errc::file_refused, reader.fault};
    const auto data_bytes = file_bytes - data_begin;
    for (auto& [name, entry] : reader.table) {
        const auto describe = [&, &tensor = name](const std::string& what) {
            return Failure{Errc::file_refused, "tensor " + in_quotes(tensor) + " " + what};
        };
        const auto needed = bytes_needed(entry);
        if (!needed)
            return describe("has the unknown type " + in_quotes(entry.type_name) + " or an impossible shape");
        if (entry.begin > entry.end || entry.end > data_bytes)
            return describe("lies outside of the file's data");
        if (entry.end - entry.begin != *needed)
            return describe("takes " + std::to_string(entry.end - entry.begin) +
                            " bytes where its shape needs " + std::to_string(*needed));
    }
    if (const auto fault = fault_in_layout(reader.table, data_bytes))
        return Failure{Errc::file_refused, *fault};
    for (auto& [name, entry] : reader.table) {
        entry.begin += data_begin;
        entry.end += data_begin;
    }
    return std::move(reader.table);
}

} // namespace embedd::model

#include "model/checkpoint.hpp"

#include "model/weight_numbers.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace embedd::model {
namespace {

constexpr std::size_t max_index_bytes = std::size_t{16} << 20;
constexpr std::size_t max_shards = 256;

std::string text_of(std::span<const std::int64_t> shape)
{
    std::string text = "[";
    for (const auto size : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    return text + "]";
}

// The shards' file names, each a plain name in the directory of the index.
Result<std::set<std::string>> shards_in(const std::filesystem::path& index)
{
    const auto text = read_text(index, max_index_bytes);
    if (!text)
        return text.error();
    const auto json = nlohmann::json::parse(*text, nullptr, false);
    const auto map = json.is_object() ? json.find("weight_map") : json.end();
    if (!json.is_object() || map == json.end() || !map->is_object())
        return refused(index, "'weight_map' is missing");
    std::set<std::string> shards;
    for (const auto& [name, file] : map->items()) {
        if (!file.is_string())
            return refused(index, "'weight_map' does not name a file for " + in_quotes(name));
        const auto shard = file.get<std::string>();
        if (shard.find('/') != std::string::npos || !shard.ends_with(".safetensors"))
            return refused(index, "'weight_map' names " + in_quotes(shard));
        shards.insert(shard);
        if (shards.size() > max_shards)
            return refused(index, "names more than " + std::to_string(max_shards) + " files");
    }
    return shards;
}

} // namespace

Result<Checkpoint> Checkpoint::open(const std::filesystem::path& directory)
{
    Checkpoint checkpoint;
    const auto index = directory / "model.safetensors.index.json";
    std::error_code ignored;
    const bool sharded = std::filesystem::exists(index, ignored) &&
                         !std::filesystem::exists(directory / "model.safetensors", ignored);
    const auto added =
        sharded ? checkpoint.add_shards(index) : checkpoint.add_file(directory / "model.safetensors");
    if (!added)
        return added.error();
    return checkpoint;
}

Result<void> Checkpoint::add_shards(const std::filesystem::path& index)
{
    const auto shards = shards_in(index);
    if (!shards)
        return shards.error();
    for (const auto& shard : *shards)
        if (auto added = add_file(index.parent_path() / shard); !added)
            return added.error();
    return {};
}

Result<void> Checkpoint::add_file(const std::filesystem::path& path)
{
    auto file = ModelFile::open(path);
    if (!file)
        return file.error();
    std::uint64_t first_field = 0;
    if (auto read = file->read(0, std::as_writable_bytes(std::span(&first_field, 1))); !read)
        return read.error();
    const auto data_begin = safetensors_data_begin(first_field, file->bytes());
    if (!data_begin)
        return refused(path, data_begin.error().detail);
    std::string header(first_field, '\0');
    if (auto read = file->read(sizeof first_field, std::as_writable_bytes(std::span(header))); !read)
        return read.error();
    auto table = parse_safetensors_header(header, *data_begin, file->bytes());
    if (!table)
        return refused(path, table.error().detail);
    for (auto& [name, entry] : *table) {
        total_bytes_ += entry.end - entry.begin;
        if (!tensors_.emplace(name, Location{files_.size(), std::move(entry)}).second)
            return refused(path, "tensor " + in_quotes(name) + " is in another shard too");
    }
    files_.push_back(std::move(*file));
    return {};
}

const TensorEntry* Checkpoint::find(std::string_view name) const
{
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : &found->second.entry;
}

std::vector<std::string> Checkpoint::names() const
{
    std::vector<std::string> names;
    for (const auto& [name, location] : tensors_)
        names.push_back(name);
    return names;
}

std::string Checkpoint::describe(std::string_view name) const
{
    const auto found = tensors_.find(name);
    const auto& file = files_[found == tensors_.end() ? 0 : found->second.file];
    return file.path().string() + ": tensor " + in_quotes(name);
}

void Checkpoint::read_ahead() const
{
    for (const auto& file : files_)
        file.read_ahead();
}

Result<const Checkpoint::Location*> Checkpoint::locate(std::string_view name,
                                                       std::span<const std::int64_t> shape) const
{
    const auto failure = [&](const std::string& what) {
        return Failure{Errc::file_refused, describe(name) + " " + what};
    };
    const auto found = tensors_.find(name);
    if (found == tensors_.end())
        return failure("is missing");
    const auto& entry = found->second.entry;
    if (entry.type == TensorType::other)
        return failure("is of type " + in_quotes(entry.type_name) + ", not F32, F16 or BF16");
    if (!std::equal(shape.begin(), shape.end(), entry.shape.begin(), entry.shape.end()))
        return failure("has shape " + text_of(entry.shape) + ", not " + text_of(shape));
    return &found->second;
}

// From the number `first` of the tensor on.
Result<void> Checkpoint::read_numbers(std::string_view name, const Location& from, std::uint64_t first,
                                      std::span<float> into)
{
    const auto& [file, entry] = from;
    constexpr std::size_t chunk_numbers = std::size_t{1} << 18;
    auto offset = entry.begin + first * bytes_of(entry.type);
    for (; !into.empty(); into = into.subspan(std::min(into.size(), chunk_numbers))) {
        const auto part = into.first(std::min(into.size(), chunk_numbers));
        scratch_.resize(part.size() * bytes_of(entry.type));
        if (auto read = files_[file].read(offset, scratch_); !read)
            return read.error();
        widen(entry.type, scratch_, part);
        if (!all_finite(part))
            return Failure{Errc::file_refused, describe(name) + " holds a number that is not finite"};
        fingerprint_ = checksum(fingerprint_, scratch_);
        offset += scratch_.size();
        bytes_read_ += scratch_.size();
    }
    return {};
}

Result<void> Checkpoint::read(std::string_view name, std::span<const std::int64_t> shape,
                              std::span<float> into)
{
    const auto found = locate(name, shape);
    if (!found)
        return found.error();
    const auto& entry = (*found)->entry;
    if (into.size() * bytes_of(entry.type) != entry.end - entry.begin)
        return Failure{Errc::file_refused, describe(name) + " does not fit the memory it is read into"};
    return read_numbers(name, **found, 0, into);
}

Result<void> Checkpoint::read_in_pieces(std::string_view name, std::span<const std::int64_t> shape,
                                        const Room& room, const Take& take)
{
    const auto found = locate(name, shape);
    if (!found)
        return found.error();
    const auto& entry = (*found)->entry;
    const auto numbers = (entry.end - entry.begin) / bytes_of(entry.type);
    for (std::uint64_t first = 0; first < numbers;) {
        const auto given = room();
        const auto piece = given.first(std::min<std::uint64_t>(given.size(), numbers - first));
        if (auto read = read_numbers(name, **found, first, piece); !read)
            return read.error();
        take(piece);
        first += piece.size();
    }
    return {};
}

Result<void> Checkpoint::unchanged() const
{
    for (const auto& file : files_)
        if (auto same = file.unchanged(); !same)
            return same.error();
    return {};
}

} // namespace embedd::model

#include "model/model_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace embedd::model {
namespace {

bool same_file(const struct stat& a, const struct stat& b)
{
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
           a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

} // namespace

Result<ModelFile> ModelFile::open(const std::filesystem::path& path)
{
    // Without O_NONBLOCK the open of a FIFO waits for a writer that may never come.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return refused(path, std::strerror(errno));
    struct stat opened{};
    const bool known = ::fstat(descriptor, &opened) == 0;
    ModelFile file{path, descriptor, opened};
    if (!known || !S_ISREG(opened.st_mode))
        return refused(path, "is not a regular file");
    return file;
}

ModelFile::ModelFile(std::filesystem::path path, int descriptor, const struct stat& opened)
    : path_(std::move(path)), descriptor_(descriptor), opened_(opened)
{
}

ModelFile::ModelFile(ModelFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), opened_(other.opened_)
{
}

void ModelFile::read_ahead() const
{
    (void)::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_WILLNEED); // where it cannot, reading takes longer
}

ModelFile::~ModelFile()
{
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

Result<void> ModelFile::read(std::uint64_t offset, std::span<std::byte> into) const
{
    while (!into.empty()) {
        const auto count = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return refused(path_, std::strerror(errno));
        if (count == 0)
            return refused(path_, "ends before byte " + std::to_string(offset + into.size()));
        offset += static_cast<std::uint64_t>(count);
        into = into.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> ModelFile::unchanged() const
{
    struct stat held{};
    struct stat named{};
    if (::fstat(descriptor_, &held) != 0 || ::stat(path_.c_str(), &named) != 0 || !same_file(held, opened_) ||
        !same_file(named, opened_))
        return refused(path_, "changed while it was read");
    return {};
}

Result<std::string> read_text(const std::filesystem::path& path, std::size_t limit)
{
    auto file = ModelFile::open(path);
    if (!file)
        return file.error();
    if (file->bytes() > limit)
        return refused(path, "is larger than " + std::to_string(limit) + " bytes");
    std::string text(file->bytes(), '\0');
    if (auto done = file->read(0, std::as_writable_bytes(std::span(text))); !done)
        return done.error();
    return text;
}

} // namespace embedd::model

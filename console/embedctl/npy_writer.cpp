#include "console/embedctl/npy_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace embedd::console {

namespace {

constexpr std::size_t header_bytes = 128;

[[noreturn]] void fail(const std::filesystem::path& path, const char* what)
{
    throw std::system_error(errno, std::generic_category(), std::string{what} + ' ' + path.string());
}

} // namespace

std::string_view numpy_type(ipc::VectorType type) noexcept
{
    switch (type) {
    case ipc::VectorType::float32:
        return "<f4";
    case ipc::VectorType::float16:
        return "<f2";
    case ipc::VectorType::int8:
        return "|i1";
    case ipc::VectorType::ubinary:
        return "|u1";
    case ipc::VectorType::bfloat16:
        return "";
    }
    return "";
}

std::string npy_header(std::string_view type, std::uint64_t rows, std::uint64_t columns)
{
    using namespace std::string_literals;
    auto header = "\x93NUMPY\x01\x00"s + static_cast<char>(header_bytes - 10) + '\0' + "{'descr': '" +
                  std::string{type} + "', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                  std::to_string(columns) + "), }";
    header.append(header_bytes - 1 - header.size(), ' ');
    return header + '\n';
}

NpyWriter::NpyWriter(std::filesystem::path path, ipc::VectorType type) : path_(std::move(path)), type_(type)
{
    const auto directory = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path{"."};
    file_ = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (file_ < 0)
        fail(path_, "cannot write");
    if (::lseek(file_, header_bytes, SEEK_SET) < 0)
        fail(path_, "cannot write");
}

NpyWriter::~NpyWriter()
{
    ::close(file_);
}

void NpyWriter::append(std::uint64_t rows, std::uint64_t columns, std::span<const std::byte> data)
{
    if (rows_ > 0 && columns != columns_)
        throw std::runtime_error("the vectors' dimensions changed in the middle: was the model changed?");
    columns_ = columns;
    rows_ += rows;
    write(data);
}

void NpyWriter::finish()
{
    const auto header = npy_header(numpy_type(type_), rows_, columns_);
    if (::pwrite(file_, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size()))
        fail(path_, "cannot write");
    // A file without a name cannot replace one that has it: it is linked beside it and renamed over it.
    const auto from = "/proc/self/fd/" + std::to_string(file_);
    const auto beside = path_.string() + '.' + std::to_string(::getpid());
    if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, beside.c_str(), AT_SYMLINK_FOLLOW) != 0)
        fail(path_, "cannot name");
    if (::rename(beside.c_str(), path_.c_str()) != 0) {
        const int error = errno;
        ::unlink(beside.c_str());
        errno = error;
        fail(path_, "cannot name");
    }
}

void NpyWriter::write(std::span<const std::byte> data)
{
    while (!data.empty()) {
        const auto written = ::write(file_, data.data(), data.size());
        if (written < 0 && errno != EINTR)
            fail(path_, "cannot write");
        if (written > 0)
            data = data.subspan(static_cast<std::size_t>(written));
    }
}

} // namespace embedd::console

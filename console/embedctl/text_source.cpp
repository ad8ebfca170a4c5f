#include "console/embedctl/text_source.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace embedd::console {

void TextSource::Close::operator()(std::FILE* file) const noexcept
{
    if (file != stdin)
        std::fclose(file);
}

TextSource::TextSource(std::vector<std::string> texts) : texts_(std::move(texts)), total_(texts_.size()) {}

std::optional<TextSource> TextSource::open(const std::string& path)
{
    TextSource source;
    source.file_.reset(path == "-" ? stdin : std::fopen(path.c_str(), "re"));
    struct stat info{};
    if (!source.file_ || ::fstat(fileno(source.file_.get()), &info) != 0)
        return std::nullopt;
    if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return std::nullopt;
    }
    if (S_ISREG(info.st_mode))
        source.total_ = static_cast<std::uint64_t>(info.st_size);
    return source;
}

std::optional<std::string> TextSource::next()
{
    if (!file_) {
        if (consumed_ == texts_.size())
            return std::nullopt;
        return std::move(texts_[consumed_++]);
    }
    std::string line;
    for (int c = 0; (c = getc_unlocked(file_.get())) != EOF && c != '\n';) {
        if (line.size() == longest_line) {
            error_ = "line " + std::to_string(lines_ + 1) + " is longer than 1 MiB, the most a text may have";
            return std::nullopt;
        }
        line.push_back(static_cast<char>(c));
    }
    if (std::ferror(file_.get()) != 0) {
        error_ = std::string{"cannot read: "} + std::strerror(errno);
        return std::nullopt;
    }
    const bool ended = std::feof(file_.get()) != 0;
    if (ended && line.empty())
        return std::nullopt;
    ++lines_;
    consumed_ += line.size() + (ended ? 0 : 1);
    if (!line.empty() && line.back() == '\r')
        line.pop_back();
    return line;
}

} // namespace embedd::console

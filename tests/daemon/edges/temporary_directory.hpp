#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace embedd::daemon {

// Short, since socket paths must be; gone with the test.
class TemporaryDirectory {
public:
    TemporaryDirectory() { path_ = ::mkdtemp(path_.data()); }
    ~TemporaryDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const
    {
        return std::filesystem::path(path_) / name;
    }

    std::filesystem::path write(const std::string& name, const std::string& text) const
    {
        const auto path = *this / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
        return path;
    }

private:
    std::string path_ = "/tmp/embedd-XXXXXX";
};

} // namespace embedd::daemon

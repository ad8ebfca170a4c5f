#include "tests/model/model_copy.hpp"

#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace embedd::model::testing {

ModelCopy::ModelCopy()
{
    std::string name = (std::filesystem::temp_directory_path() / "embedd-model-XXXXXX").string();
    if (!::mkdtemp(name.data()))
        throw std::runtime_error("no directory for a test's model");
    path_ = name;
    std::filesystem::copy(std::filesystem::path(EMBEDD_TEST_DATA) / "small_cls", path_,
                          std::filesystem::copy_options::recursive);
}

ModelCopy::~ModelCopy()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string ModelCopy::read(std::string_view file) const
{
    std::ostringstream content;
    content << std::ifstream{path_ / file, std::ios::binary}.rdbuf();
    return content.str();
}

void ModelCopy::write(std::string_view file, std::string_view content) const
{
    std::ofstream{path_ / file, std::ios::binary} << content;
}

void ModelCopy::replace(std::string_view file, std::string_view from, std::string_view to) const
{
    auto content = read(file);
    const auto place = content.find(from);
    if (place == std::string::npos)
        throw std::runtime_error("nothing to replace in " + std::string(file));
    write(file, content.replace(place, from.size(), to));
}

void ModelCopy::write_weights(std::string_view header, std::size_t data_bytes) const
{
    std::string file;
    for (auto rest = header.size(); file.size() < 8; rest >>= 8)
        file += static_cast<char>(rest & 0xff);
    write("model.safetensors", file.append(header).append(data_bytes, '\0'));
}

} // namespace embedd::model::testing

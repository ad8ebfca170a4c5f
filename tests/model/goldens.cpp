#include "tests/model/goldens.hpp"

#include <cmath>
#include <fstream>
#include <sstream>

namespace embedd::model::testing {

Goldens read_goldens(const std::string& name)
{
    Goldens goldens;
    const std::filesystem::path data{EMBEDD_TEST_DATA};
    std::ifstream ids{data / (name + ".ids")};
    for (std::string line; std::getline(ids, line);) {
        std::istringstream numbers{line};
        auto& row = goldens.ids.emplace_back();
        for (std::int32_t id = 0; numbers >> id;)
            row.push_back(id);
    }
    const auto path = data / (name + ".vectors");
    const auto width = std::filesystem::file_size(path) / sizeof(float) / goldens.ids.size();
    std::ifstream vectors{path, std::ios::binary};
    for (std::size_t row = 0; row < goldens.ids.size(); ++row) {
        auto& vector = goldens.vectors.emplace_back(width);
        vectors.read(reinterpret_cast<char*>(vector.data()),
                     static_cast<std::streamsize>(width * sizeof(float)));
    }
    return goldens;
}

double cosine(std::span<const float> a, std::span<const float> b)
{
    double dot = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double x = a[i], y = b[i];
        dot += x * y;
        aa += x * x;
        bb += y * y;
    }
    return dot / std::sqrt(aa * bb);
}

} // namespace embedd::model::testing

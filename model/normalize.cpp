#include "model/normalize.hpp"

#include <cmath>

namespace embedd::model {

void normalize(std::span<float> rows, std::size_t dimensions)
{
    for (; rows.size() >= dimensions && dimensions > 0; rows = rows.subspan(dimensions)) {
        double squares = 0;
        for (const float value : rows.first(dimensions))
            squares += static_cast<double>(value) * static_cast<double>(value);
        if (squares == 0)
            continue;
        const auto scale = 1 / std::sqrt(squares);
        for (float& value : rows.first(dimensions))
            value = static_cast<float>(static_cast<double>(value) * scale);
    }
}

} // namespace embedd::model

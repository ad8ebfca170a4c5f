#pragma once

#include "model/tokenizer/tokenizer.hpp"

#include <stdexcept>

namespace embedd::tokenizer {

inline const std::filesystem::path mini_lm_path = EMBEDD_TEST_MODEL "/tokenizer.json";

// Loaded once for all tests: it is immutable.
inline const Tokenizer& mini_lm()
{
    static const Tokenizer tokenizer = [] {
        auto loaded = Tokenizer::load(mini_lm_path);
        if (!loaded)
            throw std::runtime_error(mini_lm_path.string() + ": " + loaded.error().detail);
        return *loaded;
    }();
    return tokenizer;
}

inline std::string repeated(std::string_view unit, std::size_t times)
{
    std::string text;
    text.reserve(unit.size() * times);
    for (; times > 0; --times)
        text += unit;
    return text;
}

} // namespace embedd::tokenizer

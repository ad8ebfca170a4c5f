#include "model/dtype.hpp"

namespace embedd::model {

const char* name_of(Dtype dtype)
{
    switch (dtype) {
    case Dtype::float32:
        return "float32";
    case Dtype::bfloat16:
        return "bfloat16";
    case Dtype::float16:
        return "float16";
    }
    return "float32";
}

std::optional<Dtype> dtype_named(std::string_view name)
{
    for (const auto dtype : {Dtype::float32, Dtype::bfloat16, Dtype::float16})
        if (name == name_of(dtype))
            return dtype;
    return std::nullopt;
}

} // namespace embedd::model

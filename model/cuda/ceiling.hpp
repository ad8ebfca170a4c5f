#pragma once

#include "model/cuda/module.hpp"
#include "model/dtype.hpp"

namespace embedd::model {

// On the current device. What libtorch throws comes out.
[[nodiscard]] CudaCeiling measure_cuda_ceiling(const ModelConfig& config, Dtype dtype, std::int64_t rows);

} // namespace embedd::model

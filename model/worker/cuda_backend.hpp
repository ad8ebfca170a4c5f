#pragma once

#include "model/backend.hpp"
#include "model/cuda/module.hpp"

#include <memory>

namespace embedd::model {

// The GPU of this number. Neither its context nor CUDA's libraries are loaded before start(). A failure is
// device_missing and says in one line what is not there.
[[nodiscard]] Result<std::unique_ptr<Backend>> cuda_backend(const CudaPlace& place);

} // namespace embedd::model

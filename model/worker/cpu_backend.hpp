#pragma once

#include "model/backend.hpp"

#include <memory>

namespace embedd::model {

[[nodiscard]] std::unique_ptr<Backend> cpu_backend();

} // namespace embedd::model

#pragma once

#include "model/backend.hpp"
#include "model/worker/options.hpp"

#include <memory>
#include <vector>

namespace embedd::model {

using Backends = std::vector<std::unique_ptr<Backend>>;

// The devices that the options name, the best first: more than one for "auto" alone, which is the first GPU
// where the driver has one, then the processor. Nothing is loaded yet.
[[nodiscard]] Result<Backends> named_backends(const ModelOptions& options);

// The first of them that starts. Why another one did not is told on stderr.
[[nodiscard]] Result<std::unique_ptr<Backend>> start_best(Backends candidates);

// The two in one, and the dtype, for what serves no daemon.
struct StartedBackend {
    std::unique_ptr<Backend> backend;
    Dtype dtype;
};
[[nodiscard]] Result<StartedBackend> start_named(const ModelOptions& options);

} // namespace embedd::model

#pragma once

#include "ipc/worker_protocol.hpp"
#include "model/backend.hpp"
#include "model/worker/activity.hpp"
#include "model/worker/backends.hpp"
#include "model/worker/channel.hpp"
#include "model/worker/options.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace embedd::model {

struct LoadedModel {
    std::unique_ptr<Backend> backend;
    std::unique_ptr<Encoder> encoder;
    Ladder ladder;
    std::size_t lanes;
    ipc::ModelCard card;
};

// Starts the best of the backends and reads into its memory the weights of the model whose files said
// `config`. Tells the daemon how far it is.
[[nodiscard]] Result<LoadedModel> load_model(const ModelOptions& options, const ModelConfig& config,
                                             Backends backends, Channel& channel, Activity& activity);

// What a model of these files can do.
[[nodiscard]] std::vector<std::string> tasks_of(const ModelConfig& config);

} // namespace embedd::model

#pragma once

#include "ipc/worker_protocol.hpp"
#include "model/config.hpp"
#include "model/failure.hpp"
#include "model/network.hpp"
#include "model/worker/activity.hpp"
#include "model/worker/channel.hpp"
#include "model/worker/options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace embedd::model {

struct LoadedModel {
    Network network;
    ipc::ModelCard card;
};

// Reads the weights of the model whose files said `config`, and tells the daemon how far it is.
[[nodiscard]] Result<LoadedModel> load_model(const ServeOptions& options, const ModelConfig& config,
                                             Channel& channel, Activity& activity);

// What a model of these files can do.
[[nodiscard]] std::vector<std::string> tasks_of(const ModelConfig& config);

// The dtype named, or the best of this machine for "auto".
[[nodiscard]] Dtype dtype_named(std::string_view name);

// What /proc/cpuinfo calls the processor, and its cores.
[[nodiscard]] std::string processor_name();

} // namespace embedd::model

#pragma once

#include "ipc/request_reader.hpp"

// The fields of what operators ask for: private to ipc/.
namespace embedd::ipc {

[[nodiscard]] RewarmRequest read_rewarm(Fields&);
[[nodiscard]] ReloadRequest read_reload(Fields&);
[[nodiscard]] RestartReplicaRequest read_restart_replica(Fields&);

void write(nlohmann::json&, const RewarmRequest&);
void write(nlohmann::json&, const ReloadRequest&);
void write(nlohmann::json&, const RestartReplicaRequest&);

} // namespace embedd::ipc

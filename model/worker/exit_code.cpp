#include "model/worker/exit_code.hpp"

#include <cstdio>

namespace embedd::model {

ipc::WorkerExit exit_of(Errc code)
{
    switch (code) {
    case Errc::file_refused:
    case Errc::unsupported:
        return ipc::WorkerExit::model_fault;
    case Errc::device_missing:
        return ipc::WorkerExit::device_missing;
    case Errc::device_fault:
        return ipc::WorkerExit::device_fault;
    case Errc::input_refused:
    case Errc::out_of_memory:
    case Errc::internal:
        return ipc::WorkerExit::fault;
    }
    return ipc::WorkerExit::fault;
}

int complain(const Failure& failure)
{
    std::fprintf(stderr, "embedd-worker: %s\n", failure.detail.c_str());
    return static_cast<int>(exit_of(failure.code));
}

} // namespace embedd::model

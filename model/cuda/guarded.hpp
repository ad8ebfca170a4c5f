#pragma once

#include "model/cuda/faults.hpp"
#include "model/failure.hpp"

#include <c10/util/Exception.h>
#include <cuda_runtime_api.h>

#include <exception>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

namespace embedd::model {

// The only place that sees what libtorch throws about a GPU. A call that failed may have lost the context
// whatever it says, so the runtime is asked for its last error too.
template <class Work>
std::invoke_result_t<Work> guarded(Work&& work)
{
    const auto failure = [](Errc code, std::string text) {
        if (cuda_fault(static_cast<int>(::cudaPeekAtLastError())) == Errc::device_fault)
            code = Errc::device_fault;
        else
            (void)::cudaGetLastError(); // else the next call would report it as its own
        return Failure{code, text.substr(0, text.find('\n'))};
    };
    try {
        return std::forward<Work>(work)();
    } catch (const c10::OutOfMemoryError& error) {
        return failure(Errc::out_of_memory, error.what_without_backtrace());
    } catch (const c10::AcceleratorError& error) {
        return failure(cuda_fault(error.get_error_code()), error.what_without_backtrace());
    } catch (const c10::Error& error) {
        return failure(cuda_fault(std::string_view{error.what_without_backtrace()}),
                       error.what_without_backtrace());
    } catch (const std::bad_alloc&) {
        return failure(Errc::out_of_memory, "out of memory");
    } catch (const std::exception& error) {
        return failure(Errc::internal, error.what());
    }
}

} // namespace embedd::model

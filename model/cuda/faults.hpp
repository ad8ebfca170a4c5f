#pragma once

#include "model/failure.hpp"

#include <string_view>

namespace embedd::model {

// What an error number of CUDA's runtime (cudaError_t) means for who computed:
//   out_of_memory  the device, or what the driver keeps in it, is full: less at a time may fit
//   device_fault   the context is lost, and nothing works in this process any more: an illegal address, an
//                  assertion, a failed launch, an uncorrectable ECC error, ...
//   device_missing there is no GPU, or its driver is too old for this CUDA
//   internal       this call failed, the next one need not
// CUDA's manual, "CUDA Runtime API, Data types, cudaError", says of each whether the context survives it.
[[nodiscard]] Errc cuda_fault(int error);

// By the text, where libtorch keeps no number: cuBLAS and what loads kernels.
[[nodiscard]] Errc cuda_fault(std::string_view text);

} // namespace embedd::model

#pragma once

#include "model/checkpoint.hpp"
#include "model/cuda/event.hpp"
#include "model/cuda/pinned.hpp"

#include <ATen/core/Tensor.h>
#include <c10/cuda/CUDAStream.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace embedd::model {

// Reads tensors of a checkpoint into the device's memory: while one piece travels, the next one is read from
// the file. One thread, all on the stream that is current when it is made.
class Upload {
public:
    Upload(Checkpoint& checkpoint, const LoadProgress& progress);

    // The tensor of this name and shape, in the type of `into`. Its numbers are there for what comes later on
    // the stream, and for all others after finish().
    [[nodiscard]] Result<void> read(const std::string& name, std::span<const std::int64_t> shape,
                                    const at::Tensor& into);

    void finish();

private:
    struct Slot {
        Pinned<float> host;
        at::Tensor device; // as many float32, to be narrowed from there
        Event copied;
    };

    Slot& next_slot();

    Checkpoint& checkpoint_;
    const LoadProgress& progress_;
    c10::cuda::CUDAStream stream_;
    std::array<Slot, 2> slots_;
    std::size_t turn_ = 0;
};

} // namespace embedd::model

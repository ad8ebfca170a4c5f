#include "model/cuda/upload.hpp"

#include <ATen/ops/empty.h>

namespace embedd::model {

namespace {

constexpr std::size_t slot_numbers = std::size_t{4} << 20; // 16 MiB: the link is at full rate from a few on

at::Tensor device_numbers()
{
    return at::empty({static_cast<std::int64_t>(slot_numbers)},
                     at::TensorOptions().device(at::kCUDA).dtype(at::kFloat));
}

} // namespace

Upload::Upload(Checkpoint& checkpoint, const LoadProgress& progress)
    : checkpoint_(checkpoint), progress_(progress), stream_(c10::cuda::getCurrentCUDAStream()),
      slots_{Slot{Pinned<float>(slot_numbers), device_numbers(), Event(cudaEventDisableTiming)},
             Slot{Pinned<float>(slot_numbers), device_numbers(), Event(cudaEventDisableTiming)}}
{
}

// Waits until the GPU has taken what was in it.
Upload::Slot& Upload::next_slot()
{
    auto& slot = slots_[++turn_ % slots_.size()];
    slot.copied.wait(); // passes at once before the first record
    return slot;
}

Result<void> Upload::read(const std::string& name, std::span<const std::int64_t> shape,
                          const at::Tensor& into)
{
    const auto flat = into.view({-1});
    std::int64_t done = 0;
    Slot* slot = nullptr;
    auto read = checkpoint_.read_in_pieces(
        name, shape,
        [&] {
            slot = &next_slot();
            return slot->host.span();
        },
        [&](std::span<const float> piece) {
            const auto count = static_cast<std::int64_t>(piece.size());
            C10_CUDA_CHECK(::cudaMemcpyAsync(slot->device.mutable_data_ptr(), piece.data(),
                                             piece.size_bytes(), cudaMemcpyHostToDevice, stream_.stream()));
            flat.narrow(0, done, count).copy_(slot->device.narrow(0, 0, count)); // widened or narrowed there
            slot->copied.record(stream_.stream());
            done += count;
        });
    if (progress_)
        progress_(checkpoint_.bytes_read(), checkpoint_.total_bytes());
    return read;
}

void Upload::finish()
{
    stream_.synchronize();
}

} // namespace embedd::model

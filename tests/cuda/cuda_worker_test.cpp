// A real worker on a made-up GPU: the driver and the GPU's half are the test's own.
#include "tests/worker/worker_process.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace embedd::tests {
namespace {

using testing::HasSubstr;

constexpr std::size_t dimensions = 384;
const std::string libraries = "LD_LIBRARY_PATH=";
const std::string driver = EMBEDD_FAKE_DRIVER_DIRECTORY;
const std::string with_gpu = libraries + driver + ":" + EMBEDD_FAKE_MODULE_DIRECTORY;

std::vector<std::string> on(const std::string& device)
{
    return {"--model", EMBEDD_MODEL, "--device", device};
}

std::vector<float> first_vector(const WorkerProcess::Received& received)
{
    std::vector<float> vector(dimensions);
    std::memcpy(vector.data(), received.payload.data(), dimensions * sizeof(float));
    return vector;
}

void expect_failure(WorkerProcess& worker, ipc::WorkerExit code, const std::string& why)
{
    const auto failed = worker.until<ipc::WorkerFailed>();
    EXPECT_EQ(failed.exit_code, static_cast<int>(code));
    EXPECT_THAT(failed.message, HasSubstr(why));
    EXPECT_THAT(failed.message, testing::Not(HasSubstr("\n")));
    EXPECT_EQ(worker.exit_status(), static_cast<int>(code));
}

TEST(CudaWorker, LoadsOntoTheGpuWithItsOwnLadderAndLanes)
{
    WorkerProcess worker(on("cuda"), {with_gpu});

    const auto loaded = worker.until<ipc::Loaded>();

    EXPECT_EQ(loaded.device_name, "Made-up GPU 0");
    EXPECT_EQ(loaded.card.model.dtype, "bfloat16");
    EXPECT_EQ(loaded.lanes, 2U);
    EXPECT_EQ(loaded.weights_bytes, 1000U);
    EXPECT_EQ(loaded.rungs.front(), 64U);
    EXPECT_EQ(loaded.rungs.back(), 16384U);
}

TEST(CudaWorker, TakesTheGpuThatIsNumbered)
{
    WorkerProcess worker(on("cuda:1"), {with_gpu, "EMBEDD_FAKE_GPUS=2"});
    EXPECT_EQ(worker.until<ipc::Loaded>().device_name, "Made-up GPU 1");
}

TEST(CudaWorker, ComputesInHalfPrecisionWhereTheGpuHasNoBfloat16)
{
    WorkerProcess worker(on("cuda"), {with_gpu, "EMBEDD_FAKE_CAPABILITY=75"});
    EXPECT_EQ(worker.until<ipc::Loaded>().card.model.dtype, "float16");
}

TEST(CudaWorker, AnswersWithTheGpusTimeAndWhatWasColdAboutIt)
{
    WorkerProcess worker(on("cuda"), {with_gpu});
    (void)worker.until<ipc::Loaded>();

    worker.run(1, {{1, 2, 3}});
    const auto received = worker.answer();

    const auto& done = std::get<ipc::BatchDone>(received.message);
    EXPECT_EQ(done.rows, 64U);
    EXPECT_EQ(done.device_us, 42U);
    EXPECT_FALSE(done.allocated);
    EXPECT_TRUE(done.captured);
    EXPECT_EQ(first_vector(received)[1], 64);
    EXPECT_EQ(first_vector(received)[2], 3);
}

TEST(CudaWorker, TellsWhatItsAllocatorHas)
{
    WorkerProcess worker(on("cuda"), {with_gpu});
    (void)worker.until<ipc::Loaded>();

    auto beat = worker.until<ipc::HeartBeat>();
    while (!beat.memory.weights_bytes) // one may have been on its way
        beat = worker.until<ipc::HeartBeat>();

    EXPECT_EQ(beat.memory.weights_bytes, 1000U);
    EXPECT_EQ(beat.memory.active_bytes, 2000U);
    EXPECT_EQ(beat.memory.reserved_bytes, 3000U);
    EXPECT_EQ(beat.memory.peak_bytes, 2500U);
    EXPECT_EQ(beat.memory.graphs_bytes, 400U);
    EXPECT_EQ(beat.memory.ooms, 0U);
}

TEST(CudaWorker, SaysThatABatchFoundNoMemoryAndGoesOn)
{
    WorkerProcess worker(on("cuda"), {with_gpu});
    (void)worker.until<ipc::Loaded>();

    worker.run(1, {{7}});
    const auto failed = std::get<ipc::BatchFailed>(worker.answer().message);
    EXPECT_EQ(failed.fault, ipc::BatchFault::out_of_memory);

    worker.run(2, {{1}});
    EXPECT_TRUE(std::holds_alternative<ipc::BatchDone>(worker.answer().message));
}

TEST(CudaWorker, EndsWithACodeOfItsOwnWhereTheContextIsLost)
{
    WorkerProcess worker(on("cuda"), {with_gpu});
    (void)worker.until<ipc::Loaded>();

    worker.run(1, {{8}});

    expect_failure(worker, ipc::WorkerExit::device_fault, "lost its context");
}

TEST(CudaWorker, TakesAGpuWhoseContextCannotBeMadeForNone)
{
    const std::string fails = "EMBEDD_FAKE_CONTEXT_FAILS=1";

    WorkerProcess named(on("cuda"), {with_gpu, fails});
    WorkerProcess automatic(on("auto"), {with_gpu, fails});

    expect_failure(named, ipc::WorkerExit::device_missing,
                   "device cuda:0: the made-up device gives no context");
    EXPECT_EQ(automatic.until<ipc::Loaded>().device_id, "cpu");
}

TEST(CudaWorker, NamesWhatIsMissing)
{
    WorkerProcess no_driver(on("cuda"), {libraries});
    expect_failure(no_driver, ipc::WorkerExit::device_missing,
                   "device cuda:0: there is no NVIDIA driver (libcuda.so.1 cannot be opened)");
    WorkerProcess no_gpu(on("cuda"), {with_gpu, "EMBEDD_FAKE_GPUS=0"});
    expect_failure(no_gpu, ipc::WorkerExit::device_missing, "finds no GPU");
    WorkerProcess no_such_gpu(on("cuda:3"), {with_gpu, "EMBEDD_FAKE_GPUS=2"});
    expect_failure(no_such_gpu, ipc::WorkerExit::device_missing,
                   "device cuda:3: there are 2 GPUs, numbered from 0");
    WorkerProcess no_device(on("tpu"), {with_gpu});
    expect_failure(no_device, ipc::WorkerExit::device_missing, "device tpu is none");
}

TEST(CudaWorker, OfAnAutomaticDeviceTakesTheGpuWhereThereIsOne)
{
    WorkerProcess worker(on("auto"), {with_gpu});
    EXPECT_EQ(worker.until<ipc::Loaded>().device_name, "Made-up GPU 0");
}

TEST(CudaWorker, OfAnAutomaticDeviceTakesTheProcessorWhereThereIsNone)
{
    WorkerProcess worker(on("auto"), {with_gpu, "EMBEDD_FAKE_GPUS=0"});
    EXPECT_THAT(worker.until<ipc::Loaded>().device_name, HasSubstr("cores"));
}

// The host has a GPU, and CUDA's libraries are not installed, or not whole.
TEST(CudaWorker, WithoutCudasLibrariesSaysSoOrTakesTheProcessor)
{
    const auto directory = std::filesystem::path(testing::TempDir()) / "broken-cuda";
    std::filesystem::create_directories(directory);
    std::ofstream(directory / "libembedd-cuda.so") << "no library";
    const auto broken = libraries + driver + ":" + directory.string();

    WorkerProcess asked_for(on("cuda"), {broken});
    expect_failure(asked_for, ipc::WorkerExit::device_missing, "CUDA's libraries cannot be loaded");
    WorkerProcess automatic(on("auto"), {broken});
    EXPECT_THAT(automatic.until<ipc::Loaded>().device_name, HasSubstr("cores"));
}

TEST(CudaWorker, RefusesADtypeThatTheDeviceHasNot)
{
    auto arguments = on("cuda");
    arguments.insert(arguments.end(), {"--dtype", "bfloat16"});
    WorkerProcess old(arguments, {with_gpu, "EMBEDD_FAKE_CAPABILITY=75"});
    expect_failure(old, ipc::WorkerExit::model_fault, "--dtype bfloat16 is not computed by Made-up GPU 0");

    arguments = on("cpu");
    arguments.insert(arguments.end(), {"--dtype", "float16"});
    WorkerProcess processor(arguments);
    expect_failure(processor, ipc::WorkerExit::model_fault, "--dtype float16 is not computed on a CPU");
}

TEST(CudaWorker, ThatFindsNoRoomForTheWeightsSaysSo)
{
    WorkerProcess worker(on("cuda"), {with_gpu, "EMBEDD_FAKE_LOAD_FAILS=1"});
    expect_failure(worker, ipc::WorkerExit::fault, "the weights do not fit");
}

} // namespace
} // namespace embedd::tests

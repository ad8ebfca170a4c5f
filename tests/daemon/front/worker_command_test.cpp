#include "daemon/worker_command.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace embedd::daemon {
namespace {

using testing::IsSupersetOf;
using testing::Not;

std::vector<WorkerCommand> commands(std::uint32_t replicas, std::vector<std::string> devices)
{
    Options options;
    options.model = "/models/mini";
    options.replicas = replicas;
    options.devices = std::move(devices);
    options.gpu_memory_fraction = 0.8;
    return worker_commands(options, "/bin/worker", {});
}

std::string value_of(const WorkerCommand& command, const std::string& flag)
{
    const auto found = std::ranges::find(command.arguments, flag);
    return found == command.arguments.end() ? "" : *std::next(found);
}

TEST(WorkerCommands, NameModelAndDevice)
{
    EXPECT_THAT(commands(1, {"cuda:1"}).front().arguments,
                IsSupersetOf({"--model", "/models/mini", "--device", "cuda:1", "--dtype", "auto"}));
}

TEST(WorkerCommands, DivideAGpusMemoryAmongTheReplicasOnIt)
{
    for (const auto& command : commands(2, {"cuda:0", "cuda:1"}))
        EXPECT_EQ(value_of(command, "--gpu-memory-fraction"), "0.400000");
    EXPECT_EQ(value_of(commands(1, {"auto"}).front(), "--gpu-memory-fraction"), "0.800000");
}

TEST(WorkerCommands, SayNothingOfAGpuToTheProcessor)
{
    EXPECT_THAT(commands(1, {"cpu"}).front().arguments, Not(testing::Contains("--gpu-memory-fraction")));
}

} // namespace
} // namespace embedd::daemon

#include "daemon/option_table.hpp"
#include "daemon/options.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdlib.h>

namespace embedd::daemon {
namespace {

namespace fs = std::filesystem;

class OptionsTest : public ::testing::Test {
protected:
    OptionsTest()
    {
        EXPECT_NE(::mkdtemp(directory_.data()), nullptr);
        fs::create_directory(model());
    }
    ~OptionsTest() override { fs::remove_all(directory_); }

    std::string model() const { return directory_ + "/model"; }
    std::string file() const { return directory_ + "/embedd.json"; }

    Result<Invocation> read(std::vector<std::string> arguments)
    {
        return read_options(
            arguments,
            [this](const std::string& name) {
                const auto found = environment_.find(name);
                return found == environment_.end() ? std::nullopt : std::optional{found->second};
            },
            file());
    }

    Failure refused(std::vector<std::string> arguments)
    {
        const auto read_back = read(std::move(arguments));
        EXPECT_FALSE(read_back);
        return read_back ? Failure{} : read_back.error();
    }

    std::string directory_ = "/tmp/embedd-XXXXXX";
    std::map<std::string, std::string> environment_;
};

TEST_F(OptionsTest, HaveTheDocumentedDefaults)
{
    const auto invocation = read({"--model", model()});

    ASSERT_TRUE(invocation) << invocation.error().message;
    const auto& options = invocation->options;
    EXPECT_EQ(invocation->task, Task::serve);
    EXPECT_EQ(options.model, fs::canonical(model()));
    EXPECT_EQ(options.max_queue_tokens, 2'000'000U);
    EXPECT_EQ(options.max_request_bytes, 16U << 20);
    EXPECT_EQ(options.hold_limit, std::chrono::seconds{60});
    EXPECT_TRUE(options.warmup);
    EXPECT_EQ(options.lanes, 0U);
}

TEST_F(OptionsTest, AFlagWinsOverTheEnvironmentAndThatOverTheFile)
{
    std::ofstream{file()}
        << "// limits\n{\"max-clients\": 1, \"max-inputs\": 1, \"replicas\": 2, \"model\": \"" << model()
        << "\"}";
    environment_ = {{"EMBEDD_MAX_CLIENTS", "3"}, {"EMBEDD_MAX_INPUTS", "4"}};

    const auto invocation = read({"--max-clients=5"});

    ASSERT_TRUE(invocation) << invocation.error().message;
    EXPECT_EQ(invocation->options.max_clients, 5U);
    EXPECT_EQ(invocation->options.max_inputs, 4U);
    EXPECT_EQ(invocation->options.replicas, 2U);
}

TEST_F(OptionsTest, TheFileTakesBooleansAndStringsToo)
{
    std::ofstream{file()} << R"({"warmup": false, "hold-limit": "5s", "warmup-gate": "strict"})";

    const auto invocation = read({"--model", model()});

    ASSERT_TRUE(invocation) << invocation.error().message;
    EXPECT_FALSE(invocation->options.warmup);
    EXPECT_EQ(invocation->options.hold_limit, std::chrono::seconds{5});
    EXPECT_EQ(invocation->options.warmup_gate, WarmUpGate::strict);
}

TEST_F(OptionsTest, FaultsOfTheCommandLineAreUsageAndNameWhatIsAllowed)
{
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"--max-clients", "x"}, "--max-clients: 'x' is not a whole number from 1 to 1000000"},
        {{"--max-clients", "0"}, "--max-clients: '0' is not a whole number from 1 to 1000000"},
        {{"--lanes", "0"}, "--lanes: '0' is not auto, or a whole number from 1 to 1024"},
        {{"--max-request-bytes", "1"},
         "--max-request-bytes: '1' is not a size from 1024 to 1073741824 bytes, like 16MiB"},
        {{"--dtype", "float64"}, "--dtype: 'float64' is not one of: auto, float32, bfloat16, float16"},
        {{"--gpu-memory-fraction", "2"}, "--gpu-memory-fraction: '2' is not a number from 0.01 to 1"},
        {{"--max-batch-latency", "soon"},
         "--max-batch-latency: 'soon' is not auto, or a time like 50ms, 20s or 2m"},
        {{"--warmup", "yes"}, "--warmup: 'yes' is not true or false"},
        {{"--warmup-gate", "loose"}, "--warmup-gate: 'loose' is not one of: warn, strict"},
        {{"--hold-limit", "soon"}, "--hold-limit: 'soon' is not a time like 50ms, 20s or 2m"},
        {{"--socket-mode", "rw"}, "--socket-mode: 'rw' is not auto, or permissions in octal, like 0660"},
        {{"--socket", ""}, "--socket: '' is not something"},
        {{"--max-clients"}, "--max-clients needs a value: N"},
        {{"--max-client", "1"}, "unknown option 'max-client', did you mean 'max-clients'?"},
        {{"--colour", "1"}, "unknown option 'colour'"},
        {{"--replicas", "1", "--replicas", "2"}, "--replicas is given twice"},
        {{"model"}, "unexpected argument 'model' (see embedd --help)"},
        {{"--device", "tpu"},
         "--device: 'tpu' is not auto, cpu, or a list of up to 16 CUDA devices, each once, like "
         "cuda:0,cuda:1"},
        {{"--cpu-pinning", "on"}, "--cpu-pinning: 'on' is not one of: auto, off"},
        {{"--load-balancing", "best"},
         "--load-balancing: 'best' is not one of: least_loaded, round_robin, random"},
    };
    for (const auto& [arguments, message] : cases) {
        const auto failure = refused(arguments);
        EXPECT_EQ(failure.message, message);
        EXPECT_EQ(failure.code, ExitCode::usage) << message;
    }
}

TEST_F(OptionsTest, FaultsElsewhereAreConfigurationAndNameTheirSource)
{
    environment_ = {{"EMBEDD_REPLICAS", "none"}};
    auto failure = refused({"--model", model()});
    EXPECT_EQ(failure.message, "EMBEDD_REPLICAS: 'none' is not a whole number from 1 to 64");
    EXPECT_EQ(failure.code, ExitCode::configuration);

    environment_ = {{"EMBEDD_DEVICE", "cpu:0"}};
    EXPECT_EQ(refused({"--model", model()}).code, ExitCode::configuration);

    environment_.clear();
    std::ofstream{file()} << R"({"replicas": -1})";
    EXPECT_EQ(refused({}).message, file() + ": replicas: '-1' is not a whole number from 1 to 64");

    std::ofstream{file()} << R"({"replica": 1})";
    EXPECT_EQ(refused({}).message, file() + ": unknown name 'replica', did you mean 'replicas'?");

    std::ofstream{file()} << "{";
    EXPECT_EQ(refused({}).message.find(file() + ": "), 0U);
    EXPECT_EQ(refused({}).code, ExitCode::configuration);
}

TEST_F(OptionsTest, AMissingModelSaysHowToNameOne)
{
    const auto failure = refused({});

    EXPECT_EQ(failure.message, "no model: name one with --model, EMBEDD_MODEL or \"model\" in the file");
    EXPECT_EQ(failure.code, ExitCode::configuration);
    EXPECT_EQ(refused({"--model", directory_ + "/none"}).message,
              "model " + directory_ + "/none: No such file or directory");
}

TEST_F(OptionsTest, AModelIsFoundInTheHuggingFaceCache)
{
    const auto hub = fs::path{directory_} / "models--org--name";
    fs::create_directories(hub / "snapshots" / "abc");
    fs::create_directories(hub / "refs");
    std::ofstream{hub / "refs" / "main"} << "abc";
    environment_ = {{"HF_HUB_CACHE", directory_}};

    const auto invocation = read({"--model", "org/name"});

    ASSERT_TRUE(invocation) << invocation.error().message;
    EXPECT_EQ(invocation->options.model, hub / "snapshots" / "abc");
    EXPECT_NE(refused({"--model", "org/other"}).message.find("nothing is downloaded"), std::string::npos);
}

TEST_F(OptionsTest, ReplicasArePlacedAndChosenAsTheOperatorSays)
{
    std::ofstream{file()} << R"({"device": "cuda:1,cuda:0", "gpu-assignment": "shared"})";
    environment_ = {{"EMBEDD_CPU_PINNING", "off"}};

    const auto invocation = read({"--model", model(), "--load-balancing", "round_robin"});

    ASSERT_TRUE(invocation) << invocation.error().message;
    EXPECT_EQ(invocation->options.devices, (std::vector<std::string>{"cuda:1", "cuda:0"}));
    EXPECT_EQ(invocation->options.gpu_assignment, GpuAssignment::shared);
    EXPECT_FALSE(invocation->options.cpu_pinning);
    EXPECT_EQ(invocation->options.load_balancing, LoadBalancing::round_robin);
}

TEST_F(OptionsTest, StateIsKeptWhereSystemdSays)
{
    environment_ = {{"STATE_DIRECTORY", "/var/lib/embedd:/var/lib/more"}};

    EXPECT_EQ(read({"--model", model()})->options.state_directory, "/var/lib/embedd");
    EXPECT_EQ(read({"--model", model(), "--state-directory", "/srv"})->options.state_directory, "/srv");
}

TEST_F(OptionsTest, HelpAndVersionNeedNothingElse)
{
    EXPECT_EQ(read({"--help"})->task, Task::help);
    EXPECT_EQ(read({"--version"})->task, Task::version);
    EXPECT_EQ(read({"--man-page"})->task, Task::man_page);
}

TEST(OptionTable, EachOptionIsInTheHelp)
{
    const auto help = help_text();
    for (const auto& option : option_table())
        EXPECT_NE(help.find("--" + std::string{option.name} + ' '), std::string::npos) << option.name;
}

TEST(OptionTable, EachDefaultShownIsWhatAnOptionTakes)
{
    for (const auto& option : option_table()) {
        Options options;
        const auto refused =
            option.initial.empty() ? std::nullopt : option.set(options, std::string{option.initial});
        EXPECT_EQ(refused, std::nullopt) << option.name;
    }
}

TEST(OptionTable, TheCommittedManPageIsWhatTheProgramPrints)
{
    std::ifstream committed{EMBEDD_TEST_MAN_PAGE, std::ios::binary};

    EXPECT_EQ((std::string{std::istreambuf_iterator<char>{committed}, {}}), man_page())
        << "write it anew: build/bin/embedd --man-page > docs/embedd.8";
}

} // namespace
} // namespace embedd::daemon

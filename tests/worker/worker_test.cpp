#include "worker_process.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include <sched.h>
#include <unistd.h>

namespace embedd::tests {
namespace {

using testing::AllOf;
using testing::Each;
using testing::Field;
using testing::Gt;
using testing::HasSubstr;
using testing::SizeIs;

using Input = std::vector<std::int32_t>;

constexpr std::int64_t dimensions = 384;

std::vector<std::string> serving(const std::string& dtype = "float32")
{
    return {"--model", EMBEDD_MODEL, "--dtype", dtype, "--lanes", "2"};
}

Input input_of(int tokens, std::int32_t seed = 1)
{
    std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed * 1000 + tokens));
    std::uniform_int_distribution<std::int32_t> id(1000, 30000);
    Input input(static_cast<std::size_t>(tokens));
    std::ranges::generate(input, [&] { return id(random); });
    return input;
}

// Row by row, from a BatchDone's payload.
std::vector<std::vector<float>> vectors_of(const WorkerProcess::Received& received)
{
    std::vector<float> numbers(received.payload.size() / sizeof(float));
    std::memcpy(numbers.data(), received.payload.data(), received.payload.size());
    std::vector<std::vector<float>> rows;
    for (auto row = numbers.begin(); row != numbers.end(); row += dimensions)
        rows.emplace_back(row, row + dimensions);
    return rows;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b)
{
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += static_cast<double>(a[i]) * b[i];
        aa += static_cast<double>(a[i]) * a[i];
        bb += static_cast<double>(b[i]) * b[i];
    }
    return ab / std::sqrt(aa * bb);
}

ipc::BatchDone done(WorkerProcess& worker)
{
    return std::get<ipc::BatchDone>(worker.answer().message);
}

TEST(Worker, SaysWhatTheModelIsOnceItIsInMemory)
{
    WorkerProcess worker(serving());

    const auto loaded = worker.until<ipc::Loaded>();

    EXPECT_EQ(loaded.card.model.dimensions, 384U);
    EXPECT_EQ(loaded.card.model.max_tokens, 256U);
    EXPECT_EQ(loaded.card.model.dtype, "float32");
    EXPECT_THAT(loaded.card.model.fingerprint, SizeIs(16));
    EXPECT_EQ(loaded.card.pooling, "mean");
    EXPECT_EQ(loaded.card.vocabulary, 30522);
    EXPECT_TRUE(loaded.card.normalize);
    EXPECT_EQ(loaded.lanes, 2U);
    EXPECT_GT(loaded.weights_bytes, 40'000'000U);
    EXPECT_GT(loaded.resident_bytes, loaded.weights_bytes);
    EXPECT_EQ(loaded.rungs.front(), 8U);
    EXPECT_EQ(loaded.rungs.back(), 256U);
}

TEST(Worker, BuildsItsLadderForTheOperatorsBudgetOfABatch)
{
    auto arguments = serving();
    arguments.insert(arguments.end(), {"--max-batch-tokens", "320"});
    WorkerProcess worker(arguments);

    EXPECT_EQ(worker.until<ipc::Loaded>().rungs.back(), 320U);
}

TEST(Worker, HasALaneForEachCpuItMayRunOn)
{
    cpu_set_t before, one;
    ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    WorkerProcess worker({"--model", EMBEDD_MODEL});
    ::sched_setaffinity(0, sizeof before, &before);

    EXPECT_EQ(worker.until<ipc::Loaded>().lanes, 1U);
}

TEST(Worker, BeatsAndTellsItsStepsWhileItLoads)
{
    WorkerProcess worker(serving());

    std::vector<std::string> steps;
    std::vector<std::string> finished;
    while (true) {
        const auto received = worker.next();
        if (const auto* beat = std::get_if<ipc::HeartBeat>(&received.message))
            steps.push_back(beat->step);
        else if (const auto* progress = std::get_if<ipc::LoadProgress>(&received.message);
                 progress && progress->finished)
            finished.push_back(progress->phase);
        else if (std::holds_alternative<ipc::Loaded>(received.message))
            break;
    }

    EXPECT_THAT(steps, testing::Contains("device.init"));
    EXPECT_THAT(finished, testing::ElementsAre("device.init", "weights.read", "weights.place"));
}

// Of other models the last tensor is followed by some that nobody reads, and the end was told by itself.
TEST(Worker, TellsOnceThatWeightsAreReadWhereEachTensorOfTheFileIs)
{
    WorkerProcess worker({"--model", EMBEDD_SMALL_MODEL, "--dtype", "float32"});

    std::vector<std::string> finished;
    while (true) {
        const auto received = worker.next();
        const auto* progress = std::get_if<ipc::LoadProgress>(&received.message);
        if (progress && progress->finished)
            finished.push_back(progress->phase);
        if (std::holds_alternative<ipc::Loaded>(received.message))
            break;
    }

    EXPECT_THAT(finished, testing::ElementsAre("device.init", "weights.read", "weights.place"));
}

TEST(Worker, VisitsAShapeAsOftenAsItIsAskedAndSaysWhatEachPassCost)
{
    WorkerProcess worker(serving());
    worker.send(ipc::VisitShape{.batch = 1, .rows = 64, .length = 16, .uneven = true, .passes = 3});

    const auto visited = worker.until<ipc::Visited>();

    EXPECT_EQ(visited.batch, 1U);
    EXPECT_THAT(visited.device_us, AllOf(SizeIs(3), Each(Gt(0U))));
    EXPECT_TRUE(visited.finite);
    EXPECT_GT(visited.resident_bytes, 0U);
}

TEST(Worker, RefusesToVisitWhatIsNoShape)
{
    WorkerProcess worker(serving());
    const std::vector<ipc::VisitShape> shapes{{.batch = 1, .rows = 0, .length = 8},
                                              {.batch = 2, .rows = 8, .length = 0},
                                              {.batch = 3, .rows = 1ULL << 60, .length = 8},
                                              {.batch = 4, .rows = 8, .length = 8, .passes = 1ULL << 40},
                                              {.batch = 5, .task = "paint", .rows = 8, .length = 8}};
    for (const auto& shape : shapes) {
        worker.send(shape);
        const auto failed = worker.until<ipc::BatchFailed>();
        EXPECT_EQ(failed.batch, shape.batch);
        EXPECT_EQ(failed.fault, ipc::BatchFault::rejected);
    }
}

TEST(Worker, RoundsABatchUpToARungOfItsLadder)
{
    WorkerProcess worker(serving());
    (void)worker.until<ipc::Loaded>();

    for (const auto& [tokens, rows] : std::map<int, std::uint64_t>{{1, 8}, {10, 16}, {65, 80}, {256, 256}}) {
        worker.run(static_cast<std::uint64_t>(tokens), {input_of(tokens)});
        EXPECT_EQ(done(worker).rows, rows);
    }
}

TEST(Worker, GivesATextTheSameVectorAloneAndAmongOthersOnAllLanesAtOnce)
{
    WorkerProcess worker(serving());
    const std::vector<int> lengths{3, 9, 17, 40, 64, 7, 9, 100};
    std::vector<Input> inputs;
    std::vector<std::vector<float>> alone;
    for (const auto length : lengths) {
        inputs.push_back(input_of(length));
        worker.run(inputs.size(), {inputs.back()});
        alone.push_back(vectors_of(worker.answer()).front());
    }

    constexpr std::uint64_t first_batch = 100;
    constexpr std::uint64_t batches = 40;
    auto mixed = inputs;
    for (std::uint64_t batch = 0; batch < batches; ++batch) {
        std::ranges::rotate(mixed, mixed.begin() + 1);
        worker.run(first_batch + batch, mixed);
    }

    double worst = 1;
    for (std::uint64_t answered = 0; answered < batches; ++answered) {
        const auto received = worker.answer();
        const auto batch = std::get<ipc::BatchDone>(received.message).batch - first_batch;
        const auto together = vectors_of(received);
        ASSERT_EQ(together.size(), inputs.size());
        for (std::size_t row = 0; row < inputs.size(); ++row)
            worst = std::min(worst, cosine(together[row], alone[(row + batch + 1) % inputs.size()]));
    }
    EXPECT_GE(worst, 0.99999);
}

TEST(Worker, RefusesABadBatchAloneAndServesTheNext)
{
    WorkerProcess worker(serving());
    const std::vector<std::byte> too_short(4);

    worker.run(1, {{101, 30522, 102}});
    const auto bad_id = std::get<ipc::BatchFailed>(worker.answer().message);
    worker.send(ipc::RunBatch{.batch = 2, .inputs = 1, .tokens = 5}, too_short);
    const auto bad_payload = std::get<ipc::BatchFailed>(worker.answer().message);
    worker.send(ipc::RunBatch{.batch = 3});
    const auto empty = std::get<ipc::BatchFailed>(worker.answer().message);
    worker.send(ipc::RunBatch{.batch = 4, .task = "paint", .inputs = 1, .tokens = 5}, too_short);
    const auto bad_task = std::get<ipc::BatchFailed>(worker.answer().message);
    worker.run(5, {input_of(5)});
    const auto good = done(worker);

    for (const auto& failed : {bad_id, bad_payload, empty, bad_task})
        EXPECT_EQ(failed.fault, ipc::BatchFault::rejected) << failed.message;
    EXPECT_EQ(bad_id.batch, 1U);
    EXPECT_EQ(bad_payload.batch, 2U);
    EXPECT_EQ(good.batch, 5U);
}

TEST(Worker, AnswersBatchesWhileAnotherLaneVisitsAShape)
{
    WorkerProcess worker(serving());
    constexpr std::uint64_t visit = 100;
    constexpr std::uint64_t batches = 20;
    worker.send(ipc::VisitShape{.batch = visit, .rows = 256, .length = 256, .passes = 8});
    for (std::uint64_t batch = 1; batch <= batches; ++batch)
        worker.run(batch, {input_of(8)});

    std::uint64_t answered_before = 0;
    while (std::holds_alternative<ipc::BatchDone>(worker.answer().message))
        if (++answered_before == batches)
            break;

    EXPECT_GT(answered_before, 0U);
}

TEST(Worker, DescribesAModelWithoutReadingItsWeights)
{
    const auto command =
        std::string("'" EMBEDD_WORKER "' --describe --model '" EMBEDD_MODEL "' --dtype float32 --lanes 3");
    FILE* const output = ::popen(command.c_str(), "r");
    ASSERT_NE(output, nullptr);
    std::array<char, 4096> said{};
    const std::string line(said.data(), std::fread(said.data(), 1, said.size(), output));
    EXPECT_EQ(::pclose(output), 0);

    const auto description = ipc::parse_worker_description(line);

    ASSERT_TRUE(description) << line;
    EXPECT_EQ(description->max_tokens, 256U);
    EXPECT_EQ(description->lanes, 3U);
    EXPECT_EQ(description->rungs.back(), 256U);
    EXPECT_GT(description->operations_a_row, 1'000'000U);
}

TEST(Worker, FinishesItsRunningBatchWhenAskedToStop)
{
    WorkerProcess worker(serving());
    (void)worker.until<ipc::Loaded>();

    worker.run(1, {input_of(256)});
    worker.run(2, {input_of(200)});
    worker.send(ipc::Stop{});

    EXPECT_EQ(done(worker).batch + done(worker).batch, 3U);
    EXPECT_TRUE(worker.hung_up());
    EXPECT_EQ(worker.exit_status(), 0);
}

TEST(Worker, EndsWhenTheDaemonHangsUpWhateverItDoes)
{
    WorkerProcess loading(serving());
    WorkerProcess idle(serving());
    WorkerProcess warming(serving());
    (void)loading.next();
    (void)idle.until<ipc::Loaded>();
    warming.send(ipc::VisitShape{.batch = 1, .rows = 256, .length = 256, .passes = 64});
    (void)warming.until<ipc::Loaded>();

    loading.hang_up();
    idle.hang_up();
    warming.hang_up();

    EXPECT_EQ(loading.exit_status(), 0);
    EXPECT_EQ(idle.exit_status(), 0);
    EXPECT_EQ(warming.exit_status(), 0);
}

TEST(Worker, IsSeenToBeGoneWhenItIsKilled)
{
    WorkerProcess worker(serving());
    (void)worker.until<ipc::Loaded>();

    worker.kill();

    EXPECT_TRUE(worker.hung_up());
    EXPECT_EQ(worker.exit_status(), 128 + 9);
}

TEST(Worker, NamesTheFileOfAModelItCannotLoad)
{
    WorkerProcess worker({"--model", "/nonexistent/model"});

    auto received = worker.next();
    while (!std::holds_alternative<ipc::WorkerFailed>(received.message))
        received = worker.next();

    const auto& failed = std::get<ipc::WorkerFailed>(received.message);
    EXPECT_EQ(failed.exit_code, 78);
    EXPECT_THAT(failed.message, HasSubstr("/nonexistent/model"));
    EXPECT_EQ(worker.exit_status(), 78);
}

TEST(Worker, SaysThatADeviceIsMissing)
{
    WorkerProcess worker({"--model", EMBEDD_MODEL, "--device", "cuda:0"});

    const auto failed = std::get<ipc::WorkerFailed>(worker.next().message);

    EXPECT_EQ(failed.exit_code, 69);
    EXPECT_THAT(failed.message, HasSubstr("cuda:0"));
    EXPECT_EQ(worker.exit_status(), 69);
}

TEST(Worker, RefusesACommandLineThatIsNotOne)
{
    EXPECT_EQ(WorkerProcess({"--model", EMBEDD_MODEL, "--lanes", "none"}).exit_status(), 2);
    EXPECT_EQ(WorkerProcess({}).exit_status(), 2);
}

// oneDNN's own log is the witness: a primitive that is built after the warm-up is one that a client waits
// for.
TEST(Worker, BuildsNoPrimitiveForRowsThatOneLayerTouched)
{
    std::string folder = "/tmp/embedd-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const auto log = folder + "/onednn";
    const auto misses = [&log] {
        std::ifstream lines(log);
        int count = 0;
        for (std::string line; std::getline(lines, line);)
            count += line.find("cache_miss") != std::string::npos ? 1 : 0;
        return count;
    };
    WorkerProcess worker(serving("bfloat16"), {"ONEDNN_VERBOSE=profile_create"}, log);
    std::uint64_t visit = 1000;
    for (const auto rows : worker.until<ipc::Loaded>().rungs) {
        worker.send(ipc::VisitShape{.batch = ++visit, .rows = rows, .length = rows, .passes = 0});
        (void)worker.until<ipc::Visited>();
    }
    const auto warm = misses();

    for (int tokens = 2; tokens <= 256; tokens += 3) {
        worker.run(static_cast<std::uint64_t>(tokens), {input_of(tokens)});
        (void)worker.answer();
    }

    EXPECT_GT(warm, 0);
    EXPECT_EQ(misses(), warm);
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace embedd::tests

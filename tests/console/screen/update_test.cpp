#include "console/screen/update.hpp"

#include "tests/console/screen/scenes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace embedd::console::screen::test {
namespace {

using ::testing::HasSubstr;

// All that the keys order, one after another.
std::vector<Command> ordered(Model model, std::string_view keys)
{
    std::vector<Command> commands;
    for (const char c : keys) {
        auto key = Key{.character = static_cast<unsigned char>(c)};
        if (c == '\x1b')
            key = {.special = Key::Special::escape};
        auto step = update(std::move(model), key);
        model = std::move(step.model);
        commands.insert(commands.end(), step.commands.begin(), step.commands.end());
    }
    return commands;
}

template <class T>
bool has(const std::vector<Command>& commands)
{
    return std::any_of(commands.begin(), commands.end(),
                       [](const Command& command) { return std::holds_alternative<T>(command); });
}

constexpr Action rewarm{.kind = Action::Kind::rewarm};

TEST(Update, ARewarmIsAskedForAnsweredAndConfirmed)
{
    EXPECT_EQ(ordered(watched(20), "w"), (std::vector<Command>{AskDryRun{rewarm}}));
    EXPECT_THAT(asked(watched(20)).dialog->answer, HasSubstr("would re-warm replicas 0, 1, 24 cells"));

    EXPECT_EQ(ordered(asked(watched(20)), "y"), (std::vector<Command>{Perform{rewarm}}));
}

TEST(Update, EnterEscapeNAndQCancel)
{
    for (const auto* key : {"\n", "\r", "\x1b", "n", "q"}) {
        EXPECT_EQ(ordered(asked(watched(20)), key), std::vector<Command>{});
        EXPECT_FALSE(pressed(asked(watched(20)), key).dialog) << key;
    }
}

TEST(Update, BeforeTheDaemonAnsweredYDoesNothing)
{
    EXPECT_EQ(ordered(watched(20), "wy"), (std::vector<Command>{AskDryRun{rewarm}}));
    EXPECT_EQ(pressed(watched(20), "wy").message, "the daemon has not answered yet");
}

TEST(Update, WhatTheDaemonRefusesCannotBeConfirmed)
{
    auto model = told(pressed(watched(20), "w"),
                      DryRunAnswered{rewarm, ipc::Error{ipc::ErrorType::forbidden, "no\x1b", std::nullopt}});

    EXPECT_EQ(model.dialog->answer, "forbidden: no\\x1B");
    EXPECT_EQ(ordered(model, "y"), std::vector<Command>{});
}

TEST(Update, AnAnswerToAnotherQuestionConfirmsNothing)
{
    const auto model = told(pressed(watched(20), "r"),
                            DryRunAnswered{rewarm, ipc::RewarmReply{.dry_run = true, .replicas = {0}}});

    EXPECT_EQ(model.dialog->stage, Dialog::Stage::asking);
}

TEST(Update, WhatBecameImpossibleWhileTheQuestionStoodIsNotDone)
{
    auto status = serving(151);
    status.state = "draining";
    const auto model = told(asked(watched(20)), status, 1'021'000'000);

    EXPECT_EQ(ordered(model, "y"), std::vector<Command>{});
    EXPECT_EQ(pressed(model, "y").message, "not done: draining");
}

TEST(Update, ALostLinkClosesTheQuestion)
{
    EXPECT_FALSE(lost(asked(watched(20))).dialog);
    EXPECT_EQ(ordered(lost(asked(watched(20))), "y"), std::vector<Command>{});
}

TEST(Update, TheSelectedReplicaIsRestarted)
{
    const Action second{.kind = Action::Kind::restart_replica, .replica = 1};
    EXPECT_EQ(ordered(watched(20), "jr"), (std::vector<Command>{AskDryRun{second}}));

    const auto model = told(pressed(watched(20), "jr"),
                            DryRunAnswered{second, ipc::RestartReplicaReply{.dry_run = true, .replica = 1}});
    EXPECT_EQ(ordered(model, "y"), (std::vector<Command>{Perform{second}}));
}

TEST(Update, ARewarmOfOursIsEndedByEscapeAndY)
{
    const auto model = pressed(asked(watched(20)), "y");

    EXPECT_EQ(ordered(model, "\x1b"), std::vector<Command>{});
    EXPECT_EQ(ordered(model, "\x1by"), (std::vector<Command>{Perform{{.kind = Action::Kind::cancel}}}));
    EXPECT_EQ(ordered(watched(20), "\x1by"), std::vector<Command>{});
}

TEST(Update, QAsksBeforeItEndsARewarmOfOurs)
{
    const auto model = pressed(asked(watched(20)), "y");

    EXPECT_EQ(ordered(model, "q"), std::vector<Command>{});
    EXPECT_EQ(pressed(model, "q").dialog->answer, "y ends it and quits; what is warm stays warm");
    EXPECT_EQ(ordered(model, "qy"), (std::vector<Command>{Quit{}}));
    for (const auto* key : {"\n", "\x1b", "n", "q"})
        EXPECT_EQ(ordered(model, std::string{"q"} + key), std::vector<Command>{}) << key;
    EXPECT_EQ(ordered(model, "Q"), (std::vector<Command>{Quit{}}));
}

TEST(Update, QuittingThatWasConfirmedQuitsAlsoWhenTheRewarmIsOverByThen)
{
    const auto model = pressed(pressed(asked(watched(20)), "y"), "q");

    EXPECT_EQ(ordered(told(model, OperationEnded{model.now_us, ipc::RewarmReply{}}), "y"),
              (std::vector<Command>{Quit{}}));
}

TEST(Update, QAsksNothingWhereNothingEndsWithIt)
{
    const Action second{.kind = Action::Kind::restart_replica, .replica = 1};
    const auto restarting =
        pressed(told(pressed(watched(20), "jr"),
                     DryRunAnswered{second, ipc::RestartReplicaReply{.dry_run = true, .replica = 1}}),
                "y");

    EXPECT_EQ(ordered(restarting, "q"), (std::vector<Command>{Quit{}}));
    EXPECT_EQ(ordered(lost(pressed(asked(watched(20)), "y")), "qq"), (std::vector<Command>{Quit{}}));
    auto rewarming = serving(151);
    rewarming.state = "rewarming"; // somebody else's
    EXPECT_EQ(ordered(told(watched(20), std::move(rewarming), 1'021'000'000), "q"),
              (std::vector<Command>{Quit{}}));
}

TEST(Update, ARewarmThatItsOperatorEndedSaysSo)
{
    auto model = pressed(asked(watched(20)), "y\x1by");
    model = told(std::move(model), OperationEnded{model.now_us + 5, EndedHere{}});

    EXPECT_EQ(model.operation->result, "ended by the operator of this console; what is warm stays warm");
}

TEST(Update, TheReportStaysUntilItIsClosed)
{
    auto model = pressed(asked(watched(20)), "y");
    model = told(std::move(model), ProgressCame{{.replica = 1, .done = 3, .total = 24}});
    EXPECT_EQ(model.operation->progress.at(1).done, 3);
    model = told(std::move(model), OperationEnded{model.now_us + 5, ipc::RewarmReply{.report = report()}});

    EXPECT_EQ(model.operation->report, report());
    EXPECT_THAT(model.operation->result, HasSubstr("re-warm done in 1.31 s"));
    EXPECT_FALSE(pressed(model, "\x1b").operation);
    EXPECT_FALSE(pressed(model, "q").operation);
}

// Every path of keys, some hundred thousand of them: without y nothing is performed, and y performs only what
// a dry run was answered for.
TEST(Update, NoKeyChangesTheDaemonWithoutAConfirmation)
{
    constexpr std::string_view keys = "?hwWrctsSmpk+-exaj \t\n\x1bn";
    std::mt19937 chance{1};
    for (int path = 0; path < 400; ++path) {
        auto model = watched(2);
        for (int i = 0; i < 40; ++i) {
            const auto before = model.dialog;
            const bool confirms = chance() % 5 == 0;
            const auto key = confirms
                                 ? Key{.character = U'y'}
                                 : Key{.character = static_cast<unsigned char>(keys[chance() % keys.size()])};
            auto step = update(std::move(model), key);
            model = std::move(step.model);
            if (has<Perform>(step.commands)) {
                ASSERT_TRUE(confirms);
                ASSERT_TRUE(before && before->stage == Dialog::Stage::answered);
            }
            if (model.dialog && chance() % 2 == 0)
                model = told(std::move(model), DryRunAnswered{model.dialog->action, ipc::RewarmReply{}});
        }
    }
}

TEST(Update, ReadOnlyNeverSendsWhatever)
{
    std::string all;
    for (char c = 1; c < 127; ++c)
        if (c != 3 && c != 'Q' && c != 'q')
            all += std::string{c} + "y\n";
    auto model = watched(20);
    model.access = Access::read_only;

    const auto commands = ordered(model, all);

    EXPECT_FALSE(has<Perform>(commands));
    EXPECT_FALSE(has<AskDryRun>(commands));
    EXPECT_EQ(pressed(model, "w").message, "w Re-warm: read-only");
}

TEST(Update, InAReplayThereIsNobodyToAsk)
{
    auto model = watched(20);
    model.access = Access::replay;

    EXPECT_EQ(pressed(model, "w").message, "w Re-warm: replay");
    EXPECT_EQ(pressed(lost(model), "r").message, "r Restart: replay");
    EXPECT_EQ(pressed(lost(model), "c").message, "c Retry now: replay");
    EXPECT_EQ(ordered(lost(model), "wyryc"), std::vector<Command>{});
}

TEST(Update, AKeyThatIsOffSaysWhy)
{
    const auto refused = [](auto change) {
        auto status = serving(151);
        change(status);
        return pressed(told(watched(20), std::move(status), 1'021'000'000), "w").message;
    };

    EXPECT_EQ(refused([](ipc::Status& status) { status.may.clear(); }), "w Re-warm: not permitted");
    EXPECT_EQ(refused([](ipc::Status& status) { status.state = "warming"; }), "w Re-warm: warming up");
    EXPECT_EQ(refused([](ipc::Status& status) { status.state = "rewarming"; }), "w Re-warm: re-warming");
    EXPECT_EQ(pressed(lost(watched(20)), "w").message, "w Re-warm: no link");
    EXPECT_EQ(pressed(opened(), "w").message, "w Re-warm: no link");
    EXPECT_EQ(pressed(watched(20, 0), "r").message, "r Restart: no replica");
    EXPECT_EQ(pressed(watched(20), "c").message, "c Retry now: not lost");
}

TEST(Update, KeysItDoesNotKnowDoNothing)
{
    EXPECT_EQ(ordered(watched(20), "bdfgz019~\x01\x7f"), std::vector<Command>{});
    EXPECT_TRUE(pressed(watched(20), "bz").message.empty());
}

TEST(Update, TheIntervalStaysWithinItsBounds)
{
    EXPECT_EQ(ordered(watched(2), "+"), (std::vector<Command>{SetInterval{2'000'000}}));
    EXPECT_EQ(ordered(watched(2), "-"), (std::vector<Command>{SetInterval{500'000}}));
    EXPECT_EQ(pressed(watched(2), "++++++++++").interval_us, 10'000'000);
    EXPECT_EQ(pressed(watched(2), "----------").interval_us, 100'000);
}

TEST(Update, QClosesWhatIsOpenBeforeItQuits)
{
    EXPECT_EQ(ordered(watched(2), "?qeqq"), (std::vector<Command>{Quit{}}));
    EXPECT_EQ(ordered(asked(watched(2)), "Q"), (std::vector<Command>{Quit{}}));
    EXPECT_EQ(ordered(asked(watched(2)), "\x03"), (std::vector<Command>{Quit{}}));
}

TEST(Update, PausedThePictureStandsAndDataAreStillKept)
{
    auto model = pressed(watched(20), "p");
    const auto before = model.drawn().status->mono_us;
    model = told(std::move(model), serving(151), 1'021'000'000);

    EXPECT_EQ(model.drawn().status->mono_us, before);
    EXPECT_EQ(pressed(model, " ").drawn().status->mono_us, before + 1'000'000);
}

TEST(Update, WindowStageAndPaneGoRound)
{
    EXPECT_EQ(pressed(watched(2), "t").view.window, Window::minute);
    EXPECT_EQ(pressed(watched(2), "ttt").view.window, Window::ten_seconds);
    EXPECT_EQ(pressed(watched(2), "s").view.stage, "queue");
    EXPECT_EQ(pressed(watched(2), "S").view.stage, "serialize");
    EXPECT_EQ(pressed(watched(2), "mmmmmm").view.lower, Pane::heatmap);
}

TEST(Update, TheSelectionStaysWithinTheReplicas)
{
    EXPECT_EQ(pressed(watched(2), "jjjj").view.replica, 1);
    EXPECT_EQ(pressed(watched(2), "jkkk").view.replica, 0);
    EXPECT_EQ(told(pressed(watched(2, 16), "jjjjjjjj"), serving(140, 2), 1'010'000'000).view.replica, 1);
    EXPECT_EQ(told(pressed(watched(2), "j"), serving(140, 0), 1'010'000'000).view.replica, 0);
}

TEST(Update, ALinkHealsByItself)
{
    auto model = lost(watched(20));
    EXPECT_TRUE(is_old(model));
    EXPECT_EQ(model.link.tries, 5);

    model = told(std::move(model), serving(170), model.now_us + 1'000'000);

    EXPECT_FALSE(is_old(model));
    EXPECT_EQ(model.link.tries, 0);
}

TEST(Update, SilenceForTwoIntervalsIsOldData)
{
    auto model = pressed(watched(20), "+"); // 2 s
    const auto now = model.now_us;

    EXPECT_FALSE(is_old(told(model, Ticked{now + 4'000'000})));
    EXPECT_TRUE(is_old(told(model, Ticked{now + 4'000'001})));
    EXPECT_FALSE(is_old(told(model, Ticked{0}))); // a clock that went back
}

TEST(Update, WithTheLinkTheOperationsEndIsLost)
{
    const auto model = lost(pressed(asked(watched(20)), "y"));

    EXPECT_EQ(model.operation->result, "its end was not seen: the link was lost");
}

TEST(Keys, EveryDeedHasOneRowInTheTableAndEveryRowAKey)
{
    for (const auto& binding : bindings()) {
        EXPECT_FALSE(binding.what.empty()) << binding.keys;
        EXPECT_EQ(std::count_if(bindings().begin(), bindings().end(),
                                [&](const Binding& other) { return other.deed == binding.deed; }),
                  1)
            << binding.keys;
        const Key key{.character = static_cast<unsigned char>(binding.keys.front())};
        EXPECT_TRUE(binding.keys.size() > 3 || deed_of(key) == binding.deed || binding.keys == "Tab" ||
                    binding.keys == "Esc")
            << binding.keys;
    }
}

} // namespace
} // namespace embedd::console::screen::test

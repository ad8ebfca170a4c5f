#include "bench/texts.hpp"

#include <algorithm>
#include <array>

namespace embedd::bench {

namespace {

// Whole sentences, so that the tokenizer meets words as they come in prose.
constexpr std::array<std::string_view, 40> sentences{
    "The night train to the coast leaves at half past nine from platform four.",
    "A small error in the index can make a whole search return nothing useful.",
    "Rain is expected in the north, with strong winds along the western shore.",
    "She repaired the old radio with a piece of copper wire and a lot of patience.",
    "The committee will publish its report on water quality before the end of May.",
    "Our database keeps a copy of every page that the crawler has visited twice.",
    "Most of the villages in the valley are connected by a narrow mountain road.",
    "The recipe asks for two eggs, a cup of flour and a spoon of brown sugar.",
    "Engineers measured the bridge for cracks after the unusually cold winter.",
    "He could not remember where he had read about the island with black sand.",
    "Memory bandwidth, not arithmetic, limits how quickly this kernel can run.",
    "The museum opens a new exhibition of maps from the seventeenth century.",
    "If the pump stops, close the red valve first and then call the operator.",
    "Prices for copper fell for the third week, while those for grain recovered.",
    "The patient should take the tablets with water and avoid driving afterwards.",
    "Volunteers counted more than three hundred species of birds in one morning.",
    "A lawyer explained the difference between a lease and a licence to occupy.",
    "The telescope will look for planets around stars much smaller than the sun.",
    "Please restart the service after the configuration file has been changed.",
    "The children built a dam of stones and watched the stream find another way.",
    "In the second half the home team changed its keeper and scored three goals.",
    "The novel follows a family of glass makers through four generations.",
    "Sensors in the greenhouse report temperature and humidity every ten seconds.",
    "Nobody expected the small bakery on the corner to win the national prize.",
    "The function returns an empty list when the user has no open invoices.",
    "Salt marshes protect the coast by taking the energy out of incoming waves.",
    "An old letter in the archive mentions a tunnel under the northern wall.",
    "The printer is out of paper again, and the spare key is in the blue drawer.",
    "Scientists disagree about how quickly the glacier has moved since the eighties.",
    "To change the language of the interface, open the settings and choose region.",
    "The orchestra rehearsed the quiet movement until the hall was almost dark.",
    "Cyclists may use the bus lane on weekdays between ten and four o'clock.",
    "A cheaper battery made from sodium could store the power of wind farms.",
    "The court decided that the contract had ended when the goods were delivered.",
    "Fresh snow covered the tracks before the rescue team reached the hut.",
    "The teacher asked each pupil to describe a smell without naming its source.",
    "Please describe how to cancel a subscription that was paid for a whole year.",
    "The ferry turns around if the waves in the strait are higher than two metres.",
    "Compilers may reorder these two reads unless a fence stands between them.",
    "Archaeologists found seeds of millet in a jar that had been sealed with wax."};

// In the vocabulary as they are.
constexpr std::array<std::string_view, 32> single_token_words{
    "time",    "year",    "people",   "way",    "day",        "man",    "thing",   "woman",
    "life",    "child",   "world",    "school", "state",      "family", "student", "group",
    "country", "problem", "hand",     "part",   "place",      "case",   "week",    "company",
    "system",  "program", "question", "work",   "government", "number", "night",   "point"};
constexpr std::size_t special_tokens = 2;

} // namespace

Texts Texts::of_tokens(std::size_t tokens, std::uint64_t seed)
{
    Texts texts{std::max(tokens, special_tokens + 1) - special_tokens, seed};
    texts.single_tokens_ = true;
    return texts;
}

std::optional<TextKind> text_kind_from(std::string_view name) noexcept
{
    if (name == "short")
        return TextKind::short_;
    if (name == "mixed")
        return TextKind::mixed;
    if (name == "long")
        return TextKind::long_;
    return std::nullopt;
}

std::size_t Texts::draw_words()
{
    const auto between = [this](std::size_t low, std::size_t high) {
        return std::uniform_int_distribution<std::size_t>{low, high}(random_);
    };
    if (words_)
        return *words_;
    switch (kind_) {
    case TextKind::short_:
        return between(5, 14);
    case TextKind::mixed:
        return between(8, 220);
    case TextKind::long_:
        return between(190, 240);
    }
    return 1;
}

std::string Texts::single_tokens(std::size_t words)
{
    std::string text;
    for (std::size_t word = 0; word < words; ++word) {
        text += word == 0 ? "" : " ";
        text += single_token_words[random_() % single_token_words.size()];
    }
    return text;
}

std::string Texts::next()
{
    const auto wanted = draw_words();
    if (single_tokens_)
        return single_tokens(wanted);
    std::string text;
    for (std::size_t words = 0; words < wanted;) {
        std::string_view rest =
            sentences[std::uniform_int_distribution<std::size_t>{0, sentences.size() - 1}(random_)];
        while (!rest.empty() && words < wanted) {
            const auto end = std::min(rest.find(' '), rest.size());
            if (!text.empty())
                text += ' ';
            text += rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            ++words;
        }
    }
    return text;
}

} // namespace embedd::bench

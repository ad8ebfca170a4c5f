// Compiled for AVX512-BF16 alone; see attend_packed for who may call.
#include "model/packed_attention.hpp"

#include <immintrin.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace embedd::model {
namespace {

constexpr std::size_t lanes = 16; // float32 in a register
constexpr int queries_at_once = 8;

std::size_t rounded_up(std::size_t count, std::size_t multiple)
{
    return (count + multiple - 1) / multiple * multiple;
}

// One head of one input. Products are taken two bfloat16 at a time, so keys are packed as pairs of their
// numbers for 16 keys a register, values as pairs of keys.
struct Head {
    const Bfloat16* queries; // row after row, `stride` apart
    std::size_t stride;
    std::size_t length;
    const std::int32_t* keys;   // [length / 16][head size / 2][16]
    const std::int32_t* values; // [length / 2][head size]
    float* scores;              // [queries_at_once][padded]
    std::int32_t* weights;      // the same, as pairs: [queries_at_once][padded / 2]
    std::size_t padded;
    Bfloat16* attended;
    std::size_t attended_stride;
    float scale; // of a score, to a power of two
};

// Memory of a thread, kept from one batch to the next.
class Scratch {
public:
    void* take(std::size_t bytes)
    {
        if (bytes > capacity_) {
            capacity_ = rounded_up(bytes, 4096);
            memory_.reset(std::aligned_alloc(64, capacity_));
            if (!memory_) {
                capacity_ = 0;
                throw std::bad_alloc();
            }
        }
        return memory_.get();
    }

private:
    struct Free {
        void operator()(void* memory) const { std::free(memory); }
    };
    std::unique_ptr<void, Free> memory_;
    std::size_t capacity_ = 0;
};

__m512bh pairs(__m512i bits)
{
    return reinterpret_cast<__m512bh>(bits);
}

// 16 rows of 16 pairs become 16 columns.
void transpose(__m512i (&rows)[16])
{
    __m512i a[16], b[16];
    for (int i = 0; i < 16; i += 2) {
        a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
        b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
        b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
        b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
    for (int i = 0; i < 4; ++i) {
        a[i] = _mm512_shuffle_i32x4(b[i], b[i + 4], 0x88);
        a[i + 4] = _mm512_shuffle_i32x4(b[i], b[i + 4], 0xdd);
        a[i + 8] = _mm512_shuffle_i32x4(b[i + 8], b[i + 12], 0x88);
        a[i + 12] = _mm512_shuffle_i32x4(b[i + 8], b[i + 12], 0xdd);
    }
    for (int i = 0; i < 8; ++i) {
        rows[i] = _mm512_shuffle_i32x4(a[i], a[i + 8], 0x88);
        rows[i + 8] = _mm512_shuffle_i32x4(a[i], a[i + 8], 0xdd);
    }
}

void pack_keys(const Bfloat16* keys, std::size_t stride, std::size_t length, std::size_t head_size,
               std::int32_t* into)
{
    for (std::size_t key = 0; key < length; key += lanes)
        for (std::size_t column = 0; column < head_size; column += 2 * lanes) {
            __m512i rows[16];
            for (std::size_t row = 0; row < lanes; ++row)
                rows[row] = key + row < length ? _mm512_loadu_si512(keys + (key + row) * stride + column)
                                               : _mm512_setzero_si512();
            transpose(rows);
            for (std::size_t pair = 0; pair < lanes; ++pair)
                _mm512_store_si512(into + (key * head_size / 2) + (column / 2 + pair) * lanes, rows[pair]);
        }
}

void pack_values(const Bfloat16* values, std::size_t stride, std::size_t length, std::size_t head_size,
                 std::int32_t* into)
{
    for (std::size_t key = 0; key < length; key += 2)
        for (std::size_t column = 0; column < head_size; column += lanes) {
            const auto load = [&](std::size_t row) {
                return row < length ? _mm512_cvtepu16_epi32(_mm256_loadu_si256(
                                          reinterpret_cast<const __m256i*>(values + row * stride + column)))
                                    : _mm512_setzero_si512();
            };
            const auto both = _mm512_or_si512(load(key), _mm512_slli_epi32(load(key + 1), 16));
            _mm512_store_si512(into + key / 2 * head_size + column, both);
        }
}

// 2^x for x <= 0, to the 8 bits that are kept. NaN stays NaN: max gives its second operand.
__m512 power_of_two(__m512 x)
{
    x = _mm512_max_ps(_mm512_set1_ps(-126.0f), x);
    const __m512 whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m512 part = _mm512_sub_ps(x, whole);
    __m512 power = _mm512_set1_ps(0.0096181291f);
    power = _mm512_fmadd_ps(power, part, _mm512_set1_ps(0.0555041087f));
    power = _mm512_fmadd_ps(power, part, _mm512_set1_ps(0.2402265070f));
    power = _mm512_fmadd_ps(power, part, _mm512_set1_ps(0.6931471806f));
    power = _mm512_fmadd_ps(power, part, _mm512_set1_ps(1.0f));
    return _mm512_scalef_ps(power, whole);
}

template <int Queries, int Blocks>
void score_blocks(const Head& head, const Bfloat16* queries, std::size_t key, std::size_t pairs_in_head,
                  __m512 (&largest)[Queries])
{
    __m512 sums[Queries][Blocks];
    for (auto& row : sums)
        for (auto& sum : row)
            sum = _mm512_setzero_ps();
    const auto* keys = head.keys + key * pairs_in_head;
    for (std::size_t pair = 0; pair < pairs_in_head; ++pair) {
        __m512bh columns[Blocks];
        for (int block = 0; block < Blocks; ++block)
            columns[block] = pairs(
                _mm512_load_si512(keys + (static_cast<std::size_t>(block) * pairs_in_head + pair) * lanes));
        for (int query = 0; query < Queries; ++query) {
            std::int32_t both;
            __builtin_memcpy(&both, queries + static_cast<std::size_t>(query) * head.stride + 2 * pair,
                             sizeof both);
            for (int block = 0; block < Blocks; ++block)
                sums[query][block] =
                    _mm512_dpbf16_ps(sums[query][block], columns[block], pairs(_mm512_set1_epi32(both)));
        }
    }
    for (int block = 0; block < Blocks; ++block) {
        const auto at = key + static_cast<std::size_t>(block) * lanes;
        const auto left = head.length - at;
        const auto real = static_cast<__mmask16>(left >= lanes ? 0xffffu : (1u << left) - 1u);
        const auto nothing = _mm512_set1_ps(-__builtin_inff());
        for (int query = 0; query < Queries; ++query) {
            const auto sum = _mm512_mask_mov_ps(nothing, real, sums[query][block]);
            largest[query] = _mm512_max_ps(largest[query], sum);
            _mm512_store_ps(head.scores + static_cast<std::size_t>(query) * head.padded + at, sum);
        }
    }
}

// Scores become weights, as bfloat16; returns one over their sum.
float weigh(const Head& head, std::size_t query, __m512 largest)
{
    const auto scale = _mm512_set1_ps(head.scale);
    const auto shift = _mm512_set1_ps(-_mm512_reduce_max_ps(largest) * head.scale);
    const auto* scores = head.scores + query * head.padded;
    auto* weights = head.weights + query * head.padded / 2;
    auto sum = _mm512_setzero_ps();
    for (std::size_t key = 0; key < head.padded; key += lanes) {
        const auto power = power_of_two(_mm512_fmadd_ps(_mm512_load_ps(scores + key), scale, shift));
        sum = _mm512_add_ps(sum, power);
        _mm256_store_si256(reinterpret_cast<__m256i*>(weights + key / 2),
                           reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(power)));
    }
    return 1 / _mm512_reduce_add_ps(sum);
}

template <int Queries, int Registers>
void mix(const Head& head, std::size_t first, std::size_t column, std::size_t head_size, const float* inverse)
{
    __m512 sums[Queries][Registers];
    for (auto& row : sums)
        for (auto& sum : row)
            sum = _mm512_setzero_ps();
    for (std::size_t pair = 0; pair < (head.length + 1) / 2; ++pair) {
        __m512bh values[Registers];
        for (int part = 0; part < Registers; ++part)
            values[part] = pairs(_mm512_load_si512(head.values + pair * head_size + column +
                                                   static_cast<std::size_t>(part) * lanes));
        for (int query = 0; query < Queries; ++query) {
            const auto weight =
                _mm512_set1_epi32(head.weights[static_cast<std::size_t>(query) * head.padded / 2 + pair]);
            for (int part = 0; part < Registers; ++part)
                sums[query][part] = _mm512_dpbf16_ps(sums[query][part], values[part], pairs(weight));
        }
    }
    for (int query = 0; query < Queries; ++query)
        for (int part = 0; part < Registers; ++part) {
            const auto scaled = _mm512_mul_ps(sums[query][part], _mm512_set1_ps(inverse[query]));
            auto* to = head.attended + (first + static_cast<std::size_t>(query)) * head.attended_stride +
                       column + static_cast<std::size_t>(part) * lanes;
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                                reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(scaled)));
        }
}

template <int Queries>
void attend_queries(const Head& head, std::size_t first, std::size_t head_size)
{
    const auto* queries = head.queries + first * head.stride;
    __m512 largest[Queries];
    for (auto& value : largest)
        value = _mm512_set1_ps(-__builtin_inff());
    std::size_t key = 0;
    for (; key + 2 * lanes <= head.padded; key += 2 * lanes)
        score_blocks<Queries, 2>(head, queries, key, head_size / 2, largest);
    if (key < head.padded)
        score_blocks<Queries, 1>(head, queries, key, head_size / 2, largest);
    float inverse[Queries];
    for (int query = 0; query < Queries; ++query)
        inverse[query] = weigh(head, static_cast<std::size_t>(query), largest[query]);
    for (std::size_t column = 0; column < head_size; column += 2 * lanes)
        mix<Queries, 2>(head, first, column, head_size, inverse);
}

void attend_queries(const Head& head, std::size_t first, std::size_t count, std::size_t head_size)
{
    switch (count) {
    case 1:
        return attend_queries<1>(head, first, head_size);
    case 2:
        return attend_queries<2>(head, first, head_size);
    case 3:
        return attend_queries<3>(head, first, head_size);
    case 4:
        return attend_queries<4>(head, first, head_size);
    case 5:
        return attend_queries<5>(head, first, head_size);
    case 6:
        return attend_queries<6>(head, first, head_size);
    case 7:
        return attend_queries<7>(head, first, head_size);
    default:
        return attend_queries<queries_at_once>(head, first, head_size);
    }
}

} // namespace

void attend_packed(const PackedRows& rows, std::span<const std::int32_t> offsets)
{
    thread_local Scratch scratch;
    const auto head_size = rows.hidden / rows.heads;
    const auto stride = 3 * rows.hidden;
    for (std::size_t input = 0; input + 1 < offsets.size(); ++input) {
        const auto begin = static_cast<std::size_t>(offsets[input]);
        const auto length = static_cast<std::size_t>(offsets[input + 1]) - begin;
        const auto padded = rounded_up(length, lanes);
        const auto packed = padded * head_size / 2; // pairs
        auto* keys = static_cast<std::int32_t*>(
            scratch.take(sizeof(std::int32_t) * (2 * packed + queries_at_once * (padded + padded / 2))));
        auto* values = keys + packed;
        auto* scores = reinterpret_cast<float*>(values + packed);
        auto* weights = values + packed + queries_at_once * padded;
        for (std::size_t index = 0; index < rows.heads; ++index) {
            const auto* queries = rows.projected + begin * stride + index * head_size;
            pack_keys(queries + rows.hidden, stride, length, head_size, keys);
            pack_values(queries + 2 * rows.hidden, stride, length, head_size, values);
            const float scale = 1.44269504f / __builtin_sqrtf(static_cast<float>(head_size));
            const Head head{queries,     stride, length,
                            keys,        values, scores,
                            weights,     padded, rows.attended + begin * rows.hidden + index * head_size,
                            rows.hidden, scale};
            // Evenly, since a block of one query costs nearly as much as one of five.
            const auto blocks = (length + queries_at_once - 1) / queries_at_once;
            for (std::size_t block = 0, first = 0; block < blocks; ++block) {
                const auto last = (block + 1) * length / blocks;
                attend_queries(head, first, last - first, head_size);
                first = last;
            }
        }
    }
}

} // namespace embedd::model

#include "model/processor.hpp"

#include "model/row_kernels.hpp"

namespace embedd::model {

bool has_avx512()
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool has_avx512_bfloat16()
{
    return has_avx512() && __builtin_cpu_supports("avx512bf16");
}

template <>
const RowKernels<float>& row_kernels()
{
    return has_avx512() ? avx512::float_kernels : any_processor::float_kernels;
}

template <>
const RowKernels<Bfloat16>& row_kernels()
{
    return has_avx512() ? avx512::bfloat16_kernels : any_processor::bfloat16_kernels;
}

} // namespace embedd::model

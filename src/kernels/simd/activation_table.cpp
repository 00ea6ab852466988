// Elementwise activations compiled for each instruction set, chosen at run time.
#include "kernels/simd/activation_table.h"

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/activation_table.cpp"
#include <hwy/foreach_target.h>

#include "kernels/simd/activation_functions-inl.h"
#include "kernels/simd/elementwise-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {

std::span<const ActivationEntry> ActivationEntries() {
  static constexpr ActivationEntry kEntries[] = {
      Entry<Relu>("relu"),
      Entry<Relu6>("relu6"),
      Entry<LeakyRelu>("leaky_relu"),
      Entry<BoundedRelu>("bounded_relu"),
      Entry<Elu>("elu"),
      Entry<Selu>("selu"),
      Entry<Celu>("celu"),
      Entry<Exponential>("exponential"),
      Entry<SigmoidFunction>("sigmoid"),
      Entry<LogSigmoid>("log_sigmoid"),
      Entry<HardSigmoid>("hard_sigmoid"),
      Entry<Silu>("silu"),
      Entry<HardSilu>("hard_silu"),
      Entry<TanhFunction>("tanh"),
      Entry<HardTanh>("hard_tanh"),
      Entry<TanhShrink>("tanh_shrink"),
      Entry<SoftplusFunction>("softplus"),
      Entry<Softsign>("softsign"),
      Entry<HardShrink>("hard_shrink"),
      Entry<SoftShrink>("soft_shrink"),
      Entry<Gelu>("gelu"),
      Entry<GeluTanh>("gelu_tanh"),
      Entry<Mish>("mish"),
      Entry<SparsePlus>("sparse_plus"),
      Entry<SparseSigmoid>("sparse_sigmoid"),
      Entry<Squareplus>("squareplus"),
  };
  return kEntries;
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(ActivationEntries);

std::span<const ActivationEntry> activation_entries() {
  static const std::span<const ActivationEntry> entries = HWY_DYNAMIC_DISPATCH(ActivationEntries)();
  return entries;
}

const ActivationEntry* find_activation_entry(std::string_view name) {
  for (const ActivationEntry& entry : activation_entries())
    if (name == entry.name) return &entry;
  return nullptr;
}

}  // namespace batchwise
#endif

// Elementwise activations compiled for each instruction set, chosen at run time.
#include "kernels/simd/activation_table.h"

#include <cstring>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/activation_table.cpp"
#include <hwy/foreach_target.h>

#include "kernels/simd/activation_functions-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

// The last elements go through a whole vector too: the same arithmetic whatever the position.
template <class Body>
HWY_INLINE void Run(const float* a, const float* b, float* out, int64_t count, Body body) {
  const F d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(body(d, hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  if (i == count) return;
  HWY_ALIGN float tail_a[hn::MaxLanes(F())] = {}, tail_b[hn::MaxLanes(F())] = {};
  const size_t bytes = static_cast<size_t>(count - i) * sizeof(float);
  std::memcpy(tail_a, a + i, bytes);
  std::memcpy(tail_b, b + i, bytes);
  hn::Store(body(d, hn::Load(d, tail_a), hn::Load(d, tail_b)), d, tail_a);
  std::memcpy(out + i, tail_a, bytes);
}

template <class Function>
void Forward(const P& p, const float* x, float* y, int64_t count) {
  Run(x, x, y, count, [&](F d, V v, V) HWY_ATTR { return Function::Forward(d, p, v); });
}

template <class Function>
void Backward(const P& p, const float* dy, const float* point, float* dx, int64_t count) {
  Run(dy, point, dx, count, [&](F d, V g, V v) HWY_ATTR { return hn::Mul(g, Function::Slope(d, p, v)); });
}

template <class Function>
constexpr ActivationEntry Entry(const char* name) {
  return {name, &Forward<Function>, &Backward<Function>, Function::kFromOutput};
}

}  // namespace

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

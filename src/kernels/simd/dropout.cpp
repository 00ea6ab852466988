// Dropout and normal noise: Philox 4x32-10 on vectors of counters, compiled for each instruction set, chosen at run
// time.
#include "kernels/simd/dropout.h"

#include <algorithm>
#include <cstring>

#include "base/random.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/dropout.cpp"
#include <hwy/foreach_target.h>

#include "kernels/simd/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {
using U = hn::ScalableTag<uint32_t>;
using Word = hn::Vec<U>;

constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(U()));
constexpr int64_t kWords = 4 * kLanes;  // of one step: four for each counter

#if HWY_TARGET != HWY_SCALAR
// Upper and lower halves of the products of `multiplier` with each lane.
HWY_INLINE void Multiply(U d, Word a, Word multiplier, Word& high, Word& low) {
  const hn::RepartitionToWide<U> wide;
  const auto even = hn::MulEven(a, multiplier);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, a))), multiplier);
  high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
  low = hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
}
#endif

// The words of counters [first, first + lanes).
HWY_INLINE void RandomWords(uint64_t key, uint64_t sample, uint64_t first, uint32_t* words) {
#if HWY_TARGET == HWY_SCALAR
  const auto four = philox(key, sample, first);
  std::copy(four.begin(), four.end(), words);
#else
  const U d;
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  // The lower halves of the counters do not wrap within a step: `first` is a multiple of the lanes.
  Word c0 = hn::Iota(d, static_cast<uint32_t>(first)), c1 = hn::Set(d, static_cast<uint32_t>(first >> 32));
  Word c2 = hn::Set(d, static_cast<uint32_t>(sample)), c3 = hn::Set(d, static_cast<uint32_t>(sample >> 32));
  const Word m0 = hn::Set(d, 0xD2511F53u), m1 = hn::Set(d, 0xCD9E8D57u);
  for (int round = 0; round < 10; ++round) {
    Word high0, low0, high1, low1;
    Multiply(d, c0, m0, high0, low0);
    Multiply(d, c2, m1, high1, low1);
    c0 = hn::Xor(hn::Xor(high1, c1), hn::Set(d, k0));
    c1 = low1;
    c2 = hn::Xor(hn::Xor(high0, c3), hn::Set(d, k1));
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  hn::StoreInterleaved4(c0, c1, c2, c3, d, words);
#endif
}

}  // namespace

void DropElements(const float* x, float* y, int64_t count, uint64_t key, uint64_t sample, uint32_t threshold,
                  float scale) {
  const F d;
  const U du;
  const hn::Rebind<int32_t, F> di;
  const auto dropped = hn::Set(di, static_cast<int32_t>(threshold) - 1);  // the largest draw that is dropped
  const auto factor = hn::Set(d, scale);
  HWY_ALIGN uint32_t words[kWords];
  HWY_ALIGN float part[kWords];
  for (int64_t at = 0; at < count; at += kWords) {
    RandomWords(key, sample, static_cast<uint64_t>(at / 4), words);
    const bool whole = at + kWords <= count;
    const float* from = x + at;
    float* to = y + at;
    if (!whole) {
      std::memset(part, 0, sizeof part);
      std::memcpy(part, from, static_cast<size_t>(count - at) * sizeof(float));
      from = to = part;
    }
    for (int64_t i = 0; i < kWords; i += kLanes) {
      const auto draw = hn::BitCast(di, hn::ShiftRight<8>(hn::Load(du, words + i)));
      const auto kept = hn::RebindMask(d, hn::Gt(draw, dropped));
      hn::StoreU(hn::IfThenElseZero(kept, hn::Mul(hn::LoadU(d, from + i), factor)), d, to + i);
    }
    if (!whole) std::memcpy(y + at, part, static_cast<size_t>(count - at) * sizeof(float));
  }
}

// Box and Muller's: two words make two numbers.
void NormalElements(float* y, int64_t count, uint64_t key, uint64_t sample, float mean, float deviation) {
  const F d;
  const U du;
  const hn::Rebind<int32_t, F> di;
  HWY_ALIGN uint32_t words[kWords];
  HWY_ALIGN float numbers[kWords];
  const auto unit = [&](Word word) HWY_ATTR {
    return hn::Mul(hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<8>(word))), C(d, 0x1p-24));
  };
  for (int64_t at = 0; at < count; at += kWords) {
    RandomWords(key, sample, static_cast<uint64_t>(at / 4), words);
    for (int64_t i = 0; i < kWords; i += 2 * kLanes) {
      Word first, second;
      hn::LoadInterleaved2(du, words + i, first, second);
      const V square = hn::Mul(C(d, -2), LogOf(d, hn::Sub(C(d, 1), unit(first))));
      const V radius = hn::Mul(C(d, deviation), hn::Sqrt(hn::Max(square, hn::Zero(d))));
      const V angle = hn::Mul(C(d, 6.283185307179586), unit(second));
      hn::StoreInterleaved2(hn::MulAdd(radius, hn::Cos(d, angle), C(d, mean)),
                            hn::MulAdd(radius, hn::Sin(d, angle), C(d, mean)), d, numbers + i);
    }
    std::memcpy(y + at, numbers, static_cast<size_t>(std::min(kWords, count - at)) * sizeof(float));
  }
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(DropElements);
HWY_EXPORT(NormalElements);

void drop_elements(const float* x, float* y, int64_t count, uint64_t key, uint64_t sample, uint32_t threshold,
                   float scale) {
  HWY_DYNAMIC_DISPATCH(DropElements)(x, y, count, key, sample, threshold, scale);
}

void normal_elements(float* y, int64_t count, uint64_t key, uint64_t sample, float mean, float deviation) {
  HWY_DYNAMIC_DISPATCH(NormalElements)(y, count, key, sample, mean, deviation);
}

}  // namespace batchwise
#endif

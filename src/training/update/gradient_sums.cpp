// Sums over the grains of a batch in one order.
#include "training/update/gradient_sums.h"

#include <bit>
#include <cstring>
#include <type_traits>

#include "kernels/simd/sums.h"
#include "plan/grain.h"
#include "plan/placement.h"

namespace batchwise {
namespace {

constexpr uint32_t kAbandoned = ~uint32_t{0};

template <class T>
void add(T* sum, const T* term, int64_t count) {
  if constexpr (std::is_same_v<T, float>) add_elements(sum, term, sum, count);
  else
    for (int64_t i = 0; i < count; ++i) sum[i] += term[i];
}

}  // namespace

int64_t GradientSums::Shape::bytes(const Shape& shape) {
  int64_t total = aligned(shape.doubles * 8);
  for (int64_t count : shape.floats) total += aligned(count * 4);
  return total;
}

GradientSums::GradientSums(const Shape& shape, int64_t slots, bool by_grain, std::byte* memory)
    : shape_(shape), by_grain_(by_grain), memory_(memory), slot_bytes_(Shape::bytes(shape)) {
  int64_t offset = 0;
  for (int64_t count : shape.floats) {
    offsets_.push_back(offset);
    offset += aligned(count * 4);
  }
  offsets_.push_back(offset);
  turns_ = std::make_unique<std::atomic<uint32_t>[]>(shape.floats.size() + 1);
  std::memset(memory, 0, static_cast<size_t>(slots * slot_bytes_));
}

void GradientSums::begin(int64_t grains, int64_t blocks) {
  grains_ = grains;
  blocks_ = std::min(blocks, grains);
  for (size_t i = 0; i <= shape_.floats.size(); ++i) turns_[i].store(0, std::memory_order_relaxed);
}

int64_t GradientSums::block_of(int64_t grain) const {
  int64_t block = grain * blocks_ / grains_;
  while (first_grain(block + 1) <= grain) ++block;
  return block;
}

float* GradientSums::direct(int run, int64_t grain) const {
  if (by_grain_) return nullptr;  // until its turn, the slot may still hold an unmerged block
  const int64_t block = block_of(grain);
  return first_grain(block) == grain ? slot(block, run) : nullptr;
}

float* GradientSums::sum_before(int run, int64_t grain) const {
  if (by_grain_ || direct(run, grain)) return nullptr;
  return slot(block_of(grain), run);
}

template <class T, class At>
void GradientSums::merge_finished(int64_t block, int64_t count, const At& at) {
  // A binary counter: the slot of a block is the number of trees pending before it; every one-bit carried is a merge.
  int64_t depth = std::popcount(static_cast<uint64_t>(block));
  for (uint64_t rest = static_cast<uint64_t>(block); rest & 1; rest >>= 1, --depth)
    add<T>(at(depth - 1), at(depth), count);
  if (block + 1 == blocks_)
    for (int64_t left = std::popcount(static_cast<uint64_t>(blocks_)) - 1; left > 0; --left)
      add<T>(at(left - 1), at(left), count);
}

template <class T, class At>
void GradientSums::add_in_order(int64_t grain, int64_t count, const T* values, const At& at) {
  const int64_t block = block_of(grain);
  T* sum = at(by_grain_ ? std::popcount(static_cast<uint64_t>(block)) : block);
  if (first_grain(block) == grain) std::memcpy(sum, values, static_cast<size_t>(count) * sizeof(T));
  else add<T>(sum, values, count);
  if (by_grain_ && is_last(grain, block)) merge_finished<T>(block, count, at);
}

void GradientSums::wait_turn(std::atomic<uint32_t>& turn, int64_t grain) {
  const uint32_t mine = static_cast<uint32_t>(grain);
  uint32_t seen = 0;
  turn_passed_.wait([&] {
    seen = turn.load(std::memory_order_acquire);
    return seen == mine || seen == kAbandoned;
  });
  if (seen == kAbandoned) throw Abandoned{};
}

void GradientSums::pass_turn(std::atomic<uint32_t>& turn, int64_t grain) {
  uint32_t mine = static_cast<uint32_t>(grain);
  turn.compare_exchange_strong(mine, mine + 1, std::memory_order_release);  // unless abandoned meanwhile
  turn_passed_.announce();
}

void GradientSums::give(int run, int64_t grain, const float* values) {
  const auto at = [&](int64_t index) { return slot(index, run); };
  auto& turn = turns_[static_cast<size_t>(run)];
  if (by_grain_) wait_turn(turn, grain);
  add_in_order<float>(grain, run_size(run), values, at);
  if (by_grain_) pass_turn(turn, grain);
}

float* GradientSums::open(int run, int64_t grain) {
  if (by_grain_) wait_turn(turns_[static_cast<size_t>(run)], grain);
  const int64_t block = block_of(grain);
  float* sum = slot(by_grain_ ? std::popcount(static_cast<uint64_t>(block)) : block, run);
  if (first_grain(block) == grain) std::memset(sum, 0, static_cast<size_t>(run_size(run)) * sizeof(float));
  return sum;
}

void GradientSums::close(int run, int64_t grain) {
  if (!by_grain_) return;
  const int64_t block = block_of(grain);
  if (is_last(grain, block))
    merge_finished<float>(block, run_size(run), [&](int64_t index) { return slot(index, run); });
  pass_turn(turns_[static_cast<size_t>(run)], grain);
}

int64_t GradientSums::given_bytes(int run, int64_t grain) const {
  const int64_t bytes = run_size(run) * static_cast<int64_t>(sizeof(float));
  return (first_grain(block_of(grain)) == grain ? 2 : kAddition) * bytes + closed_bytes(run, grain);
}

int64_t GradientSums::closed_bytes(int run, int64_t grain) const {
  const int64_t block = block_of(grain);
  if (!by_grain_ || !is_last(grain, block)) return 0;
  int64_t merges = std::countr_one(static_cast<uint64_t>(block));
  if (block + 1 == blocks_) merges += std::popcount(static_cast<uint64_t>(blocks_)) - 1;
  return merges * kAddition * run_size(run) * static_cast<int64_t>(sizeof(float));
}

void GradientSums::give_doubles(int64_t grain, const double* values) {
  const auto at = [&](int64_t index) { return doubles(index); };
  auto& turn = turns_[shape_.floats.size()];
  if (by_grain_) wait_turn(turn, grain);
  add_in_order<double>(grain, shape_.doubles, values, at);
  if (by_grain_) pass_turn(turn, grain);
}

void GradientSums::abandon() {
  for (size_t i = 0; i <= shape_.floats.size(); ++i) { turns_[i].store(kAbandoned, std::memory_order_release); }
  turn_passed_.announce();
}

void GradientSums::finish_doubles() {
  const int64_t slots = pending();
  for (int64_t stride = 1; stride < slots; stride *= 2)
    for (int64_t i = 0; i + stride < slots; i += 2 * stride) add(doubles(i), doubles(i + stride), shape_.doubles);
}

void GradientSums::finish(int run, int64_t begin, int64_t end) {
  const int64_t slots = pending();
  for (int64_t stride = 1; stride < slots; stride *= 2)
    for (int64_t i = 0; i + stride < slots; i += 2 * stride)
      add(slot(i, run) + begin, slot(i + stride, run) + begin, end - begin);
}

}  // namespace batchwise

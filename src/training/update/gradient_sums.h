// Sums over the grains of a batch in one order: grains in a chain inside a block, blocks in a balanced binary tree.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "training/lanes/signal.h"

namespace batchwise {

// Runs of floats (one per learned weight) and one run of doubles (losses, metrics). Two ways to run the same additions:
// by block, a lane takes a whole block and each block has a slot of its own; by grain, lanes take grains in turn and
// add in turn, and finished blocks are merged as soon as the tree allows, so that few slots are pending.
class GradientSums {
 public:
  struct Shape {
    std::vector<int64_t> floats;  // elements of each run
    int64_t doubles = 0;
    static int64_t bytes(const Shape& shape);  // of one slot
  };

  // `memory`: slots * Shape::bytes(shape).
  GradientSums(const Shape& shape, int64_t slots, bool by_grain, std::byte* memory);

  bool by_grain() const { return by_grain_; }
  void begin(int64_t grains, int64_t blocks);

  // Where the gradient of `grain` may be written at once, because it is the first of a block whose slot is free for it;
  // null: it must be made elsewhere and given.
  float* direct(int run, int64_t grain) const;
  // Adds a grain's run. By grain: waits for its turn. Throws Abandoned when another lane failed.
  void give(int run, int64_t grain, const float* values);
  // Where a grain adds its part itself: the sum of those before it in its block, or zeros. By grain: waits for its
  // turn, which close passes on. Throws Abandoned when another lane failed.
  float* open(int run, int64_t grain);
  void close(int run, int64_t grain);
  // Where a grain's part may be added at once by whoever makes it: the sum of those before it in its block, which no
  // other lane adds to. Null: by grain, or for the first of a block.
  float* sum_before(int run, int64_t grain) const;
  // Bytes that are read and written when a grain's run is given (copied or added), or closed, its finished blocks
  // merged.
  int64_t given_bytes(int run, int64_t grain) const;
  int64_t closed_bytes(int run, int64_t grain) const;
  void give_doubles(int64_t grain, const double* values);
  // Wakes all that wait for a turn that will not come.
  void abandon();

  // After all grains: the runs of the result are the tree sums of the first `pending()` slots.
  int64_t pending() const { return by_grain_ ? 1 : blocks_; }
  float* slot(int64_t index, int run) const {
    return reinterpret_cast<float*>(memory_ + index * slot_bytes_ + offsets_[static_cast<size_t>(run)]);
  }
  double* doubles(int64_t index) const {
    return reinterpret_cast<double*>(memory_ + index * slot_bytes_ + offsets_.back());
  }
  // Adds up the doubles of all pending slots into slot 0.
  void finish_doubles();
  // slot 0's elements [begin, end) of a run become the tree sum over all pending slots.
  void finish(int run, int64_t begin, int64_t end);
  int64_t run_size(int run) const { return shape_.floats[static_cast<size_t>(run)]; }

  static constexpr int64_t kAddition = 3;  // a run is read and added to another, which is read and written

  struct Abandoned {};

 private:
  int64_t block_of(int64_t grain) const;
  int64_t first_grain(int64_t block) const { return block * grains_ / blocks_; }
  bool is_last(int64_t grain, int64_t block) const { return first_grain(block + 1) == grain + 1; }
  template <class T, class At>
  void add_in_order(int64_t grain, int64_t count, const T* values, const At& at);
  template <class T, class At>
  void merge_finished(int64_t block, int64_t count, const At& at);
  void wait_turn(std::atomic<uint32_t>& turn, int64_t grain);
  void pass_turn(std::atomic<uint32_t>& turn, int64_t grain);

  Shape shape_;
  bool by_grain_;
  std::byte* memory_;
  std::vector<int64_t> offsets_;  // of each run in a slot, then of the doubles
  int64_t slot_bytes_;
  int64_t grains_ = 0, blocks_ = 0;
  Signal turn_passed_;
  std::unique_ptr<std::atomic<uint32_t>[]> turns_;  // next grain, per run and for the doubles
};

}  // namespace batchwise

// Elements in another order for each pass: through a buffer, in TensorFlow's order; or all, by number.
#include <limits>

#include <batchwise/dataset.h>

#include "base/random.h"
#include "data/sources/picked_rows.h"
#include "data/stages/counts.h"
#include "data/stages/following_stage.h"
#include "data/stages/rows.h"
#include "data/stages/tensorflow_random.h"

namespace batchwise {
namespace {

class ShuffleStream final : public Stream {
 public:
  ShuffleStream(std::unique_ptr<Stream> before, int64_t size, TensorflowRandom random)
      : before_(std::move(before)), size_(size), random_(random) {}
  bool next(Element& element) override {
    // A buffer that is a ring: an element that leaves is replaced by the oldest, and the ring moves on.
    while (!ended_ && filled_ - first_ < size_) {
      Element one;
      if (!before_->next(one)) {
        ended_ = true;
        break;
      }
      if (static_cast<int64_t>(ring_.size()) < size_) ring_.push_back(std::move(one));
      else ring_[static_cast<size_t>(filled_ % size_)] = std::move(one);
      ++filled_;
    }
    if (filled_ == first_) return false;
    const int64_t drawn = random_.next() % (filled_ - first_);
    Element& chosen = ring_[static_cast<size_t>((first_ + drawn) % size_)];
    element = std::move(chosen);
    chosen = std::move(ring_[static_cast<size_t>(first_ % size_)]);
    ++first_;
    return true;
  }

 private:
  std::unique_ptr<Stream> before_;
  const int64_t size_;
  TensorflowRandom random_;
  std::vector<Element> ring_;
  int64_t first_ = 0, filled_ = 0;  // elements that left, and that came
  bool ended_ = false;
};

class ShuffledRows final : public PickedRows {
 public:
  ShuffledRows(std::shared_ptr<const Source> source, uint64_t seed, bool anew)
      : PickedRows(source, source->size()), key_(random_key(seed, "shuffle stage")), anew_(anew) {}
  bool costly() const override { return true; }  // the order depends on the pass, which read() is told

 private:
  Picked pick(int64_t row, uint64_t pass) const override {
    const Permutation order(static_cast<uint64_t>(size()), mix(key_, anew_ ? pass : 0));
    return {static_cast<int64_t>(order(static_cast<uint64_t>(row))), pass};
  }
  uint64_t key_;
  bool anew_;
};

class Shuffle final : public FollowingStage {
 public:
  Shuffle(std::shared_ptr<const Stage> before, const ShuffleOptions& options)
      : FollowingStage(std::move(before)), options_(options) {
    require(options.buffer_size >= 0, "shuffle", "buffer_size must be at least 1, or 0 for all elements. Got ",
            options.buffer_size, ".");
    if (options.buffer_size == 0)
      require(this->before().cardinality() != kInfinite, "shuffle",
              "an endless data set needs a buffer_size. Got none.");
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    if (const auto by_number = rows()) return RowsStage(by_number).open(pass);
    const TensorflowRandom seeds(options_.global_seed, options_.seed);
    // A pass draws its own two seeds from the stage's.
    const TensorflowRandom random =
        options_.reshuffle_each_iteration ? TensorflowRandom(seeds.at(2 * pass), seeds.at(2 * pass + 1)) : seeds;
    constexpr int64_t kAll = std::numeric_limits<int64_t>::max();
    return std::make_unique<ShuffleStream>(before().open(pass), options_.buffer_size > 0 ? options_.buffer_size : kAll,
                                           random);
  }
  std::shared_ptr<const Source> rows() const override {
    if (options_.buffer_size > 0) return nullptr;
    auto rows = before().rows();
    if (!rows || rows->size() == 0) return rows;
    return std::make_shared<ShuffledRows>(std::move(rows), options_.seed, options_.reshuffle_each_iteration);
  }
  bool ordered() const override { return true; }
  int64_t resident_bytes() const override {
    if (before().rows() && options_.buffer_size == 0) return before().resident_bytes();
    const int64_t all = before().cardinality();
    const int64_t held = options_.buffer_size == 0 ? std::max<int64_t>(all, 0) : held_of(options_.buffer_size, all);
    return before().resident_bytes() + bytes_of(held, element_bytes(before().columns()));
  }

 private:
  ShuffleOptions options_;
};

}  // namespace

Dataset Dataset::shuffle(const ShuffleOptions& options) const {
  return then(std::make_shared<Shuffle>(stage(), options));
}

Dataset Dataset::shuffle(int64_t buffer_size) const {
  require(buffer_size >= 1, "shuffle", "buffer_size must be at least 1. Got ", buffer_size, ".");
  return shuffle(ShuffleOptions{.buffer_size = buffer_size});
}

}  // namespace batchwise

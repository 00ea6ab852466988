// Elements of like length together in padded batches: one group per range of lengths.
#include <algorithm>
#include <map>

#include <batchwise/dataset.h>

#include "data/stages/batch.h"
#include "data/stages/counts.h"
#include "data/stages/following_stage.h"
#include "data/stages/padded_batch.h"
#include "data/stages/user_call.h"

namespace batchwise {
namespace {

using Length = std::function<int64_t(const Element&)>;
using Make = std::function<Element(const std::vector<Element>&, size_t bucket)>;

class BucketStream final : public Stream {
 public:
  BucketStream(const Stage& before, const Length& length, const BucketOptions& options, const Make& make, uint64_t pass)
      : data_(before), before_(before.open(pass)), length_(length), options_(options), make_(make) {}
  bool next(Element& element) override {
    Element one;
    while (!ended_) {
      if (!before_->next(one)) {
        ended_ = true;
        break;
      }
      const size_t bucket = bucket_of(user_call(
          "bucket_by_sequence_length", number_++, [&] { return data_.describe(); }, [&] { return length_(one); }));
      std::vector<Element>& group = groups_[bucket];
      group.push_back(std::move(one));
      if (static_cast<int64_t>(group.size()) < options_.bucket_batch_sizes[bucket]) continue;
      // Out of the way first: a group that cannot be made into a batch must not come again.
      const std::vector<Element> whole = std::move(group);
      groups_.erase(bucket);
      element = make_(whole, bucket);
      return true;
    }
    if (options_.drop_remainder || groups_.empty()) return false;
    const auto rest = groups_.extract(groups_.begin());
    element = make_(rest.mapped(), rest.key());
    return true;
  }

 private:
  size_t bucket_of(int64_t length) const {
    const auto& bounds = options_.bucket_boundaries;
    return static_cast<size_t>(std::upper_bound(bounds.begin(), bounds.end(), length) - bounds.begin());
  }
  const Stage& data_;
  std::unique_ptr<Stream> before_;
  const Length& length_;
  const BucketOptions& options_;
  const Make& make_;
  std::map<size_t, std::vector<Element>> groups_;
  int64_t number_ = 0;
  bool ended_ = false;
};

class Bucket final : public FollowingStage {
 public:
  Bucket(std::shared_ptr<const Stage> before, Length length, BucketOptions options)
      : FollowingStage(std::move(before)), length_(std::move(length)), options_(std::move(options)) {
    const char* where = "bucket_by_sequence_length";
    const auto& bounds = options_.bucket_boundaries;
    require(std::is_sorted(bounds.begin(), bounds.end()) &&
                std::adjacent_find(bounds.begin(), bounds.end()) == bounds.end(),
            where, "bucket_boundaries must rise.");
    require(options_.bucket_batch_sizes.size() == bounds.size() + 1, where,
            "bucket_batch_sizes must have one entry more than bucket_boundaries, ", bounds.size() + 1, ". Got ",
            options_.bucket_batch_sizes.size(), ".");
    for (const int64_t size : options_.bucket_batch_sizes)
      require(size >= 1, where, "bucket_batch_sizes must be at least 1. Got ", size, ".");
    Padding{options_.padded_shapes, options_.padding_values}.check(this->before().columns(), where);
    make_ = [this](const std::vector<Element>& elements, size_t bucket) { return made(elements, bucket); };
  }
  std::vector<Column> columns() const override {
    std::vector<Column> columns = before().columns();
    for (size_t c = 0; c < columns.size(); ++c) {
      if (!options_.padded_shapes.empty()) columns[c].shape = options_.padded_shapes[c];
      columns[c].shape = columns[c].shape.with_batch(kUnknownDim);
    }
    return columns;
  }
  int64_t cardinality() const override { return before().cardinality() == kInfinite ? kInfinite : kUnknown; }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<BucketStream>(before(), length_, options_, make_, pass);
  }
  // A batch less than full per bucket, and the one that is handed over.
  int64_t resident_bytes() const override {
    const Padding padding{options_.padded_shapes, options_.padding_values};
    const int64_t each = element_bytes(before().columns()), row = padding.row_bytes(before().columns());
    int64_t bytes = before().resident_bytes(), most = 0;
    for (size_t b = 0; b < options_.bucket_batch_sizes.size(); ++b) {
      const int64_t held = held_of(options_.bucket_batch_sizes[b], before().cardinality());
      bytes += bytes_of(held, each);
      most = std::max(most, bytes_of(held, row));
    }
    return bytes + most;
  }

 private:
  Element made(const std::vector<Element>& elements, size_t bucket) const {
    const char* where = "bucket_by_sequence_length";
    if (options_.no_padding) return stack(elements, where);
    Padding padding{options_.padded_shapes, options_.padding_values};
    if (options_.pad_to_bucket_boundary) {
      require(bucket < options_.bucket_boundaries.size(), where,
              "with pad_to_bucket_boundary every element must be shorter than the last boundary, ",
              options_.bucket_boundaries.empty() ? 0 : options_.bucket_boundaries.back(), ". Got a longer one.");
      // Longest of a bucket is one less than its boundary.
      if (padding.shapes.empty())
        for (const Column& column : before().columns()) padding.shapes.push_back(column.shape);
      for (Shape& shape : padding.shapes)
        for (int axis = 0; axis < shape.rank(); ++axis)
          if (shape[axis] < 0) shape[axis] = options_.bucket_boundaries[bucket] - 1;
    }
    return padded(elements, padding, where);
  }
  Length length_;
  BucketOptions options_;
  Make make_;
};

}  // namespace

Dataset Dataset::bucket_by_sequence_length(std::function<int64_t(const Element&)> length,
                                           const BucketOptions& options) const {
  return then(std::make_shared<Bucket>(stage(), std::move(length), options));
}

}  // namespace batchwise

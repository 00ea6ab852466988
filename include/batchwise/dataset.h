// Data sets: inputs, targets and weights over rows or over a pipeline of stages, with the words of tf.data.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <batchwise/stage.h>
#include <batchwise/stage_options.h>

namespace batchwise {

// A whole batch in memory, for loops of one's own and for train_on_batch.
struct Batch {
  std::vector<Array> x;
  std::vector<Array> y;
  std::vector<Array> sample_weight;  // empty: all ones
  int64_t rows() const { return x.empty() ? 0 : x.front().rows(); }
};

class Windows;

// Inputs, targets and weights. A value: copies share the stages. Where the elements can be had by number (arrays,
// files, and what map, take, batch, ... make of them) fit shuffles exactly and any lane fetches its own grain; else
// they come one after another. Every stage has tf.data's meaning; randomness is addressed by seed and pass.
class Dataset {
 public:
  Dataset() = default;
  Dataset(Array x);  // for predict
  Dataset(Array x, Array y, Array sample_weight = {});
  Dataset(std::vector<Array> x, std::vector<Array> y, std::vector<Array> sample_weight = {});
  // Columns of `source`: the first `inputs` are inputs, then `targets` targets, the rest sample weights.
  Dataset(std::shared_ptr<const Source> source, int inputs, int targets);
  // The components of `stage`. Without roles Keras's rule: x; x and y; x, y and sample weights.
  explicit Dataset(std::shared_ptr<const Stage> stage, int inputs = kByCount, int targets = kByCount);

  // --- where elements come from
  static Dataset range(int64_t stop);
  static Dataset range(int64_t start, int64_t stop, int64_t step = 1);
  static Dataset from_tensors(Element element);           // one element
  static Dataset from_tensor_slices(Element components);  // one element per row
  // `make` begins a pass anew; what it returns gives one element per call and false at the end.
  using Next = std::function<bool(Element& element)>;
  static Dataset from_generator(std::function<Next()> make, std::vector<Column> columns = {});
  static Dataset random(uint64_t seed);  // TensorFlow's numbers for this seed, 0 to 2^32 - 1, without end
  static Dataset zip(const std::vector<Dataset>& parts);
  // One element after another from the part that `choice` names, or that is drawn.
  static Dataset choose_from_datasets(std::vector<Dataset> parts, const Dataset& choice, bool stop_on_empty = true);
  static Dataset sample_from_datasets(std::vector<Dataset> parts, const SampleFromOptions& options);

  // --- stages
  Dataset map(MapFunction function, const MapOptions& options = {}) const;
  Dataset filter(std::function<bool(const Element&)> keeps) const;
  Dataset shuffle(const ShuffleOptions& options = {}) const;  // without a buffer size: all of them
  Dataset shuffle(int64_t buffer_size) const;
  Dataset batch(int64_t rows, const BatchOptions& options = {}) const;
  Dataset ragged_batch(int64_t rows, const BatchOptions& options = {}) const;  // per component: values, row lengths
  Dataset padded_batch(int64_t rows, const PaddedBatchOptions& options = {}) const;
  Dataset bucket_by_sequence_length(std::function<int64_t(const Element&)> length, const BucketOptions& options) const;
  Dataset sparse_batch(int64_t rows, const Shape& row_shape) const;  // one component: indices, values, shape
  Dataset unbatch() const;
  Dataset rebatch(const RebatchSizes& rows, const BatchOptions& options = {}) const;
  Dataset repeat(int64_t count = kInfinite) const;
  Dataset take(int64_t count) const;  // -1: all
  Dataset skip(int64_t count) const;  // -1: all
  Dataset shard(int64_t count, int64_t index) const;
  Dataset concatenate(const Dataset& other) const;
  Dataset interleave(std::function<Dataset(const Element&)> make, const InterleaveOptions& options = {}) const;
  Dataset flat_map(std::function<Dataset(const Element&)> make) const;
  Windows window(int64_t size, const WindowOptions& options = {}) const;
  Dataset group_by_window(std::function<int64_t(const Element&)> key,
                          std::function<Dataset(int64_t key, const Dataset& window)> reduce,
                          std::function<int64_t(int64_t key)> window_size) const;
  Dataset scan(Element state, std::function<Element(Element& state, const Element&)> step) const;
  Dataset take_while(std::function<bool(const Element&)> holds) const;
  Dataset unique() const;
  Dataset enumerate(int64_t start = 0) const;
  Dataset cache(const std::string& file = "") const;  // "": in memory
  Dataset prefetch(int64_t elements = kAutotune) const;
  Dataset ignore_errors() const;
  Dataset assert_cardinality(int64_t count) const;
  Element reduce(Element state, const std::function<Element(const Element& state, const Element&)>& step) const;
  Dataset with_roles(int inputs, int targets) const;  // which components are inputs and targets

  // --- looking at it
  int64_t cardinality() const { return stage_ ? stage_->cardinality() : 0; }
  std::vector<Column> columns() const { return stage_ ? stage_->columns() : std::vector<Column>{}; }
  const std::shared_ptr<const Stage>& stage() const { return stage_; }
  bool has_rows() const { return source_ != nullptr; }  // elements can be had by number
  bool empty() const { return stage_ == nullptr; }
  std::string describe() const;
  int64_t size() const;          // REQUIRES: has_rows()
  const Source& source() const;  // throws unless has_rows()
  int num_inputs() const;
  int num_targets() const;
  int num_weights() const;
  const Column& input(int i) const;   // REQUIRES: has_rows()
  const Column& target(int i) const;  // REQUIRES: has_rows()

  // The elements of a pass as Batches, one after another; begin() starts the next pass.
  class Iterator;
  Iterator begin() const;
  std::default_sentinel_t end() const { return {}; }
  Batch batch_of(const Element& element) const;  // by roles

  // Consecutive rows [first, first + count) as a data set, without copying.
  Dataset slice(int64_t first, int64_t count) const;
  Batch read(int64_t first, int64_t count) const;

 private:
  static constexpr int kByCount = -1;
  Dataset then(std::shared_ptr<const Stage> stage) const;  // the same roles where the components are as many
  struct Roles {
    int inputs = 0, targets = 0, weights = 0;
  };
  Roles roles() const;

  std::shared_ptr<const Stage> stage_;
  std::shared_ptr<const Source> source_;
  int inputs_ = 0, targets_ = 0, components_ = -1;  // the roles of so many components; of others by Keras's rule
  std::shared_ptr<std::atomic<uint64_t>> passes_;
};

class Dataset::Iterator {
 public:
  using difference_type = std::ptrdiff_t;
  using value_type = Batch;
  Iterator(const Dataset& data, uint64_t pass);
  const Batch& operator*() const { return batch_; }
  const Batch* operator->() const { return &batch_; }
  const Element& element() const { return element_; }
  Iterator& operator++();
  void operator++(int) { ++*this; }
  friend bool operator==(const Iterator& a, std::default_sentinel_t) { return a.stream_ == nullptr; }

 private:
  Dataset data_;
  std::shared_ptr<Stream> stream_;
  Element element_;
  Batch batch_;
};

// Windows over a data set: each is a data set per component, to be made into elements by flat_map.
class Windows {
 public:
  Windows(Dataset data, int64_t size, const WindowOptions& options);
  int64_t cardinality() const;
  // The windows' elements, one window after another, as `make` wants them: window.batch(size).
  Dataset flat_map(std::function<Dataset(const Dataset& window)> make) const;
  std::vector<Dataset> list() const;  // all of them: for data that ends

 private:
  Dataset data_;
  int64_t size_;
  WindowOptions options_;
};

namespace datasets {
struct Split {
  Dataset train, test;
};
// Images uint8 (N, 28, 28, 1) and labels uint8 (N). fashion_mnist comes with Debian's dataset-fashion-mnist; mnist's
// four files are looked for under `directory`, $BATCHWISE_DATA and the cache.
Split fashion_mnist(const std::string& directory = "");
Split mnist(const std::string& directory = "");
}  // namespace datasets

}  // namespace batchwise

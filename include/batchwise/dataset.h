// Where samples come from: random access to rows, so that any lane can fetch its own grain.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <batchwise/array.h>

namespace batchwise {

// One column of a data set: an input, a target or a sample weight.
struct Column {
  std::string name;              // "" for the only one
  Shape shape;                   // of one sample
  DType dtype = DType::Float32;  // as stored
};

// Rows in storage order. Thread-safe: const calls may run concurrently. Fetching must not allocate.
class Source {
 public:
  virtual ~Source() = default;
  virtual int64_t size() const = 0;  // samples
  virtual const std::vector<Column>& columns() const = 0;
  // Writes column `column` of the samples `rows` one after another to `out`, in the column's stored dtype.
  // Elements of dtype String point to text that lives as long as the source.
  virtual void fetch(int column, std::span<const int64_t> rows, void* out) const = 0;
  virtual std::string describe() const { return "data"; }  // for messages: a file name
  virtual int64_t resident_bytes() const { return 0; }     // memory the source holds: the plan's pipeline bytes
  // A text that is another one whenever the rows would be; "": not known. Names a cache of the rows.
  virtual std::string identity() const { return ""; }
};

// A whole batch in memory, for loops of one's own and for train_on_batch.
struct Batch {
  std::vector<Array> x;
  std::vector<Array> y;
  std::vector<Array> sample_weight;  // empty: all ones
  int64_t rows() const { return x.empty() ? 0 : x.front().rows(); }
};

// Inputs, targets and weights over one or more sources. A value: copies share the sources.
class Dataset {
 public:
  Dataset() = default;
  Dataset(Array x);  // for predict
  Dataset(Array x, Array y, Array sample_weight = {});
  Dataset(std::vector<Array> x, std::vector<Array> y, std::vector<Array> sample_weight = {});
  // Columns of `source`: the first `inputs` are inputs, then `targets` targets, the rest sample weights.
  Dataset(std::shared_ptr<const Source> source, int inputs, int targets);

  int64_t size() const;
  bool empty() const { return source_ == nullptr; }
  const Source& source() const { return *source_; }
  int num_inputs() const { return inputs_; }
  int num_targets() const { return targets_; }
  int num_weights() const;
  const Column& input(int i) const;
  const Column& target(int i) const;

  // Consecutive rows [first, first + count) as a data set, without copying.
  Dataset slice(int64_t first, int64_t count) const;
  Batch read(int64_t first, int64_t count) const;
  std::vector<Batch> batch(int64_t rows) const;  // consecutive batches, the last one shorter

 private:
  std::shared_ptr<const Source> source_;
  int inputs_ = 0;
  int targets_ = 0;
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

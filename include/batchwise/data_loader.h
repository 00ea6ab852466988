// PyTorch's shape of data: classes with size() and get(i), and a loader that makes batches of them.
#pragma once

#include <concepts>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <batchwise/element.h>

namespace batchwise {

// A class of one's own: get(i) may be called from several threads at once, and gives the same for the same i. What it
// returns: an Array, a number, or a pair or tuple of them (inputs, then targets).
template <class T>
concept SampleRows = requires(const T& rows) {
  { rows.size() } -> std::convertible_to<int64_t>;
  element_of(rows.get(int64_t{0}));
};

// The samples by number, so that fit shuffles them exactly. All must have the shapes and types of the first.
Dataset from_samples(int64_t size, std::function<Element(int64_t)> get, std::string description = "samples");

template <SampleRows T>
Dataset from_samples(T rows, std::string description = "samples") {
  const auto held = std::make_shared<const T>(std::move(rows));
  return from_samples(
      static_cast<int64_t>(held->size()), [held](int64_t i) { return element_of(held->get(i)); },
      std::move(description));
}

struct DataLoaderOptions {
  int64_t batch_size = 1;
  bool shuffle = false;
  // The rows of a pass, instead of all of them; may repeat and leave out. Passes count from 0.
  std::function<std::vector<int64_t>(uint64_t pass)> sampler;
  int64_t num_workers = 0;  // threads that make batches ahead; 0: the thread that asks; kAutotune
  std::function<Element(const std::vector<Element>&)> collate;  // a batch of samples; none: stacked
  bool drop_last = false;
  int64_t prefetch_factor = 2;  // batches made ahead per worker
  uint64_t seed = 0;            // of the shuffle
};

// Batches of samples, in the same order and with the same values for any number of workers. A range of Batches, and a
// Dataset that fit takes: its batch size is the loader's alone.
class DataLoader {
 public:
  DataLoader(const Dataset& data, const DataLoaderOptions& options = {});
  template <SampleRows T>
  DataLoader(T rows, const DataLoaderOptions& options = {}) : DataLoader(from_samples(std::move(rows)), options) {}

  int64_t size() const { return data_.cardinality(); }  // batches
  Dataset::Iterator begin() const { return data_.begin(); }
  std::default_sentinel_t end() const { return {}; }
  const Dataset& dataset() const { return data_; }
  operator const Dataset&() const { return data_; }

 private:
  Dataset data_;
};

}  // namespace batchwise

// What the stages of a pipeline are told: options with tf.data's words and defaults.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

constexpr int64_t kAutotune = -1;  // workers, depths: chosen from measured times; results never depend on it

// What map calls. Made from a function of (element), (element, address), one array, or two arrays, that returns an
// element, an array or a pair of arrays.
class MapFunction {
 public:
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, MapFunction>) MapFunction(F function)
      : call_([f = std::move(function)](const Element& element, const Address& address) -> Element {
          if constexpr (std::invocable<const F&, const Element&, const Address&>) return made(f(element, address));
          else if constexpr (std::invocable<const F&, const Element&>) return made(f(element));
          else if constexpr (std::invocable<const F&, const Array&>) {
            count(element, 1);
            return made(f(element[0]));
          } else if constexpr (std::invocable<const F&, const Array&, const Address&>) {
            count(element, 1);
            return made(f(element[0], address));
          } else if constexpr (std::invocable<const F&, const Array&, const Array&>) {
            count(element, 2);
            return made(f(element[0], element[1]));
          } else {
            static_assert(std::invocable<const F&, const Array&, const Array&, const Address&>,
                          "map needs a function of an element, or of one or two arrays, and perhaps an Address");
            count(element, 2);
            return made(f(element[0], element[1], address));
          }
        }) {}
  Element operator()(const Element& element, const Address& address) const { return call_(element, address); }

 private:
  static Element made(Element element) { return element; }
  static Element made(Array array) { return {std::move(array)}; }
  static Element made(std::pair<Array, Array> arrays) { return {std::move(arrays.first), std::move(arrays.second)}; }
  static void count(const Element& element, size_t wanted) {
    require(element.size() == wanted, "map", "the function takes ", wanted, " arrays. Got elements of ", element.size(),
            " components.");
  }
  std::function<Element(const Element&, const Address&)> call_;
};

struct MapOptions {
  int64_t num_parallel_calls = 0;  // 0: in the thread that asks; kAutotune. The order is kept
  uint64_t seed = 0;               // of the addresses that the function is given
  std::vector<Column> columns;     // what the function returns; empty: as its first element
};

struct ShuffleOptions {
  int64_t buffer_size = 0;  // 0: all elements, without a buffer where they can be had by number
  uint64_t seed = 0;        // with a buffer: TensorFlow's order for this seed
  bool reshuffle_each_iteration = true;
  uint64_t global_seed = 87654321;  // tf.random.set_seed; TensorFlow's own where none was set
};

struct BatchOptions {
  bool drop_remainder = false;
};

struct PaddedBatchOptions {
  std::vector<Shape> padded_shapes;    // per component, kUnknownDim: the longest of the batch; empty: all unknown
  std::vector<double> padding_values;  // per component, or one for all; empty: 0
  bool drop_remainder = false;
};

struct BucketOptions {
  std::vector<int64_t> bucket_boundaries;   // lengths, rising; the last bucket has no bound
  std::vector<int64_t> bucket_batch_sizes;  // one more
  std::vector<Shape> padded_shapes;
  std::vector<double> padding_values;
  bool pad_to_bucket_boundary = false;
  bool no_padding = false;
  bool drop_remainder = false;
};

struct InterleaveOptions {
  int64_t cycle_length = 4;        // data sets open at a time; the order depends on it, so no machine chooses it
  int64_t block_length = 1;        // consecutive elements of each
  int64_t num_parallel_calls = 0;  // reads ahead in as many of them; the order is kept
};

struct WindowOptions {
  int64_t shift = 0;  // 0: size
  int64_t stride = 1;
  bool drop_remainder = false;
};

struct SampleFromOptions {
  std::vector<double> weights;  // empty: equal
  uint64_t seed = 0;
  bool stop_on_empty_dataset = false;
};

// One size, or sizes in turn.
struct RebatchSizes {
  RebatchSizes(int64_t size) : sizes{size} {}
  RebatchSizes(std::vector<int64_t> list) : sizes(std::move(list)) {}
  std::vector<int64_t> sizes;
};

}  // namespace batchwise

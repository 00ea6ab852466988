// What a layer becomes for one grain: declared memory, a forward pass and a backward pass.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/dtype.h>
#include <batchwise/shape.h>

namespace batchwise {

// How a grain of samples of one tensor lies in memory. Samples are always outermost and contiguous, so elementwise work
// may treat `rows * stored_count()` floats as one run whatever the layout.
struct TensorType {
  Shape shape;  // of one sample, channels last: (H, W, C)
  DType dtype = DType::Float32;
  int channel_block = 0;  // 0: plain row-major. 8 or 16: (C/block, H, W, block), C padded with zeros

  int64_t stored_count() const;  // elements of one sample in memory, padding included
  int64_t bytes(int64_t rows) const { return rows * stored_count() * size_of(dtype); }
  friend bool operator==(const TensorType&, const TensorType&) = default;
};

// How a variable's values lie in memory for a kernel. Null stands for the canonical (Keras's) row-major order.
// Immutable; shared between threads.
class WeightLayout {
 public:
  virtual ~WeightLayout() = default;
  virtual int64_t bytes() const = 0;                                   // in this layout, padding included
  virtual void pack(const float* canonical, float* stored) const = 0;  // writes every byte, padding as zeros
  virtual void unpack(const float* stored, float* canonical) const = 0;
  // Writes `stored` in this layout from `source` in layout `from` (null: canonical). Called once per update, by one
  // thread; must not allocate.
  virtual void convert(const WeightLayout* from, const float* source, float* stored) const = 0;
  virtual bool same(const WeightLayout& other) const = 0;
};
using WeightLayoutPtr = std::shared_ptr<const WeightLayout>;

// Where a grain stands in the run: the address that randomness is drawn from (see base/random.h).
struct SampleAddress {
  uint64_t seed = 0;
  uint64_t first_sample = 0;  // samples trained on before row 0 of this grain, since the beginning of the run
};

// Which part of a grain's outputs a call writes, where several lanes work on one grain. Others write the rest at the
// same time.
struct Share {
  int index = 0, count = 1;
  int64_t begin(int64_t units) const { return units * index / count; }
  int64_t end(int64_t units) const { return units * (index + 1) / count; }
};

struct ForwardCall {
  int lane = 0;      // index of the calling lane: kernels keep per-lane handles by it
  int64_t rows = 0;  // valid samples. Rows [rows, grain) repeat the last valid one
  SampleAddress address;
  std::span<const void* const> inputs;
  std::span<void* const> outputs;
  std::span<const float* const> weights;  // in forward_layout
  void* saved = nullptr;                  // memory().saved bytes, kept for this grain's backward
  void* scratch = nullptr;                // memory().forward_scratch bytes
  void* shared = nullptr;                 // memory().shared bytes, one for all grains of the step
  double* statistics = nullptr;           // where this grain's statistics go, see Statistics
  double* added_loss = nullptr;           // terms such as activity penalties: the kernel adds its sum over valid rows
  Share share;                            // the whole, unless the kernel shares
};

struct BackwardCall {
  int lane = 0;
  int64_t rows = 0;
  SampleAddress address;
  float sample_scale = 1;                 // 1 / samples of the update: what added_loss terms are scaled by
  std::span<const void* const> inputs;    // null unless needs().backward_inputs
  std::span<const void* const> outputs;   // null unless needs().backward_outputs
  std::span<const float* const> weights;  // in backward_layout
  const void* saved = nullptr;
  void* scratch = nullptr;  // memory().backward_scratch bytes
  const void* shared = nullptr;
  double* statistics = nullptr;
  std::span<void* const> output_gradients;  // the kernel may overwrite them. Rows beyond `rows` are zero
  std::span<void* const> input_gradients;   // null where not wanted; else written in full (rows beyond `rows`: zero)
  // Null where not wanted; else written in full, in gradient_layout, or added to where adds_to_gradient says so.
  std::span<float* const> weight_gradients;
  bool adds = false;  // those that can_add_to_gradient are added to, in place of written
  Share share;        // the whole, unless the kernel has shared_backward_parts
  int part = 0;       // of those, where the share is not the whole
};

// Bytes that a kernel asks for. Per grain unless said otherwise.
struct KernelMemory {
  int64_t saved = 0;            // from forward to backward
  int64_t forward_scratch = 0;  // within one call
  int64_t backward_scratch = 0;
  int64_t shared = 0;  // once per program, alive for the whole step
};

struct KernelNeeds {
  bool backward_inputs = true;    // backward reads the inputs of forward
  bool backward_outputs = false;  // backward reads the outputs of forward
  bool in_place =
      false;  // outputs[0] may be the memory of inputs[0] (bytes equal), input_gradients[0] that of output_gradients[0]
};

// Work of one forward call of a full grain: what the plan weighs recomputation by.
struct KernelCost {
  double flops = 0;
  double bytes = 0;
};

// Statistics over the whole batch (batch normalisation). Each grain writes `count` doubles; `combine` sees those of all
// grains in order and writes `shared`.
struct Statistics {
  int64_t forward = 0;         // doubles per grain measured on the forward pass
  bool forward_first = false;  // true: measure_forward of all grains comes before forward of any: a stage ends here.
                               // false: forward itself writes call.statistics
  int64_t backward = 0;        // doubles per grain; measure_backward of all grains comes before backward of any
  bool moves_learned = false;  // commit changes weights that learn, before the update: one call of the layer per step
};

// One kernel serves all lanes at once: calls are const and may run concurrently with different `lane`s.
// Nothing may allocate after prepare().
class Kernel {
 public:
  virtual ~Kernel() = default;

  virtual std::string_view kind() const = 0;  // "conv2d", "relu": for plans and profiles
  virtual std::vector<TensorType> outputs() const = 0;
  // One that does in one pass what this one and then `next` do, which takes the only output; null: there is none.
  virtual std::unique_ptr<Kernel> joined(const Kernel& /*next*/) const { return nullptr; }
  // forward of an inference heeds call.share: calls with all shares of one count write what one call would, to the bit.
  // Each has scratch of its own; `saved` is written for nobody.
  virtual bool shares() const { return false; }
  // More than 0: forward of a training heeds call.share as well, and so does backward, which is then called for each
  // of so many parts in turn, with all shares of one before any of the next.
  virtual int shared_backward_parts() const { return 0; }
  virtual KernelMemory memory() const { return {}; }
  virtual KernelNeeds needs() const { return {}; }
  virtual KernelCost cost() const { return {}; }
  virtual Statistics statistics() const { return {}; }

  // Layouts of weight `index` as forward reads it, as backward reads it, and of its gradient. Null: canonical.
  // The gradient's layout is the one that the variable is kept and updated in.
  virtual WeightLayoutPtr forward_layout(int /*index*/) const { return nullptr; }
  virtual WeightLayoutPtr backward_layout(int index) const { return forward_layout(index); }
  virtual WeightLayoutPtr gradient_layout(int index) const { return forward_layout(index); }
  virtual bool backward_reads_weight(int /*index*/) const { return true; }
  // backward touches little of the gradient, as that of a table whose rows are looked up: it adds to what other grains
  // have added, or to zeros, in place of writing it in full.
  virtual bool adds_to_gradient(int /*index*/) const { return false; }
  // backward can add the gradient to what is there as it leaves the registers: the bits are those of writing it
  // elsewhere and adding it then.
  virtual bool can_add_to_gradient(int /*index*/) const { return false; }

  // Called once, before any call, with the number of lanes: the place to make handles.
  virtual void prepare(int /*lanes*/) {}

  virtual void forward(const ForwardCall& call) const = 0;
  virtual void backward(const BackwardCall& call) const = 0;

  virtual void measure_forward(const ForwardCall&) const {}
  virtual void measure_backward(const BackwardCall&) const {}
  // partials: rows.size() groups of Statistics::forward (backward) doubles, in the order of the grains; rows: their
  // samples.
  virtual void combine_forward(std::span<const double> /*partials*/, std::span<const int64_t> /*rows*/,
                               void* /*shared*/) const {}
  virtual void combine_backward(std::span<const double> /*partials*/, std::span<const int64_t> /*rows*/,
                                void* /*shared*/) const {}
  // At the end of a step that succeeded: moves what training changes besides gradients (moving statistics) from
  // `shared` into the weights (gradient_layout; null where another layer holds them).
  virtual void commit(const void* /*shared*/, std::span<float* const> /*weights*/) const {}
};

}  // namespace batchwise

// Gathering along an axis: the gradients of a place that is taken several times are added, in the order of the result.
#include "kernels/gathering.h"

#include <algorithm>

#include <batchwise/error.h>

namespace batchwise {
namespace {

class GatheringKernel final : public Kernel {
 public:
  GatheringKernel(std::string where, const TensorType& type, const TensorType& places, int axis, int64_t grain)
      : where_(std::move(where)),
        result_{places.shape, type.dtype, 0},
        grain_(grain),
        outer_(1),
        from_(type.shape[axis]),
        to_(places.shape[axis]) {
    for (int a = 0; a < axis; ++a) outer_ *= type.shape[a];
    for (int a = axis + 1; a < type.shape.rank(); ++a) inner_ *= type.shape[a];
  }
  std::string_view kind() const override { return "take_along_axis"; }
  std::vector<TensorType> outputs() const override { return {result_}; }
  KernelCost cost() const override { return {.bytes = static_cast<double>(12 * grain_ * outer_ * to_ * inner_)}; }

  void forward(const ForwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    auto* y = static_cast<float*>(call.outputs[0]);
    each(static_cast<const int32_t*>(call.inputs[1]), grain_, [&](int64_t from, int64_t to) { y[to] = x[from]; });
  }
  void backward(const BackwardCall& call) const override {
    auto* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    std::fill_n(dx, grain_ * outer_ * from_ * inner_, 0.0f);
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    each(static_cast<const int32_t*>(call.inputs[1]), call.rows, [&](int64_t from, int64_t to) { dx[from] += dy[to]; });
  }

 private:
  template <class Move>
  void each(const int32_t* places, int64_t rows, Move move) const {
    for (int64_t o = 0; o < rows * outer_; ++o)
      for (int64_t k = 0; k < to_; ++k)
        for (int64_t i = 0; i < inner_; ++i) {
          const int64_t to = (o * to_ + k) * inner_ + i, place = places[to];
          require(place >= -from_ && place < from_, where_, "places must lie in an axis of size ", from_, ". Got ",
                  place, ".");
          move((o * from_ + (place < 0 ? place + from_ : place)) * inner_ + i, to);
        }
  }

  std::string where_;
  TensorType result_;
  int64_t grain_, outer_, from_, to_, inner_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_gathering_kernel(const std::string& where, const TensorType& type,
                                              const TensorType& places, int axis, int64_t grain) {
  return std::make_unique<GatheringKernel>(where, type, places, axis, grain);
}

}  // namespace batchwise

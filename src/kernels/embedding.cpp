// Rows of a table, looked up by number.
#include "kernels/embedding.h"

#include <algorithm>

#include <batchwise/error.h>

#include "kernels/simd/sums.h"

namespace batchwise {
namespace {

class EmbeddingKernel final : public Kernel {
 public:
  EmbeddingKernel(const TensorType& ids, int64_t rows, int64_t width, std::string where, int64_t grain)
      : ids_(ids), rows_(rows), width_(width), where_(std::move(where)), grain_(grain) {
    std::vector<int64_t> dims(ids.shape.begin(), ids.shape.end());
    dims.push_back(width);
    to_ = {Shape(dims), DType::Float32, 0};
  }
  std::string_view kind() const override { return "embedding"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  bool backward_reads_weight(int) const override { return false; }
  bool adds_to_gradient(int) const override { return true; }
  KernelCost cost() const override { return {.bytes = 8 * static_cast<double>(grain_ * to_.shape.count())}; }

  void forward(const ForwardCall& call) const override {
    float* y = static_cast<float*>(call.outputs[0]);
    for (int64_t i = 0; i < grain_ * ids_.shape.count(); ++i) {
      const int64_t id = id_at(call.inputs[0], i);
      require(id >= 0 && id < rows_, where_, "ids must be in [0, ", rows_, "). Got ", id, ".");
      std::copy_n(call.weights[0] + id * width_, width_, y + i * width_);
    }
  }

  void backward(const BackwardCall& call) const override {
    if (float* dx = static_cast<float*>(call.input_gradients[0]))
      std::fill_n(dx, grain_ * ids_.shape.count(), 0.0f);  // ids that are floats have no slope
    float* gradient = call.weight_gradients[0];
    if (!gradient) return;
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    for (int64_t i = 0; i < call.rows * ids_.shape.count(); ++i) {
      float* row = gradient + id_at(call.inputs[0], i) * width_;
      add_elements(row, dy + i * width_, row, width_);
    }
  }

 private:
  int64_t id_at(const void* ids, int64_t i) const {
    switch (ids_.dtype) {
      case DType::Float32: {
        const float id = static_cast<const float*>(ids)[i];
        return id > -9e18f && id < 9e18f ? static_cast<int64_t>(id) : -1;
      }
      case DType::UInt8:
      case DType::Bool: return static_cast<const uint8_t*>(ids)[i];
      case DType::Int8: return static_cast<const int8_t*>(ids)[i];
      case DType::Int16: return static_cast<const int16_t*>(ids)[i];
      case DType::UInt16: return static_cast<const uint16_t*>(ids)[i];
      case DType::Int32: return static_cast<const int32_t*>(ids)[i];
      case DType::UInt32: return static_cast<const uint32_t*>(ids)[i];
      default: return static_cast<const int64_t*>(ids)[i];
    }
  }

  TensorType ids_, to_;
  int64_t rows_, width_;
  std::string where_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_embedding_kernel(const TensorType& ids, int64_t rows, int64_t width, std::string where,
                                              int64_t grain) {
  require(ids.dtype == DType::Float32 || !is_floating(ids.dtype), where, "ids must be integers. Got ", ids.dtype, ".");
  return std::make_unique<EmbeddingKernel>(ids, rows, width, std::move(where), grain);
}

}  // namespace batchwise

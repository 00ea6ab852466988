// Clears the vectors of a grain and marks or adds up the numbers in them.
#include "kernels/category_encoding.h"

#include <algorithm>
#include <cstring>

#include <batchwise/error.h>

namespace batchwise {
namespace {

int64_t bag_of(Encoding encoding, const Shape& shape) {  // numbers that share a vector
  return encoding == Encoding::OneHot || shape.rank() == 0 ? 1 : shape.back();
}

class CategoryEncoding final : public Kernel {
 public:
  CategoryEncoding(Encoding encoding, const TensorType& in, int64_t width, std::vector<float> weights, bool counted,
                   int64_t grain)
      : encoding_(encoding),
        in_(in),
        out_{encoded_shape(encoding, in.shape, width), DType::Float32, 0},
        width_(width),
        weights_(std::move(weights)),
        counted_(counted),
        grain_(grain) {}
  std::string_view kind() const override { return "category_encoding"; }
  std::vector<TensorType> outputs() const override { return {out_}; }
  KernelNeeds needs() const override { return {.backward_inputs = counted_}; }

  void forward(const ForwardCall& call) const override {
    auto* y = static_cast<float*>(call.outputs[0]);
    std::fill_n(y, grain_ * out_.shape.count(), 0.0f);
    each_number(call.inputs[0], [&](int64_t i, int64_t vector, int64_t number) {
      float& at = y[vector * width_ + number];
      if (encoding_ != Encoding::Count) at = 1;
      else at += counted_ ? static_cast<const float*>(call.inputs[1])[i] : 1.0f;
    });
    if (weights_.empty()) return;
    for (int64_t v = 0; v < grain_ * out_.shape.count() / width_; ++v)
      for (size_t i = 0; i < weights_.size(); ++i) y[v * width_ + static_cast<int64_t>(i)] *= weights_[i];
  }
  void backward(const BackwardCall& call) const override {
    const auto bytes = static_cast<size_t>(grain_ * in_.stored_count()) * sizeof(float);
    for (void* dx : call.input_gradients)
      if (dx) std::memset(dx, 0, bytes);
    if (!counted_ || !call.input_gradients[1]) return;
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    auto* d = static_cast<float*>(call.input_gradients[1]);
    each_number(call.inputs[0], [&](int64_t i, int64_t vector, int64_t number) {
      d[i] = dy[vector * width_ + number] * (weights_.empty() ? 1.0f : weights_[static_cast<size_t>(number)]);
    });
  }

 private:
  template <class See>
  void each_number(const void* input, See see) const {
    const int64_t bag = bag_of(encoding_, in_.shape);
    for (int64_t i = 0; i < grain_ * in_.stored_count(); ++i) {
      int64_t number;
      if (in_.dtype == DType::Int32) {
        number = static_cast<const int32_t*>(input)[i];
      } else {
        const float value = static_cast<const float*>(input)[i];
        number = value > -1 && value < static_cast<float>(width_) ? static_cast<int64_t>(value) : -1;
      }
      if (number >= 0 && number < width_) see(i, i / bag, number);
    }
  }

  Encoding encoding_;
  TensorType in_, out_;
  int64_t width_;
  std::vector<float> weights_;
  bool counted_;
  int64_t grain_;
};

}  // namespace

Shape encoded_shape(Encoding encoding, const Shape& input, int64_t width) {
  std::vector<int64_t> dims(input.begin(), input.end());
  if (!dims.empty() && (encoding != Encoding::OneHot || dims.back() == 1)) dims.pop_back();
  dims.push_back(width);
  return Shape(std::span<const int64_t>(dims));
}

std::unique_ptr<Kernel> make_category_encoding_kernel(Encoding encoding, const TensorType& type, int64_t width,
                                                      std::vector<float> weights, bool counted, int64_t grain) {
  require(type.dtype == DType::Int32 || type.dtype == DType::Float32, "category_encoding",
          "the input must be int32 or float32. Got ", type.dtype, ".");
  return std::make_unique<CategoryEncoding>(encoding, type, width, std::move(weights), counted, grain);
}

}  // namespace batchwise

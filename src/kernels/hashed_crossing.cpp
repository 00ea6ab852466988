// TensorFlow's rule: fingerprints of text, integers as they are, folded one after another.
#include "kernels/hashed_crossing.h"

#include <batchwise/error.h>

#include "text/fingerprint.h"

namespace batchwise {
namespace {

constexpr uint64_t kStart = 0xDECAFCAFFE;  // TensorFlow's default key

class HashedCrossing final : public Kernel {
 public:
  HashedCrossing(const std::vector<TensorType>& types, int64_t bins, int64_t grain)
      : types_(types), out_(types.front()), bins_(static_cast<uint64_t>(bins)), grain_(grain) {
    out_.dtype = DType::Int32;
    for (const TensorType& type : types_)
      require(type.dtype == DType::String || type.dtype == DType::Int32, "HashedCrossing",
              "features must be text or whole numbers. Got ", type.dtype, ".");
  }
  std::string_view kind() const override { return "hashed_crossing"; }
  std::vector<TensorType> outputs() const override { return {out_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void forward(const ForwardCall& call) const override {
    auto* out = static_cast<int32_t*>(call.outputs[0]);
    for (int64_t i = 0; i < grain_ * out_.stored_count(); ++i) {
      uint64_t hash = kStart;
      for (size_t k = 0; k < types_.size(); ++k)
        hash = concatenated_fingerprint(
            hash, types_[k].dtype == DType::String
                      ? farm_fingerprint(static_cast<const std::string_view*>(call.inputs[k])[i])
                      : static_cast<uint64_t>(int64_t{static_cast<const int32_t*>(call.inputs[k])[i]}));
      out[i] = static_cast<int32_t>(hash % bins_);
    }
  }
  void backward(const BackwardCall&) const override {}

 private:
  std::vector<TensorType> types_;
  TensorType out_;
  uint64_t bins_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_hashed_crossing_kernel(const std::vector<TensorType>& types, int64_t bins, int64_t grain) {
  return std::make_unique<HashedCrossing>(types, bins, grain);
}

}  // namespace batchwise

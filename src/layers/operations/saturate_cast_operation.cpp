// SaturateCast: to another dtype, what lies beyond its range becoming its ends.
#include "kernels/activation.h"
#include "kernels/relation.h"
#include "kernels/simd/arithmetic_table.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class SaturateCastOperation final : public Operation {
 public:
  SaturateCastOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"dtype"}), dtype_(dtype_named(config.at("dtype").as_string(key))) {
    require(dtype_ == DType::Float32 || dtype_ == DType::Int32 || dtype_ == DType::UInt8, key,
            "dtype must be float32, int32 or uint8. Got ", dtype_, ".");
  }
  DType output_dtype(DType) const override { return dtype_; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (lowering.type(inputs[0]).dtype == dtype_) return {inputs[0]};
    Value value = as_floats(lowering, inputs[0]);
    if (dtype_ == DType::Float32) return {value};
    // The greatest float below 2^31: the next one is no int32.
    const ActivationParameters range =
        dtype_ == DType::UInt8 ? ActivationParameters{0, 255} : ActivationParameters{-2147483648.0f, 2147483520.0f};
    value = lowering.add1(
        make_elementwise_kernel(*find_arithmetic_entry("clip"), range, lowering.type(value), lowering.grain()),
        {value});
    return {lowering.add1(make_cast_kernel(lowering.type(value), dtype_, lowering.grain()), {value})};
  }

 private:
  DType dtype_;
};

const bool registered = register_operations<SaturateCastOperation>(
    {"ops.core.SaturateCast"}, {Config::object({{"dtype", "int32"}}), Config::object({{"dtype", "float32"}})});

}  // namespace
}  // namespace batchwise

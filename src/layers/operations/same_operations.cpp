// Operations that give their tensor back: copy, array, and the real part or the conjugate of real numbers.
#include <optional>

#include "kernels/relation.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class SameOperation final : public Operation {
 public:
  SameOperation(const std::string& key, const Config& config)
      : Operation(key, config,
                  last_word(key) == "Array" ? std::vector<std::string>{"dtype"} : std::vector<std::string>{}) {
    const Config* dtype = config.find("dtype");
    if (dtype && !dtype->is_null()) dtype_ = dtype_named(dtype->as_string(key));
  }
  DType output_dtype(DType input) const override { return dtype_.value_or(input); }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (!dtype_ || lowering.type(inputs[0]).dtype == *dtype_) return {inputs[0]};
    const Value input = lowering.plain(inputs[0]);
    return {lowering.add1(make_cast_kernel(lowering.type(input), *dtype_, lowering.grain()), {input})};
  }

 private:
  std::optional<DType> dtype_;
};

const bool registered = register_operations<SameOperation>(
    {"ops.numpy.Copy", "ops.numpy.Array", "ops.numpy.Real", "ops.numpy.Conj", "ops.numpy.Conjugate"});

}  // namespace
}  // namespace batchwise

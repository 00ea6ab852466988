// Operations on one tensor, element by element, of the rarer functions: erfc, erfinv, sinc, nan_to_num, deg2rad.
#include <limits>
#include <map>
#include <numbers>

#include "kernels/activation.h"
#include "kernels/special_functions.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

const std::map<std::string, std::string> kFunctions = {
    {"Erfc", "erfc"}, {"Erfinv", "erfinv"}, {"Cbrt", "cbrt"},   {"Exp2", "exp2"},
    {"Sinc", "sinc"}, {"I0", "i0"},         {"Angle", "angle"}, {"NanToNum", "nan_to_num"},
};

class SpecialOperation final : public Operation {
 public:
  SpecialOperation(const std::string& key, const Config& config)
      : Operation(key, config,
                  last_word(key) == "NanToNum" ? std::vector<std::string>{"nan", "posinf", "neginf"}
                                               : std::vector<std::string>{}),
        entry_(*find_special_entry(kFunctions.at(last_word(key)))) {
    const double largest = static_cast<double>(std::numeric_limits<float>::max());
    const auto stated = [&](const char* name, double otherwise) {
      const Config* value = config.find(name);
      return static_cast<float>(!value || value->is_null() ? otherwise : value->as_number(key));
    };
    parameters_ = {stated("nan", 0), stated("posinf", largest), stated("neginf", -largest)};
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    return {
        lowering.add1(make_elementwise_kernel(entry_, parameters_, lowering.type(input), lowering.grain()), {input})};
  }

 private:
  const ActivationEntry& entry_;
  ActivationParameters parameters_;
};

// Degrees to radians and back.
class AngleUnitOperation final : public Operation {
 public:
  AngleUnitOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const double degree = std::numbers::pi / 180;
    return {with_constant(lowering, "multiply", as_floats(lowering, inputs[0]),
                          static_cast<float>(last_word(key()) == "Deg2rad" ? degree : 1 / degree))};
  }
};

const bool registered =
    register_operations<SpecialOperation>({"ops.math.Erfc", "ops.math.Erfinv", "ops.numpy.Cbrt", "ops.numpy.Exp2",
                                           "ops.numpy.Sinc", "ops.numpy.I0", "ops.numpy.Angle"}) &&
    register_operations<SpecialOperation>({"ops.numpy.NanToNum"},
                                          {Config(Config::Object{}), Config::object({{"nan", 1.0}, {"posinf", 2}})}) &&
    register_operations<AngleUnitOperation>({"ops.numpy.Deg2rad", "ops.numpy.Rad2deg"});

}  // namespace
}  // namespace batchwise

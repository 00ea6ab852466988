// Operations on one tensor, element by element.
#include <cmath>
#include <limits>
#include <map>

#include "kernels/activation.h"
#include "kernels/simd/arithmetic_table.h"
#include "kernels/special_functions.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

const std::map<std::string, std::string> kFunctions = {
    {"Exp", "exp"},
    {"Log", "log"},
    {"Log2", "log2"},
    {"Log10", "log10"},
    {"Log1p", "log1p"},
    {"Expm1", "expm1"},
    {"Sqrt", "sqrt"},
    {"Rsqrt", "rsqrt"},
    {"Square", "square"},
    {"Abs", "abs"},
    {"Absolute", "abs"},
    {"Fabs", "abs"},
    {"Negative", "negative"},
    {"Sin", "sin"},
    {"Cos", "cos"},
    {"Reciprocal", "reciprocal"},
    {"Erf", "erf"},
    {"Floor", "floor"},
    {"Ceil", "ceil"},
    {"Round", "round"},
    {"Sign", "sign"},
    {"Tanh", "tanh"},
    {"Tan", "tan"},
    {"Sinh", "sinh"},
    {"Cosh", "cosh"},
    {"Arcsin", "arcsin"},
    {"Arccos", "arccos"},
    {"Arctan", "arctan"},
    {"Arcsinh", "arcsinh"},
    {"Arccosh", "arccosh"},
    {"Arctanh", "arctanh"},
    {"Trunc", "trunc"},
    {"Threshold", "threshold"},
    {"Clip", "clip"},
};

class UnaryOperation final : public Operation {
 public:
  UnaryOperation(const std::string& key, const Config& config)
      : Operation(key, config,
                  last_word(key) == "Clip"        ? std::vector<std::string>{"x_min", "x_max"}
                  : last_word(key) == "Threshold" ? std::vector<std::string>{"threshold", "default_value"}
                  : last_word(key) == "Round"     ? std::vector<std::string>{"decimals"}
                                                  : std::vector<std::string>{}),
        entry_(config.get("decimals", 0) == 0 ? *find_arithmetic_entry(kFunctions.at(last_word(key)))
                                              : *find_special_entry("round_to")) {
    if (last_word(key) == "Round") {
      parameters_.a = static_cast<float>(std::pow(10.0, static_cast<double>(config.get("decimals", 0))));
      return;
    }
    if (last_word(key) == "Threshold") {
      parameters_ = {static_cast<float>(config.get("threshold", 0.0)),
                     static_cast<float>(config.get("default_value", 0.0))};
      return;
    }
    const double infinity = std::numeric_limits<double>::infinity();
    parameters_ = {static_cast<float>(config.get("x_min", -infinity)),
                   static_cast<float>(config.get("x_max", infinity))};
  }
  DType output_dtype(DType input) const override {
    const bool whole = input == DType::Int32 || input == DType::Int64;
    return whole && keeps_whole() ? input : DType::Float32;
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (lowering.type(inputs[0]).dtype == DType::Int32 && keeps_whole())
      return {whole(lowering, lowering.plain(inputs[0]))};
    const Value input = as_floats(lowering, inputs[0]);  // at the zeros of padding slopes may be infinite
    return {
        lowering.add1(make_elementwise_kernel(entry_, parameters_, lowering.type(input), lowering.grain()), {input})};
  }

 private:
  // Functions that leave whole numbers whole, and clips between such.
  bool keeps_whole() const {
    const std::string word = last_word(key());
    if (word == "Clip") return bound("x_min") && bound("x_max");
    return word == "Abs" || word == "Absolute" || word == "Negative" || word == "Square" || word == "Sign";
  }
  bool bound(const char* name) const {
    const Config all = config();
    const Config* value = all.find(name);
    return !value || value->is_null() || value->is_int();
  }
  Value whole(Lowering& lowering, Value value) const {
    const std::string word = last_word(key());
    const auto clipped = [&](float low, float high) {
      if (std::isfinite(low)) value = whole_with_constant(lowering, "maximum", value, static_cast<int>(low));
      if (std::isfinite(high)) value = whole_with_constant(lowering, "minimum", value, static_cast<int>(high));
      return value;
    };
    if (word == "Clip") return clipped(parameters_.a, parameters_.b);
    if (word == "Sign") return clipped(-1, 1);
    if (word == "Square") return whole_with_value(lowering, "multiply", value, value);
    const Value negative = whole_with_constant(lowering, "multiply", value, -1);
    return word == "Negative" ? negative : whole_with_value(lowering, "maximum", value, negative);
  }

  const ActivationEntry& entry_;
  ActivationParameters parameters_;
};

const bool registered =
    register_operations<UnaryOperation>(
        {"ops.numpy.Exp",      "ops.numpy.Log1p",      "ops.numpy.Expm1",    "ops.numpy.Square",  "ops.numpy.Abs",
         "ops.numpy.Absolute", "ops.numpy.Fabs",       "ops.numpy.Negative", "ops.numpy.Sin",     "ops.numpy.Cos",
         "ops.math.Erf",       "ops.numpy.Floor",      "ops.numpy.Ceil",     "ops.numpy.Round",   "ops.numpy.Sign",
         "ops.numpy.Tanh",     "ops.numpy.Log",        "ops.numpy.Log2",     "ops.numpy.Log10",   "ops.numpy.Sqrt",
         "ops.math.Rsqrt",     "ops.numpy.Reciprocal", "ops.numpy.Tan",      "ops.numpy.Sinh",    "ops.numpy.Cosh",
         "ops.numpy.Arcsin",   "ops.numpy.Arccos",     "ops.numpy.Arctan",   "ops.numpy.Arcsinh", "ops.numpy.Arccosh",
         "ops.numpy.Arctanh",  "ops.numpy.Trunc"}) &&
    register_operations<UnaryOperation>({"ops.nn.Threshold"},
                                        {Config::object({{"threshold", 0.25}, {"default_value", 2}})}) &&
    register_operations<UnaryOperation>({"ops.numpy.Clip"}, {Config::object({{"x_min", -0.5}, {"x_max", 0.25}})});

}  // namespace
}  // namespace batchwise

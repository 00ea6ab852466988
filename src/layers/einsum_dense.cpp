// EinsumDense: activation(einsum(equation, input, kernel) + bias).
#include "layers/einsum_dense.h"

#include <algorithm>

#include "kernels/activation.h"
#include "kernels/contraction.h"
#include "kernels/dense.h"
#include "kernels/view.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

constexpr std::string_view kName = "EinsumDense";

bool has(const std::string& letters, char letter) { return letters.find(letter) != std::string::npos; }

void require_letters(const std::string& letters, const std::string& equation) {
  std::string sorted = letters;
  std::sort(sorted.begin(), sorted.end());
  require(std::all_of(sorted.begin(), sorted.end(), [](unsigned char c) { return std::isalpha(c); }) &&
              std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(),
          kName, "equation must name each axis by a letter of its own, as in \"ab,bc->ac\". Got \"", equation, "\".");
}

}  // namespace

EinsumDenseLayer::EinsumDenseLayer(const Config& config) : arguments_(kName, without_bias_axes(config)) {
  require_known_keys(
      kName, config,
      {"output_shape", "equation", "activation", "bias_axes", "kernel_initializer", "bias_initializer",
       "kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint",
       "lora_rank", "lora_alpha", "gptq_unpacked_column_size", "quantization_config"});
  for (const char* key : {"lora_rank", "lora_alpha", "gptq_unpacked_column_size", "quantization_config"}) {
    const Config* value = config.find(key);
    require(!value || value->is_null(), kName, key, " must be absent or null. Got ", value ? value->text() : "", ".");
  }
  equation_ = config.at("equation").as_string("EinsumDense.equation");
  bias_axes_ = config.get("bias_axes", "");
  const Config& shape = config.at("output_shape");
  if (shape.is_list()) output_shape_ = shape.as_list();
  else output_shape_ = {shape};
  const size_t comma = equation_.find(','), arrow = equation_.find("->");
  require(comma != std::string::npos && arrow != std::string::npos && comma < arrow, kName,
          "equation must have the form \"ab,bc->ac\". Got \"", equation_, "\".");
  input_ = equation_.substr(0, comma);
  kernel_ = equation_.substr(comma + 1, arrow - comma - 1);
  result_ = equation_.substr(arrow + 2);
  const auto strip = [&](std::string& letters) {
    const bool front = letters.starts_with("..."), back = letters.ends_with("...");
    if (front) letters.erase(0, 3);
    else if (back) letters.erase(letters.size() - 3);
    return front ? -1 : back ? 1 : 0;
  };
  elided_ = strip(input_);
  require(strip(result_) == elided_, kName, "\"...\" must be at the same end of the input and of the result. Got \"",
          equation_, "\".");
  for (const std::string& letters : {input_, kernel_, result_}) require_letters(letters, equation_);
  for (const char letter : result_)
    require(has(input_, letter) || has(kernel_, letter), kName,
            "every axis of the result must be one of the input or the kernel. Got \"", equation_, "\".");
  for (const char letter : kernel_)
    require(has(input_, letter) || has(result_, letter), kName,
            "every axis of the kernel must be one of the input or the result. Got \"", equation_, "\".");
  for (const char letter : bias_axes_)
    require(has(result_, letter), kName, "bias_axes must be axes of the result. Got \"", bias_axes_, "\" for \"",
            equation_, "\".");
}

Config EinsumDenseLayer::without_bias_axes(Config config) {
  const Config* axes = config.find("bias_axes");
  config.set("use_bias", axes && !axes->is_null());
  return config;
}

Config EinsumDenseLayer::config() const {
  Config config = Config::object({{"output_shape", Config(output_shape_)}, {"equation", equation_}});
  arguments_.append_to(config);
  config.erase("use_bias");
  config.set("bias_axes", arguments_.use_bias ? Config(bias_axes_) : Config());
  return config;
}

// Letters for every axis of a sample: digits stand for what "..." leaves out.
EinsumDenseLayer::Letters EinsumDenseLayer::letters_for(const Shape& input) const {
  const int named = static_cast<int>(input_.size()), rank = input.rank() + 1;
  require(rank >= named && (rank == named || elided_ != 0), kName, "the input must have the axes of \"", input_,
          "\", the batch included. Got ", input, ".");
  std::string gap;
  for (int i = 0; i < rank - named; ++i) gap.push_back(static_cast<char>('0' + i));
  const auto filled = [&](const std::string& letters) { return elided_ < 0 ? gap + letters : letters + gap; };
  Letters letters{filled(input_), kernel_, filled(result_)};
  require(!letters.input.empty() && !letters.result.empty() && letters.input[0] == letters.result[0] &&
              !has(kernel_, letters.input[0]),
          kName, "the first axis of the input and of the result must be the batch. Got \"", equation_, "\".");
  letters.input.erase(0, 1);
  letters.result.erase(0, 1);
  return letters;
}

Shape EinsumDenseLayer::kernel_shape(const Shape& input) const {
  const Letters letters = letters_for(input);
  const size_t gap = elided_ < 0 ? letters.result.size() - output_shape_.size() : 0;
  std::vector<int64_t> dims;
  for (const char letter : kernel_) {
    if (const size_t at = letters.input.find(letter); at != std::string::npos) {
      dims.push_back(input[static_cast<int>(at)]);
      continue;
    }
    const size_t at = letters.result.find(letter);
    require(at >= gap && at - gap < output_shape_.size() && !output_shape_[at - gap].is_null(), kName,
            "output_shape must state the size of the axis \"", letter, "\". Got ", Config(output_shape_).text(), ".");
    dims.push_back(output_shape_[at - gap].as_int("EinsumDense.output_shape"));
    require(dims.back() > 0, kName, "output_shape must be positive. Got ", Config(output_shape_).text(), ".");
  }
  return Shape(dims);
}

Shapes EinsumDenseLayer::output_shapes(const Shapes& inputs) const {
  const Shape& input = one_input(kName, inputs);
  const Letters letters = letters_for(input);
  const Shape shape =
      contraction_shape(kName, {letters.input, letters.kernel, letters.result}, input, kernel_shape(input));
  const size_t gap = elided_ < 0 ? letters.result.size() - std::min(letters.result.size(), output_shape_.size()) : 0;
  for (size_t i = 0; i < output_shape_.size() && gap + i < letters.result.size(); ++i)
    require(output_shape_[i].is_null() || output_shape_[i] == Config(shape[static_cast<int>(gap + i)]), kName,
            "output_shape must agree with the equation, which gives ", shape, ". Got ", Config(output_shape_).text(),
            ".");
  return {shape};
}

std::vector<VariableSpec> EinsumDenseLayer::variables(const Shapes& inputs) const {
  std::vector<VariableSpec> all = arguments_.variables(kernel_shape(inputs[0]), 1);
  if (!arguments_.use_bias) return all;
  const Letters letters = letters_for(inputs[0]);
  const Shape output = output_shapes(inputs)[0];
  // As in Keras: from the first axis that has a bias on, those that have none count 1.
  std::vector<int64_t> dims;
  for (size_t i = 0; i < letters.result.size(); ++i) {
    const bool biased = has(bias_axes_, letters.result[i]);
    if (biased || !dims.empty()) dims.push_back(biased ? output[static_cast<int>(i)] : 1);
  }
  all[1].shape = Shape(dims);
  return all;
}

// The kernel sums over the last axes of the input and gives the last of the result, in order: a dense product.
bool EinsumDenseLayer::is_dense(const Letters& letters) const {
  std::string sums, columns;
  for (const char letter : letters.kernel) (has(letters.input, letter) ? sums : columns).push_back(letter);
  const size_t rest = letters.input.size() - std::min(letters.input.size(), sums.size());
  return letters.kernel == sums + columns && letters.input == letters.result.substr(0, rest) + sums &&
         letters.result == letters.input.substr(0, rest) + columns && !sums.empty() && !columns.empty() &&
         (bias_axes_ == columns || !arguments_.use_bias);
}

std::vector<Value> EinsumDenseLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value input = lowering.plain(inputs[0]);
  const TensorType type = lowering.type(input);
  const Letters letters = letters_for(type.shape);
  const Shape kernel = kernel_shape(type.shape), output = output_shapes({type.shape})[0];
  if (is_dense(letters)) return {arguments_.finish(lowering, lower_dense(lowering, input, letters, kernel, output))};
  Value value = lowering.add1(make_contraction_kernel({.equation = {letters.input, letters.kernel, letters.result},
                                                       .a = type,
                                                       .b = kernel,
                                                       .b_is_weight = true,
                                                       .learns = lowering.learns(),
                                                       .bfloat16 = lowering.bfloat16(),
                                                       .grain = lowering.grain()}),
                              {input}, {"kernel"});
  if (arguments_.use_bias)
    value = lowering.add1(
        make_axes_bias_kernel(lowering.type(value), letters.result, in_order(letters.result), lowering.grain()),
        {value}, {"bias"});
  value = lower_activation(lowering, value, arguments_.activation);
  return {lower_activity_penalty(lowering, value, arguments_.activity_regularizer)};
}

std::string EinsumDenseLayer::in_order(const std::string& result) const {
  std::string letters;
  for (const char letter : result)
    if (has(bias_axes_, letter)) letters.push_back(letter);
  return letters;
}

Value EinsumDenseLayer::lower_dense(Lowering& lowering, Value input, const Letters& letters, const Shape& kernel,
                                    const Shape& output) const {
  int64_t sums = 1, columns = 1;
  for (size_t i = 0; i < letters.kernel.size(); ++i)
    (has(letters.input, letters.kernel[i]) ? sums : columns) *= kernel[static_cast<int>(i)];
  const auto viewed = [&](Value value, const Shape& shape) {
    const TensorType type = lowering.type(value);
    return type.shape == shape ? value : lowering.add1(make_view_kernel(type, shape, lowering.grain()), {value});
  };
  const Value rows = viewed(input, {lowering.type(input).shape.count() / sums, sums});
  auto product = make_dense_kernel({.input = lowering.type(rows),
                                    .units = columns,
                                    .grain = lowering.grain(),
                                    .bias = arguments_.use_bias,
                                    .relu = arguments_.plain_relu(),
                                    .learns = lowering.learns(),
                                    .input_gradient = lowering.wants_gradient(rows),
                                    .bfloat16 = lowering.bfloat16()});
  return viewed(lowering.add1(std::move(product), {rows}, arguments_.names()), output);
}

namespace {
const RegisterLayer<EinsumDenseLayer> registered{
    "EinsumDense",
    {},
    {Config::object({{"equation", "abc,cd->abd"},
                     {"output_shape", Config::List{Config(), Config(5)}},
                     {"bias_axes", "d"},
                     {"activation", "relu"}}),
     Config::object(
         {{"equation", "abc,bcd->adb"}, {"output_shape", Config::List{Config(2), Config()}}, {"bias_axes", "bd"}}),
     Config::object({{"equation", "...x,xy->...y"}, {"output_shape", 4}})}};
}  // namespace

}  // namespace batchwise

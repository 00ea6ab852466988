// What operations on tensors share: reading the arguments of a call.
#include "layers/operations/operation.h"

#include <algorithm>

#include "kernels/activation.h"
#include "kernels/relation.h"
#include "kernels/simd/arithmetic_table.h"
#include "kernels/whole_numbers.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

void flatten(std::string_view where, const Config& value, std::vector<int64_t>& dims, size_t depth,
             std::vector<float>& numbers) {
  if (!value.is_list()) {
    require(depth == dims.size(), where, "a constant must be a number or a regular list of them. Got ",
            value.text().substr(0, 100), ".");
    numbers.push_back(value.is_bool() ? (value.as_bool() ? 1.0f : 0.0f) : static_cast<float>(value.as_number(where)));
    return;
  }
  const int64_t size = static_cast<int64_t>(value.as_list().size());
  if (numbers.empty() && depth == dims.size()) dims.push_back(size);
  require(depth < dims.size() && dims[depth] == size && size > 0, where,
          "a constant must be a number or a regular list of them. Got ", value.text().substr(0, 100), ".");
  for (const Config& item : value.as_list()) flatten(where, item, dims, depth + 1, numbers);
}

}  // namespace

Operation::Operation(std::string key, Config config, const std::vector<std::string>& known)
    : key_(std::move(key)), config_(std::move(config)) {
  for (const auto& [name, value] : config_.as_object(key_))
    require(name == "dtype" || name == "name" || std::find(known.begin(), known.end(), name) != known.end(), key_,
            "the argument must be one that this operation has. Got \"", name, "\" = ", value.text().substr(0, 100),
            ".");
}

std::vector<DType> Operation::call_dtypes(const std::vector<DType>& inputs, const CallForm&, size_t outputs) const {
  const bool floats = std::find(inputs.begin(), inputs.end(), DType::Float32) != inputs.end();
  return output_dtypes(floats ? DType::Float32 : inputs.front(), outputs);
}

std::vector<Operand> Operation::operands(const CallForm& form, size_t tensors,
                                         const std::vector<std::string>& names) const {
  std::vector<Operand> all(names.size());
  const auto place = [&](const std::string& role) {
    for (size_t k = 0; k < names.size(); ++k)
      if (role == names[k] || role == std::to_string(k) || (role.empty() && k == 0)) return k;
    fail(key_, "the call has no argument ", role, ".");
  };
  for (size_t i = 0; i < tensors; ++i) {
    const size_t at = form.roles.empty() ? i : place(form.role(i));
    require(at < names.size() && all[at].tensor < 0, key_, "the call takes ", names.size(), " tensors at most. Got ",
            tensors, ".");
    all[at].tensor = static_cast<int>(i);
  }
  for (const auto& [name, value] : form.arguments.as_object()) {
    if (value.is_null()) continue;
    Operand& operand = all[place(name)];
    require(!operand.given(), key_, "an argument must be given once. Got ", name, " twice.");
    operand.constant = value;
  }
  return all;
}

const Shape& Operation::one(const Shapes& inputs, const CallForm& form) const {
  require(operands(form, inputs.size(), {"x"})[0].tensor == 0, key_, "the operation takes one tensor. Got ",
          inputs.size(), ".");
  return inputs[0];
}

void Operation::require_list(const Shapes& inputs, const CallForm& form) const {
  require(form.plain() && !inputs.empty(), key_, "the operation takes one list of tensors. Got other arguments.");
}

ElementwiseOperand constant_operand(std::string_view where, const Config& constant, int rank) {
  const Config* value = &constant;
  if (const Config* name = constant.find("class_name")) {
    const bool array = *name == Config("__numpy__") || *name == Config("__tensor__");
    require(array, where, "a constant must be a number or an array. Got ", constant.text().substr(0, 100), ".");
    value = &constant.at("config").at("value");
  }
  std::vector<int64_t> dims;
  ElementwiseOperand operand;
  flatten(where, *value, dims, 0, operand.constant);
  require(dims.size() <= static_cast<size_t>(rank) || (dims.size() == static_cast<size_t>(rank) + 1 && dims[0] == 1),
          where, "a constant must be the same for every sample. Got one of ", dims.size(), " axes for samples of ",
          rank, ".");
  if (dims.size() > static_cast<size_t>(rank)) dims.erase(dims.begin());
  operand.type = {Shape(dims), DType::Float32, 0};
  return operand;
}

Value with_constant(Lowering& lowering, std::string_view function, Value value, float constant) {
  return lowering.add1(make_binary_kernel(function, {lowering.type(value), {}}, {{}, {constant}}, lowering.grain()),
                       {value});
}

Value with_value(Lowering& lowering, std::string_view function, Value a, Value b) {
  return lowering.add1(make_binary_kernel(function, {lowering.type(a), {}}, {lowering.type(b), {}}, lowering.grain()),
                       {a, b});
}

Value through(Lowering& lowering, std::string_view unary, Value value) {
  return lowering.add1(
      make_elementwise_kernel(*find_arithmetic_entry(unary), {}, lowering.type(value), lowering.grain()), {value});
}

bool of_whole_numbers(const std::vector<DType>& tensors, const std::vector<Operand>& operands) {
  bool counts = false;
  for (const DType dtype : tensors) {
    if (dtype != DType::Int32 && dtype != DType::Int64 && dtype != DType::Bool) return false;
    counts = counts || dtype != DType::Bool;
  }
  for (const Operand& operand : operands) {
    if (operand.tensor >= 0 || operand.constant.is_null()) continue;
    const Config* of_array = operand.constant.find("config");
    const Config* dtype = of_array ? of_array->find("dtype") : nullptr;
    const bool whole = dtype ? dtype->text().find("int") != std::string::npos : operand.constant.is_int();
    if (!whole && !operand.constant.is_bool()) return false;
    counts = counts || whole;
  }
  return counts;
}

Value whole_with_constant(Lowering& lowering, std::string_view function, Value value, int constant) {
  const ElementwiseOperand number{{}, {static_cast<float>(constant)}};
  return lowering.add1(
      make_whole_number_kernel(function, function, {lowering.type(value), {}}, number, lowering.grain()), {value});
}

Value whole_with_value(Lowering& lowering, std::string_view function, Value a, Value b) {
  return lowering.add1(
      make_whole_number_kernel(function, function, {lowering.type(a), {}}, {lowering.type(b), {}}, lowering.grain()),
      {a, b});
}

Value as_floats(Lowering& lowering, Value value) {
  const Value plain = lowering.plain(value);
  const TensorType& type = lowering.type(plain);
  if (type.dtype == DType::Float32) return plain;
  return lowering.add1(make_cast_kernel(type, DType::Float32, lowering.grain()), {plain});
}

int64_t element_of(const Shape& shape, std::span<const int64_t> place) {
  int64_t at = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) at = at * shape[axis] + place[static_cast<size_t>(axis)];
  return at;
}

void register_operation(const std::string& key,
                        std::function<std::unique_ptr<Layer>(const std::string&, const Config&)> make,
                        std::vector<Config> examples) {
  Registry<Layer>::instance().add(
      key, {[key, make = std::move(make)](const Config& config) { return make(key, config); }, std::move(examples)});
}

std::vector<int64_t> number_list(const std::string& key, const Config& value) {
  if (!value.is_list()) return {value.as_int(key)};
  std::vector<int64_t> all;
  for (const Config& item : value.as_list()) all.push_back(item.as_int(key));
  return all;
}

std::string last_word(std::string_view key) { return std::string(key.substr(key.rfind('.') + 1)); }

}  // namespace batchwise

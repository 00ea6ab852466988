// Operations on tensors, as Keras writes the arithmetic of symbols into files: "ops.numpy.Add" is the class Add of its
// module keras.src.ops.numpy.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "kernels/binary.h"

#include <batchwise/layer.h>

namespace batchwise {

// One argument of a call: a tensor, a constant, or nothing.
struct Operand {
  int tensor = -1;  // place among the call's tensors
  Config constant;  // null: none
  bool given() const { return tensor >= 0 || !constant.is_null(); }
};

class Operation : public Layer {
 public:
  std::string_view class_name() const override { return key_; }
  Config config() const override { return config_; }
  Shapes output_shapes(const Shapes& inputs) const final { return call_shapes(inputs, {}); }
  // Of each output, for tensors of these dtypes. As it is: what the first one becomes, floats counting before others.
  virtual std::vector<DType> call_dtypes(const std::vector<DType>& inputs, const CallForm& form, size_t outputs) const;

 protected:
  // `known`: arguments of the operation itself, besides those of calls.
  Operation(std::string key, Config config, const std::vector<std::string>& known);

  const std::string& key() const { return key_; }
  // The call's arguments by the names that they have in Keras, in order.
  std::vector<Operand> operands(const CallForm& form, size_t tensors, const std::vector<std::string>& names) const;
  // Of an operation on one tensor.
  const Shape& one(const Shapes& inputs, const CallForm& form) const;
  // Of an operation on a list of tensors.
  void require_list(const Shapes& inputs, const CallForm& form) const;

 private:
  std::string key_;
  Config config_;
};

// A constant as numbers for each sample. `rank`: of the samples that it meets. Throws where it would tell samples
// apart.
ElementwiseOperand constant_operand(std::string_view where, const Config& constant, int rank);

// What a value becomes by kernels without weights.
Value with_constant(Lowering& lowering, std::string_view function, Value value, float constant);
Value with_value(Lowering& lowering, std::string_view function, Value a, Value b);
Value through(Lowering& lowering, std::string_view unary, Value value);

// In plain layout, as float32.
Value as_floats(Lowering& lowering, Value value);

// The element at a place, counted in the canonical order.
int64_t element_of(const Shape& shape, std::span<const int64_t> place);

// Registers a class that is made from its key.
void register_operation(const std::string& key,
                        std::function<std::unique_ptr<Layer>(const std::string&, const Config&)> make,
                        std::vector<Config> examples = {Config(Config::Object{})});
template <class L>
bool register_operations(std::initializer_list<std::string> keys,
                         std::vector<Config> examples = {Config(Config::Object{})}) {
  for (const std::string& key : keys)
    register_operation(
        key, [](const std::string& k, const Config& config) { return std::make_unique<L>(k, config); }, examples);
  return true;
}

// Whether a call on tensors of these dtypes, and its constants, is of whole numbers alone, some of them no truths.
bool of_whole_numbers(const std::vector<DType>& tensors, const std::vector<Operand>& operands);
// What whole numbers become, as int32. REQUIRES: values in plain layout.
Value whole_with_constant(Lowering& lowering, std::string_view function, Value value, int constant);
Value whole_with_value(Lowering& lowering, std::string_view function, Value a, Value b);

// A whole number or a list of them.
std::vector<int64_t> number_list(const std::string& key, const Config& value);

std::string last_word(std::string_view key);  // "Add" of "ops.numpy.Add"

}  // namespace batchwise

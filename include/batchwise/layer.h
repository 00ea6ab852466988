// What a layer is: arguments, shapes, variables, and its lowering to kernels. Users write their own by deriving from
// Layer.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/array.h>
#include <batchwise/config.h>
#include <batchwise/kernel.h>
#include <batchwise/registry.h>
#include <batchwise/shape.h>

namespace batchwise {

using Shapes = std::vector<Shape>;

// One weight of a layer, as declared.
struct VariableSpec {
  std::string name;  // "kernel"
  Shape shape;       // canonical: Keras's
  Spec initializer = "Zeros";
  bool trainable = true;  // false for statistics
  Spec regularizer;       // empty: none
  Spec constraint;        // empty: none
};

// One weight of a model. Belongs to the layer that declared it; a shared layer has one set.
// `value` is empty until the model is initialised, and while a session holds the values in its arena.
struct Variable {
  std::string path;  // "dense_1/kernel"
  VariableSpec spec;
  std::vector<float> value;  // canonical order
  bool held = false;         // by a session: `value` is empty until it gives the values back
};

// Handles into a program being lowered.
struct Value {
  int index = -1;
};

// Builds one program: the list of kernels that a grain goes through. Handed to Layer::lower.
class Lowering {
 public:
  virtual ~Lowering() = default;
  virtual int64_t grain() const = 0;  // samples that travel together
  virtual bool training() const = 0;  // false: inference, no backward
  virtual const TensorType& type(Value value) const = 0;
  virtual bool wants_gradient(Value value) const = 0;  // somebody before it learns
  virtual bool trainable() const = 0;                  // of the layer being lowered
  virtual uint64_t layer_key() const = 0;              // addresses this layer's randomness: a hash of its name

  // Appends a kernel. `weights`: names of this layer's variables, in the kernel's order.
  virtual std::vector<Value> add(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs,
                                 std::vector<std::string> weights = {}) = 0;
  Value add1(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs, std::vector<std::string> weights = {}) {
    return add(std::move(kernel), std::move(inputs), std::move(weights)).front();
  }
  // The same tensor in another layout: inserts a reorder unless it already lies so, or was reordered before.
  virtual Value in_layout(Value value, int channel_block) = 0;
  Value plain(Value value) { return in_layout(value, 0); }
};

class Layer {
 public:
  virtual ~Layer() = default;

  virtual std::string_view class_name() const = 0;  // Keras's: "Dense"
  virtual Config config() const = 0;                // own arguments, Keras's keys, without name, trainable, dtype
  virtual Shapes output_shapes(const Shapes& inputs) const = 0;
  virtual DType output_dtype(DType input) const { return input == DType::Float32 ? input : DType::Float32; }
  virtual std::vector<VariableSpec> variables(const Shapes& /*inputs*/) const { return {}; }
  // REQUIRES: inputs have the shapes that output_shapes accepted.
  virtual std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const = 0;

  // A layer whose batch statistics are taken over a declared number of samples states it: grains are multiples of it.
  virtual int64_t samples_together() const { return 1; }

  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }
  bool trainable() const { return trainable_; }
  void set_trainable(bool trainable) { trainable_ = trainable; }

  // Declares the variables at the first call; a shared layer keeps its first. Throws when the shapes do not fit.
  void build(const Shapes& inputs);
  bool built() const { return built_; }
  const Shapes& build_shapes() const { return build_shapes_; }
  const std::vector<std::shared_ptr<Variable>>& weights() const {
    return weights_;
  }  // trainable first, then the others

 private:
  std::string name_;
  bool trainable_ = true;
  bool built_ = false;
  Shapes build_shapes_;
  std::vector<std::shared_ptr<Variable>> weights_;
};

template <class L>
using RegisterLayer = Register<Layer, L>;

}  // namespace batchwise

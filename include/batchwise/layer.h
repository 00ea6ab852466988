// What a layer is: arguments, shapes, variables, and its lowering to kernels. Users write their own by deriving from
// Layer.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/array.h>
#include <batchwise/call_form.h>
#include <batchwise/config.h>
#include <batchwise/dtype_policy.h>
#include <batchwise/kernel.h>
#include <batchwise/registry.h>
#include <batchwise/shape.h>

namespace batchwise {

using Shapes = std::vector<Shape>;

// One weight of a layer, as declared.
struct VariableSpec {
  std::string name;  // "kernel"; "cell/kernel" where Keras keeps it in a part of the layer: files name it so
  Shape shape;       // canonical: Keras's
  Spec initializer = "Zeros";
  bool trainable = true;  // false for statistics
  Spec regularizer;       // empty: none
  Spec constraint;        // empty: none
  std::string also_in;    // a part of the layer where files keep the same weight a second time
};

// One weight of a model. Belongs to the layer that declared it; a shared layer has one set.
// `value` is empty until the model is initialised, and while a session holds the values in its arena.
struct Variable {
  std::string path;  // "dense_1/kernel"
  VariableSpec spec;
  std::vector<float> value;  // canonical order
  bool held = false;         // by a session: `value` is empty until it gives the values back
  bool frozen = false;       // its layer, or one around it, is not trainable
  bool measured = false;     // by adapt: initialising the model leaves the value as it is

  bool learns() const { return spec.trainable && !frozen; }
};

class Layer;

// Handles into a program being lowered.
struct Value {
  int index = -1;
};

// Builds one program: the list of kernels that a grain goes through. Handed to Layer::lower.
class Lowering {
 public:
  virtual ~Lowering() = default;
  virtual int64_t grain() const = 0;              // samples that travel together
  virtual bool training() const = 0;              // how the layer behaves: a call may state it against the program
  virtual bool learns() const = 0;                // the layer is trainable, and a backward pass follows
  virtual bool trainable() const = 0;             // of the layer being lowered
  virtual const CallForm& call_form() const = 0;  // roles of the inputs of this call, "mask" left out
  virtual bool bfloat16() const = 0;              // products round their operands to it: the layer's policy
  virtual bool direct_convolution() const = 0;    // stated of the model: no way round the plain products
  virtual uint64_t layer_key() const = 0;         // addresses this layer's randomness: a hash of its name
  virtual const TensorType& type(Value value) const = 0;
  virtual bool wants_gradient(Value value) const = 0;  // somebody before it learns, and a backward pass follows

  // Which steps of a value count: a value of dtype Bool whose shape is a leading part of the value's, (T) for (T, C).
  // Index -1: all do. An output gets the mask that is set here; else, of a layer that passes_mask(), the first input's.
  virtual Value mask(Value value) const = 0;
  virtual void set_mask(Value value, Value mask) = 0;

  // Appends a kernel. `weights`: names of this layer's variables, in the kernel's order.
  virtual std::vector<Value> add(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs,
                                 std::vector<std::string> weights = {}) = 0;
  Value add1(std::unique_ptr<Kernel> kernel, std::vector<Value> inputs, std::vector<std::string> weights = {}) {
    return add(std::move(kernel), std::move(inputs), std::move(weights)).front();
  }
  // The same tensor in another layout: inserts a reorder unless it already lies so, or was reordered before.
  virtual Value in_layout(Value value, int channel_block) = 0;
  Value plain(Value value) { return in_layout(value, 0); }

  // What a part of this layer appends; masks go in and come out with the values.
  // REQUIRES: `layer` is one of the layer's parts(), or a layer without weights.
  virtual std::vector<Value> lower_part(const Layer& layer, std::vector<Value> inputs, const CallForm& form = {}) = 0;
  // The same of a part that takes each step, of the first axis of all inputs, as a sample of its own.
  // REQUIRES: inputs in plain layout; masks of two axes or more.
  virtual std::vector<Value> lower_each(const Layer& layer, std::vector<Value> inputs, const CallForm& form = {}) = 0;
};

// A layer inside a layer. `attribute`: where its weights lie in files, below the layer's: "forward_layer".
struct Part {
  std::string attribute;
  std::shared_ptr<Layer> layer;
};

// What a layer learns from data before training: statistics, a vocabulary. It is counted apart from the layer, which
// changes in finish() alone.
class Adaptation {
 public:
  virtual ~Adaptation() = default;
  virtual void see(const Array& samples) = 0;  // (N, ...); again and again
  virtual void finish() = 0;
};

// A file that a layer keeps beside its weights: "vocabulary.txt".
struct Asset {
  std::string name;
  std::string contents;
};

class Layer {
 public:
  virtual ~Layer() = default;

  virtual std::string_view class_name() const = 0;  // Keras's: "Dense"
  virtual Config config() const = 0;                // own arguments, Keras's keys, without name, trainable, dtype
  virtual Shapes output_shapes(const Shapes& inputs) const = 0;
  virtual DType output_dtype(DType input) const { return input == DType::Float32 ? input : DType::Float32; }
  virtual std::vector<DType> output_dtypes(DType input, size_t outputs) const {  // of each, where they differ
    return std::vector<DType>(outputs, output_dtype(input));
  }
  virtual bool takes_text() const { return false; }  // inputs of dtype String; else they are refused
  virtual std::vector<VariableSpec> variables(const Shapes& /*inputs*/) const { return {}; }
  // The same of a call in any form. A layer that takes more than its first argument overrides these; the others refuse.
  virtual Shapes call_shapes(const Shapes& inputs, const CallForm& form) const;
  virtual std::vector<VariableSpec> call_variables(const Shapes& inputs, const CallForm& /*form*/) const {
    return variables(inputs);
  }
  virtual bool passes_mask() const { return false; }  // Keras's supports_masking: outputs inherit the input's mask
  // REQUIRES: inputs have the shapes that call_shapes accepted.
  virtual std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const = 0;

  // A layer whose batch statistics are taken over a declared number of samples states it: grains are multiples of it.
  virtual int64_t samples_together() const { return 1; }

  // How often a sample multiplies each number of the layer's matrices: the rows of its products. 0: its weights are
  // looked up. What the grain is chosen by.
  virtual double weight_uses(const Shapes& inputs, const Shapes& outputs) const;

  // Begins to learn anew from data. Null: the layer learns by gradients alone. The layer must outlive it.
  virtual std::unique_ptr<Adaptation> adapt() { return nullptr; }
  // What files must hold besides arguments and weights. load_assets throws Error(Input) for assets that do not fit.
  virtual std::vector<Asset> assets() const { return {}; }
  virtual void load_assets(const std::vector<Asset>& assets);

  // Layers inside this one, in Keras's order, and how they are built when this one is.
  virtual std::vector<Part> parts() const { return {}; }
  virtual void build_parts(const Shapes& /*inputs*/, const CallForm& /*form*/) {}

  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }
  bool trainable() const { return trainable_; }
  void set_trainable(bool trainable);  // of the layer and all inside it, as Keras does

  // None: as the layer around it, float32 at the outside.
  std::optional<DTypePolicy> dtype_policy() const { return dtype_policy_; }
  void set_dtype_policy(DTypePolicy policy) { dtype_policy_ = policy; }  // of this layer alone
  void set_dtype_policy_throughout(DTypePolicy policy);                  // and of all inside it

  // Declares the variables at the first call; a shared layer keeps its first. Throws when the shapes do not fit.
  void build(const Shapes& inputs, const CallForm& form = {});
  bool built() const { return built_; }
  const Shapes& build_shapes() const { return build_shapes_; }
  void set_build_shapes(Shapes shapes) { build_shapes_ = std::move(shapes); }  // with -1 for what is open
  // Keras's order: its own, trainable ones first (of each path apart), then each part's.
  const std::vector<std::shared_ptr<Variable>>& weights() const { return weights_; }
  std::span<const std::shared_ptr<Variable>> own_weights() const { return {weights_.data(), own_weights_}; }
  // Names the variables' paths after the layer's name below `prefix` ("" or "outer/"), parts without a name after
  // their classes.
  void set_paths(const std::string& prefix = "");

 private:
  std::string name_;
  bool trainable_ = true;
  std::optional<DTypePolicy> dtype_policy_;
  bool built_ = false;
  Shapes build_shapes_;
  size_t own_weights_ = 0;
  std::vector<std::shared_ptr<Variable>> weights_;
};

template <class L>
using RegisterLayer = Register<Layer, L>;

}  // namespace batchwise

// Models as descriptions: layers and how they are connected. No buffers but the weights.
#pragma once

#include <array>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <batchwise/layer.h>
#include <batchwise/training.h>

namespace batchwise {

struct GraphNode;

// A tensor of a graph under construction.
class Symbol {
 public:
  Symbol() = default;
  Symbol(std::shared_ptr<GraphNode> node, int output) : node_(std::move(node)), output_(output) {}
  const std::shared_ptr<GraphNode>& node() const { return node_; }
  int output() const { return output_; }
  const Shape& shape() const;  // of one sample
  DType dtype() const;

 private:
  std::shared_ptr<GraphNode> node_;
  int output_ = 0;
};

// The tensors that a model begins or ends with: one, a list, or names with tensors, as Keras nests them.
class Ends {
 public:
  Ends(const Symbol& one) : flat_{one} {}
  Ends(std::vector<Symbol> list) : flat_(std::move(list)) {}
  Ends(std::initializer_list<Symbol> list) : flat_(list) {}
  Ends(const std::map<std::string, Symbol>& named);
  Ends(std::initializer_list<std::pair<const std::string, Symbol>> named) : Ends(std::map(named)) {}
  // Any nesting: `structure` holds, in lists and objects, the places of the tensors in `flat`.
  Ends(std::vector<Symbol> flat, Config structure) : flat_(std::move(flat)), structure_(std::move(structure)) {}

  const std::vector<Symbol>& flat() const { return flat_; }  // Keras's order: names sorted
  const Config& structure() const { return structure_; }     // {"age": 0, "price": 1}; null: a list or one
  std::vector<std::string> names() const;                    // the keys of names with tensors; else those of the layers

 private:
  std::vector<Symbol> flat_;
  Config structure_;
};

// One call of a layer.
struct GraphNode {
  std::shared_ptr<Layer> layer;
  std::vector<Symbol> inputs;
  CallForm form;
  // With a size that an Input leaves open: the shapes at two sizes tried for it. What differs is not known: -1.
  std::array<Shapes, 2> tried;
  Shapes output_shapes;
  std::vector<DType> dtypes;  // of the outputs
};

// A layer that can be put into Sequential or called on tensors; copies are the same layer (that is how layers are
// shared).
class Model;

class LayerRef {
 public:
  LayerRef(std::shared_ptr<Layer> layer) : layer_(std::move(layer)) {}
  LayerRef(const Model& model);  // a model as a layer of another; its layers are shared with it
  LayerRef(const Symbol& input) : layer_(input.node()->layer) {}  // so that Input() can stand first in Sequential
  Symbol operator()(const Symbol& input) const { return (*this)(std::vector<Symbol>{input}); }
  Symbol operator()(const std::vector<Symbol>& inputs, const CallForm& form = {}) const;  // its first output
  std::vector<Symbol> outputs(const std::vector<Symbol>& inputs, const CallForm& form = {}) const;
  const std::shared_ptr<Layer>& layer() const { return layer_; }
  LayerRef named(std::string name) const;
  LayerRef dtype_policy(std::string_view name) const;  // "mixed_bfloat16": of the layer and all inside it
  // Lets the layer learn from samples (N, ...): TextVectorization its vocabulary, Normalization mean and variance.
  // Anew each time, as in Keras. Throws for layers that learn by gradients alone.
  const LayerRef& adapt(const Array& samples) const;
  const LayerRef& adapt(const Dataset& data, int input = 0) const;  // of one input of the data, row after row

 private:
  std::shared_ptr<Layer> layer_;
};

// Any registered layer by its Keras name: make_layer("Dense", {{"units", 10}}).
LayerRef make_layer(const Spec& spec);

struct InputOptions {
  std::string name;
  DType dtype = DType::Float32;
};
// A dimension of -1 is open: every data set brings its own. Weights must not depend on it.
Symbol Input(const Shape& shape, const InputOptions& options = {});

class Model {
 public:
  Model(Ends inputs, Ends outputs, std::string name = "");

  const std::string& name() const;
  bool is_sequential() const;                                    // made by Sequential: keeps Keras's file form
  const std::vector<std::shared_ptr<Layer>>& layers() const;     // Keras's order
  const std::vector<std::shared_ptr<GraphNode>>& nodes() const;  // topological order
  const std::vector<Symbol>& inputs() const;
  const std::vector<Symbol>& outputs() const;
  const Config& input_structure() const;  // as Ends has it
  const Config& output_structure() const;
  std::vector<std::string> input_names() const;               // of the input layers, or as Ends names them
  std::vector<std::string> output_names() const;              // likewise; of one layer's second output: "lstm_1"
  std::shared_ptr<Layer> layer(std::string_view name) const;  // throws, suggesting the nearest name

  // An output of a call of a layer, to build other models on: they share all layers up to it.
  Symbol output_of(std::string_view layer, int output = 0, int call = 0) const;

  std::vector<std::shared_ptr<Variable>> weights() const;  // Keras's model.weights order
  int64_t num_parameters() const;
  void initialize(uint64_t seed);      // draws every weight anew, addressed by (seed, layer, weight)
  void initialize_new(uint64_t seed);  // the same for the weights that have no value yet: those of a new head
  bool initialized() const;
  std::vector<Array> get_weights() const;
  void set_weights(const std::vector<Array>& values);  // throws unless count and shapes agree

  std::string summary() const;  // Keras's table

  // A model that is equal and shares nothing: layers, weights, compile settings, optimizer state. Layers must be known
  // to the registry.
  Model copy() const;
  // The same model, with its layers, weights and settings, for inputs of these shapes. Throws where they do not fit.
  Model for_shapes(const Shapes& inputs) const;
  // for_shapes with those of the data's inputs, where an Input leaves sizes open; else the model itself.
  Model for_data(const Dataset& data) const;

  // Of every layer and all inside them: "float32" or "mixed_bfloat16". Weights stay float32.
  void set_dtype_policy(std::string_view name);
  // How 3 x 3 convolutions are computed: "auto" (Winograd's way where a fixed rule of shapes says that it is faster) or
  // "direct" (plain products, nearer to the exact result by some bits). A part of the run's arithmetic, not of files.
  void set_convolution(std::string_view way);
  const std::string& convolution() const;

  void compile(const CompileOptions& options);
  const std::optional<CompileOptions>& compiled() const;
  // Optimizer variables (slots, iterations) between sessions; empty before the first fit.
  OptimizerState& optimizer_state() const;

  Plan plan(const PlanOptions& options) const;
  History fit(const Dataset& data, const FitOptions& options = {});
  History fit(const Array& x, const Array& y, const FitOptions& options = {});
  Logs evaluate(const Dataset& data, const EvaluateOptions& options = {}) const;
  Logs evaluate(const Array& x, const Array& y, const EvaluateOptions& options = {}) const;
  Array predict(const Dataset& data, const PredictOptions& options = {}) const;  // one output
  Array predict(const Array& x, const PredictOptions& options = {}) const;
  std::vector<Array> predict_outputs(const Dataset& data, const PredictOptions& options = {}) const;
  // Predictions as they come, without holding them all: sink(output, first sample, their rows). The rows are a view of
  // memory that the next ones will have.
  using PredictSink = std::function<void(int output, int64_t first, const Array& rows)>;
  void predict_each(const Dataset& data, const PredictSink& sink, const PredictOptions& options = {}) const;
  // One weight update on one batch; the losses and metrics of that batch.
  Logs train_on_batch(const Batch& batch);

  void save(const std::string& path) const;          // .keras, or legacy .h5; atomically
  void save_weights(const std::string& path) const;  // .weights.h5 or .safetensors
  void save_onnx(const std::string& path) const;     // as it predicts; throws naming what ONNX cannot say
  static Model load(const std::string& path);
  // Of .weights.h5, legacy .h5 or .safetensors; throws unless the file is of these layers.
  void load_weights(const std::string& path);

 private:
  friend Model Sequential(std::vector<LayerRef> layers, std::string name);
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

Model Sequential(std::vector<LayerRef> layers, std::string name = "");

}  // namespace batchwise

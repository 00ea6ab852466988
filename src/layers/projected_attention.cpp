// What the attention layers with projections share: parts, masks, and the order of axes.
#include "layers/projected_attention.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "kernels/arrangement.h"
#include "kernels/binary.h"
#include "kernels/relation.h"
#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/attention_call.h"

namespace batchwise {
namespace {

constexpr const char* kShared[] = {"kernel_initializer", "bias_initializer",     "kernel_regularizer",
                                   "bias_regularizer",   "activity_regularizer", "kernel_constraint",
                                   "bias_constraint"};
constexpr const char* kInitializers[] = {"GlorotUniform", "Zeros"};

}  // namespace

struct ProjectedAttentionLayer::Call : AttentionCall {};

// Axes of one sample: those apart from attention, then those of attention, then the features; how they are brought
// into this order.
struct ProjectedAttentionLayer::Axes {
  std::vector<int> order;  // without the features
  int apart = 0;           // of them come first
  bool in_order = true;

  int64_t groups(const Shape& shape) const { return product(shape, 0, apart); }
  int64_t steps(const Shape& shape) const { return product(shape, apart, static_cast<int>(order.size())); }
  int64_t product(const Shape& shape, int first, int last) const {
    int64_t all = 1;
    for (int i = first; i < last; ++i) all *= shape[order[static_cast<size_t>(i)]];
    return all;
  }
};

ProjectedAttentionLayer::ProjectedAttentionLayer(std::string name, const Config& config, Settings settings)
    : name_(std::move(name)), settings_(std::move(settings)), shared_(Config::Object{}) {
  for (size_t i = 0; i < std::size(kShared); ++i) {
    const Config* value = config.find(kShared[i]);
    if (value && !value->is_null()) shared_.set(kShared[i], *value);
    else if (i < std::size(kInitializers)) shared_.set(kShared[i], kInitializers[i]);
  }
  settings_.dropout = config.get("dropout", 0.0);
  require(settings_.dropout >= 0 && settings_.dropout <= 1, name_, "dropout must be in [0, 1]. Got ", settings_.dropout,
          ".");
  settings_.use_bias = config.get("use_bias", true);
  settings_.use_gate = config.get("use_gate", false);
  if (const Config* window = config.find("sliding_window"); window && !window->is_null())
    settings_.window = window->as_int(name_ + ".sliding_window");
  require(settings_.window.value_or(1) > 0, name_, "sliding_window must be positive. Got ",
          settings_.window.value_or(1), ".");
  if (const Config* seed = config.find("seed"); seed && !seed->is_null()) seed_ = seed->as_int(name_ + ".seed");
  for (const char* part : {"query", "key", "gate", "value", "attention_output"}) {
    if (std::string_view(part) == "gate" && !settings_.use_gate) continue;
    parts_.push_back(
        {std::string_view(part) == "attention_output" ? "output_dense" : std::string(part) + "_dense", nullptr});
  }
}

std::vector<Part> ProjectedAttentionLayer::parts() const { return parts_.front().layer ? parts_ : std::vector<Part>(); }

void ProjectedAttentionLayer::append_shared(Config& config) const {
  config.set("dropout", settings_.dropout);
  config.set("use_bias", settings_.use_bias);
  config.set("use_gate", settings_.use_gate);
  config.set("sliding_window", settings_.window ? Config(*settings_.window) : Config());
  for (const char* key : kShared) config.set(key, shared_.find(key) ? *shared_.find(key) : Config());
  config.set("seed", seed_ ? Config(*seed_) : Config());
}

ProjectedAttentionLayer::Call ProjectedAttentionLayer::read(const CallForm& form, size_t tensors) const {
  return {read_attention_call(name_, form, tensors, false)};
}

ProjectedAttentionLayer::Axes ProjectedAttentionLayer::axes_of(const Shape& query) const {
  Axes axes;
  const int rank = query.rank();
  std::vector<int> attention;
  for (const int64_t axis : settings_.attention_axes) {
    const int at = static_cast<int>(axis < 0 ? axis + rank + 1 : axis) - 1;  // Keras counts the heads' axis among them
    require(at >= 0 && at < rank - 1, name_, "attention_axes must lie between the batch and the features. Got ", axis,
            " for ", query, ".");
    require(std::find(attention.begin(), attention.end(), at) == attention.end(), name_,
            "attention_axes must name each axis once. Got ", axis, " twice.");
    attention.push_back(at);
  }
  if (attention.empty())
    for (int axis = 0; axis < rank - 1; ++axis) attention.push_back(axis);
  for (int axis = 0; axis < rank - 1; ++axis)
    if (std::find(attention.begin(), attention.end(), axis) == attention.end()) axes.order.push_back(axis);
  axes.apart = static_cast<int>(axes.order.size());
  axes.order.insert(axes.order.end(), attention.begin(), attention.end());
  axes.in_order = std::is_sorted(axes.order.begin(), axes.order.end());
  return axes;
}

// Keras's projection: `bound` last axes of the input are summed, `units` come in their place.
Config ProjectedAttentionLayer::projection(const Shape& input, int bound, const std::vector<int64_t>& units) const {
  const int free = input.rank() + 1 - bound;
  std::string from, kernel, to, bias;
  char letter = 'a';
  for (int i = 0; i < free; ++i, ++letter) from.push_back(letter), to.push_back(letter);
  for (int i = 0; i < bound; ++i, ++letter) from.push_back(letter), kernel.push_back(letter);
  for (size_t i = 0; i < units.size(); ++i, ++letter)
    kernel.push_back(letter), to.push_back(letter), bias.push_back(letter);
  Config::List shape(static_cast<size_t>(free - 1));
  for (const int64_t unit : units) shape.push_back(unit);
  Config config = shared_;
  config.set("equation", from + "," + kernel + "->" + to);
  config.set("output_shape", shape);
  config.set("bias_axes", settings_.use_bias ? Config(bias) : Config());
  return config;
}

Shapes ProjectedAttentionLayer::call_shapes(const Shapes& inputs, const CallForm& form) const {
  const Call call = read(form, inputs.size());
  const Shape& query = inputs[static_cast<size_t>(call.query)];
  const Shape& value = inputs[static_cast<size_t>(call.value)];
  const Shape& key = call.key < 0 ? value : inputs[static_cast<size_t>(call.key)];
  require(query.rank() >= 2 && value.rank() == query.rank() && key.rank() == query.rank(), name_,
          "query, value and key must have steps and features, (T, C). Got ", query, ", ", value, " and ", key, ".");
  const Axes axes = axes_of(query);
  bool fits = true;
  for (int axis = 0; axis + 1 < query.rank(); ++axis) fits = fits && value[axis] == key[axis];
  for (int i = 0; i < axes.apart; ++i)
    fits = fits && query[axes.order[static_cast<size_t>(i)]] == value[axes.order[static_cast<size_t>(i)]];
  require(fits, name_, "value and key must have the same steps, and all the same axes apart from attention. Got ",
          query, ", ", value, " and ", key, ".");
  Shape result = query;
  std::vector<int64_t> dims(query.begin(), query.end() - 1);
  if (settings_.output_shape.empty()) dims.push_back(query.back());
  dims.insert(dims.end(), settings_.output_shape.begin(), settings_.output_shape.end());
  Shapes shapes{Shape(dims)};
  if (!call.scores) return shapes;
  dims.clear();
  for (int i = 0; i < axes.apart; ++i) dims.push_back(query[axes.order[static_cast<size_t>(i)]]);
  dims.push_back(settings_.heads);
  for (const Shape* shape : {&query, &value})
    for (size_t i = static_cast<size_t>(axes.apart); i < axes.order.size(); ++i)
      dims.push_back((*shape)[axes.order[i]]);
  shapes.push_back(Shape(dims));
  return shapes;
}

void ProjectedAttentionLayer::build_parts(const Shapes& inputs, const CallForm& form) {
  const Call call = read(form, inputs.size());
  const Shape& query = inputs[static_cast<size_t>(call.query)];
  const Shape& value = inputs[static_cast<size_t>(call.value)];
  const Shape& key = call.key < 0 ? value : inputs[static_cast<size_t>(call.key)];
  std::vector<int64_t> heads(query.begin(), query.end() - 1);
  heads.insert(heads.end(), {settings_.heads, settings_.value_depth});
  for (Part& part : parts_) {
    const std::string name =
        part.attribute == "output_dense" ? "attention_output" : part.attribute.substr(0, part.attribute.find('_'));
    Shape input = name == "key" ? key : name == "value" ? value : query;
    std::vector<int64_t> units{name == "key" || name == "value" ? settings_.key_heads : settings_.heads,
                               name == "query" || name == "key" ? settings_.depth : settings_.value_depth};
    if (name == "attention_output") {
      input = Shape(heads);
      units = settings_.output_shape.empty() ? std::vector<int64_t>{query.back()} : settings_.output_shape;
    }
    Config config = projection(input, name == "attention_output" ? 2 : 1, units);
    if (name == "gate") config.set("activation", "sigmoid");
    if (!part.layer) {
      part.layer = std::make_shared<EinsumDenseLayer>(config);
      part.layer->set_name(name);
      part.layer->set_trainable(trainable());
    }
    part.layer->build({input});
  }
}

// A mask of pairs as (heads or 1, steps of the query, steps of the value), bool.
Value ProjectedAttentionLayer::pair_mask(Lowering& lowering, Value mask, const Shape& query, const Shape& value) const {
  TensorType type = lowering.type(mask);
  if (type.dtype != DType::Bool) {
    mask = lowering.add1(make_cast_kernel(type, DType::Bool, lowering.grain()), {mask});
    type = lowering.type(mask);
  }
  Arrangement pairs(type.shape);
  const auto fits = [](int64_t size, int64_t wanted) { return size == wanted || size == 1; };
  if (type.shape.rank() == 2) pairs.insert(0);
  require(query.rank() == 2 && pairs.shape.rank() == 3 && fits(pairs.shape[0], settings_.heads) &&
              fits(pairs.shape[1], query[0]) && fits(pairs.shape[2], value[0]),
          name_, "attention_mask must have the steps of the query and of the value, (", query[0], ", ", value[0],
          "), and perhaps the heads in front. Got ", type.shape, ".");
  if (pairs.shape[1] != query[0]) pairs.repeat(1, query[0]);
  if (pairs.shape[2] != value[0]) pairs.repeat(2, value[0]);
  if (pairs.shape == type.shape) return mask;
  return lowering.add1(make_rearrange_kernel("repeat", type, pairs.elements(), lowering.grain()), {mask});
}

// Axes into the order of attention, or back; what follows them stays.
Value ProjectedAttentionLayer::moved(Lowering& lowering, Value value, const Axes& axes, bool back) const {
  if (axes.in_order) return value;
  const TensorType type = lowering.type(value);
  std::vector<int> order(static_cast<size_t>(type.shape.rank()));
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = 0; i < axes.order.size(); ++i)
    (back ? order[static_cast<size_t>(axes.order[i])] : order[i]) = back ? static_cast<int>(i) : axes.order[i];
  return lowering.add1(make_rearrange_kernel("transpose", type, permutation(type.shape, order), lowering.grain()),
                       {value});
}

std::vector<Value> ProjectedAttentionLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Call call = read(lowering.call_form(), inputs.size());
  const auto tensor = [&](int place) { return place < 0 ? Value{} : inputs[static_cast<size_t>(place)]; };
  const Value query = tensor(call.query), value = tensor(call.value);
  const Value key = call.key < 0 ? value : tensor(call.key);
  const Shape query_shape = lowering.type(query).shape, value_shape = lowering.type(value).shape;
  const Axes axes = axes_of(query_shape);
  const auto part = [&](const char* attribute) -> const Layer& {
    for (const Part& candidate : parts_)
      if (candidate.attribute == attribute) return *candidate.layer;
    fail(name_, "the layer has no part of this name. Got ", attribute, ".");
  };
  const auto projected = [&](const char* attribute, Value from) {
    return moved(lowering, lowering.lower_part(part(attribute), {from}).front(), axes, false);
  };
  const auto mask_of = [&](int stated, Value value_with) {
    const Value mask = stated >= 0 ? tensor(stated) : value_with.index >= 0 ? lowering.mask(value_with) : Value{};
    if (mask.index >= 0 && lowering.type(mask).dtype != DType::Bool)
      return lowering.add1(make_cast_kernel(lowering.type(mask), DType::Bool, lowering.grain()), {mask});
    return mask;
  };

  std::vector<Value> operands{projected("query_dense", query), projected("key_dense", key),
                              projected("value_dense", value)};
  AttentionSpec options;
  options.groups = axes.groups(query_shape);
  options.queries = axes.steps(query_shape);
  options.keys = axes.steps(value_shape);
  options.heads = settings_.heads;
  options.key_heads = settings_.key_heads;
  options.depth = settings_.depth;
  options.value_depth = settings_.value_depth;
  options.scale = 1 / std::sqrt(static_cast<double>(settings_.depth));
  options.causal = call.causal;
  options.window = settings_.window;
  options.dropout = lowering.training() ? settings_.dropout : 0;
  options.key = seed_ ? mix(lowering.layer_key(), static_cast<uint64_t>(*seed_)) : lowering.layer_key();
  options.learns = lowering.learns();
  options.returns_scores = call.scores;
  // Keras zeroes the weights of rows that are masked whole only where it computes scores by themselves.
  options.masked = settings_.dropout > 0 || call.scores || query_shape.rank() != 2 ? MaskedScore::ReplacedAndZero
                                                                                   : MaskedScore::Replaced;
  const Value query_mask = mask_of(settings_.own_query_mask ? call.query_mask : -1, query);
  const Value masks[] = {query_mask, mask_of(call.value_mask, value),
                         call.key < 0 ? Value{} : mask_of(call.key_mask, key)};
  for (const Value& mask : masks) {
    if (mask.index < 0) continue;
    const bool of_query = &mask == masks;
    const int64_t steps = lowering.type(mask).shape.count();
    require(options.groups == 1 && steps == (of_query ? options.queries : options.keys), name_,
            "a mask must have one entry for each step. Got ", lowering.type(mask).shape, ".");
    if (of_query) options.query_mask = true;
    else ++options.key_masks;
    operands.push_back(mask);
  }
  if (call.attention_mask >= 0) {
    operands.push_back(pair_mask(lowering, tensor(call.attention_mask), query_shape, value_shape));
    options.pair_mask_heads = lowering.type(operands.back()).shape[0];
  }
  options.output = lowering.type(operands[0]).shape;
  options.output[-1] = settings_.value_depth;
  if (call.scores)
    options.scores = call_shapes({query_shape, value_shape}, [&] {
      CallForm form;
      form.arguments.set("return_attention_scores", true);
      return form;
    }())[1];
  options.grain = lowering.grain();
  options.bfloat16 = lowering.bfloat16();
  std::vector<Value> attended = lowering.add(make_attention_kernel(options), operands);
  Value result = moved(lowering, attended[0], axes, true);
  if (settings_.use_gate) {
    const Value gate = lowering.lower_part(part("gate_dense"), {query}).front();
    result = lowering.add1(
        make_binary_kernel("multiply", {lowering.type(result), {}}, {lowering.type(gate), {}}, lowering.grain()),
        {result, gate});
  }
  attended[0] = lowering.lower_part(part("output_dense"), {result}).front();
  lowering.set_mask(attended[0], lowering.mask(query));
  if (call.scores) lowering.set_mask(attended[1], Value{});
  return attended;
}

}  // namespace batchwise

// Model::summary: the table that Keras prints.
#include "model/summary.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "base/number_text.h"
#include "model/input_layer.h"
#include "model/model_impl.h"
#include "model/text_table.h"

namespace batchwise {

std::string keras_size(double bytes) {
  constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1024;
  char text[48];
  std::snprintf(text, sizeof text, "%.2f %s", bytes, kUnits[unit]);
  return text;
}

namespace {

std::string shape_text(const Shape& shape) {
  std::string text = "(None";
  for (int64_t dim : shape) text += dim < 0 ? ", None" : ", " + std::to_string(dim);
  return text + ")";
}

std::string output_text(const GraphNode& node) {
  if (node.output_shapes.size() == 1) return shape_text(node.output_shapes.front());
  std::string text = "[";
  for (const Shape& shape : node.output_shapes) text += (text.size() > 1 ? ", " : "") + shape_text(shape);
  return text + "]";
}

// Keras leaves out where layers come from when each follows the one before it.
bool is_chain(const std::vector<std::shared_ptr<GraphNode>>& nodes) {
  std::set<const Layer*> layers;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!layers.insert(nodes[i]->layer.get()).second) return false;
    const auto& inputs = nodes[i]->inputs;
    if (i == 0 ? !inputs.empty() : inputs.size() != 1 || inputs.front().node() != nodes[i - 1]) return false;
  }
  return true;
}

// Which call of its layer a node is, counted from 0 within the model.
int call_index(const std::vector<std::shared_ptr<GraphNode>>& nodes, const GraphNode* wanted) {
  int index = 0;
  for (const auto& node : nodes) {
    if (node.get() == wanted) return index;
    if (node->layer == wanted->layer) ++index;
  }
  return index;
}

std::string connections(const std::vector<std::shared_ptr<GraphNode>>& nodes, const Layer& layer) {
  std::string text;
  for (const auto& node : nodes)
    if (node->layer.get() == &layer)
      for (const Symbol& input : node->inputs)
        text += (text.empty() ? "" : ", ") + input.node()->layer->name() + "[" +
                std::to_string(call_index(nodes, input.node().get())) + "][" + std::to_string(input.output()) + "]";
  return text.empty() ? "-" : text;
}

int64_t parameters(const Layer& layer) {
  int64_t count = 0;
  for (const auto& variable : layer.weights()) count += variable->spec.shape.count();
  return count;
}

std::string total_line(const std::string& name, int64_t count, int64_t bytes) {
  return " " + name + ": " + grouped_digits(count) + " (" + keras_size(static_cast<double>(bytes)) + ")\n";
}

// Keras counts the iteration and, without a schedule, the learning rate as parameters of the optimizer.
struct OptimizerSize {
  int64_t count = 0, bytes = 0;
};

OptimizerSize optimizer_size(const std::optional<CompileOptions>& compiled, const OptimizerState& state) {
  OptimizerSize size;
  if (!compiled || (state.iterations == 0 && state.slots.empty())) return size;
  const Config* rate = compiled->optimizer.config.find("learning_rate");
  size = {1, 8};
  if (!rate || !rate->is_object()) size = {2, 12};
  for (const auto& slot : state.slots) {
    size.count += static_cast<int64_t>(slot.second.size());
    size.bytes += static_cast<int64_t>(slot.second.size() * sizeof(float));
  }
  return size;
}

}  // namespace

std::string Model::summary() const {
  const bool chain = is_sequential() || is_chain(nodes());
  std::vector<TableColumn> columns;
  if (chain) columns = {{"Layer (type)", 36}, {"Output Shape", 27}, {"Param #", 15, true}};
  else columns = {{"Layer (type)", 29}, {"Output Shape", 25}, {"Param #", 15, true}, {"Connected to", 26}};

  std::vector<std::vector<std::string>> rows;
  int64_t trainable = 0, frozen = 0;
  for (const auto& layer : layers()) {
    for (const auto& variable : layer->weights())
      (variable->learns() ? trainable : frozen) += variable->spec.shape.count();
    if (is_sequential() && dynamic_cast<const InputLayer*>(layer.get())) continue;
    const auto last =
        std::find_if(nodes().rbegin(), nodes().rend(), [&](const auto& node) { return node->layer == layer; });
    rows.push_back({layer->name() + " (" + std::string(layer->class_name()) + ")", output_text(**last),
                    grouped_digits(parameters(*layer))});
    if (!chain) rows.back().push_back(connections(nodes(), *layer));
  }
  const OptimizerSize optimizer = optimizer_size(compiled(), optimizer_state());

  std::string text = "Model: \"" + name() + "\"\n" + draw_table(columns, rows);
  text += total_line("Total params", trainable + frozen + optimizer.count, (trainable + frozen) * 4 + optimizer.bytes);
  text += total_line("Trainable params", trainable, trainable * 4);
  text += total_line("Non-trainable params", frozen, frozen * 4);
  if (optimizer.count > 0) text += total_line("Optimizer params", optimizer.count, optimizer.bytes);
  return text;
}

}  // namespace batchwise

// How each class of layers is said in ONNX operators: a rule per class, registered by the file that holds it.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <batchwise/model.h>

#include "formats/onnx/onnx_graph.h"

namespace batchwise {

// One call of a layer, as it predicts. Tensors are those of Keras: channels last, the batch first.
struct OnnxCall {
  OnnxGraph& graph;
  const Layer& layer;
  Config config;                    // the layer's arguments
  std::vector<std::string> inputs;  // names of tensors
  Shapes input_shapes, output_shapes;
  CallForm form;
  // The weight of this name as a tensor of the graph; nothing when the layer has none.
  std::function<const Variable*(const std::string&)> find_weight;
  std::map<const Variable*, std::string>& tensors;  // of weights that are in the graph already

  std::string where() const { return "layer \"" + layer.name() + "\""; }
  const Variable& weight_values(const std::string& name) const;
  std::string weight(const std::string& name) const;
  bool has_weight(const std::string& name) const { return find_weight(name) != nullptr; }
  int rank() const { return input_shapes.front().rank() + 1; }  // of the first input, with the batch
  // An axis counted with the batch, from 0.
  int64_t axis(int64_t stated) const { return stated < 0 ? stated + rank() : stated; }
};

using OnnxRule = std::vector<std::string> (*)(const OnnxCall& call);

// Filled during static initialisation, read-only afterwards.
std::map<std::string, OnnxRule>& onnx_rules();

struct RegisterOnnxRule {
  RegisterOnnxRule(std::initializer_list<const char*> classes, OnnxRule rule) {
    for (const char* name : classes) onnx_rules().emplace(name, rule);
  }
};

// The function that a layer's `activation` names, or the layer of that kind. Throws for what ONNX cannot say.
std::string onnx_activation(OnnxGraph& graph, const Spec& activation, const std::string& x, const std::string& where);

// Throws unless the layer's data_format is channels_last.
void require_channels_last(const OnnxCall& call);

// Channels behind the batch, as ONNX wants them, and back.
std::string channels_first(OnnxGraph& graph, const std::string& x, int rank);
std::string channels_last(OnnxGraph& graph, const std::string& x, int rank);

}  // namespace batchwise

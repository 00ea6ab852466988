// Keras's order of the calls and layers of a graph: by depth from the outputs, then as a walk reaches them.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/model.h>

namespace batchwise {

struct GraphOrder {
  std::vector<std::shared_ptr<GraphNode>> nodes;  // topological: producers first
  std::vector<std::shared_ptr<Layer>> layers;     // Keras's model.layers, input layers included
};

// Throws when the graph reaches an Input that is not among `inputs`.
GraphOrder order_graph(const std::vector<Symbol>& inputs, const std::vector<Symbol>& outputs);

}  // namespace batchwise

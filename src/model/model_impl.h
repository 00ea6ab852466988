// What a Model holds: the graph, the settings of compile, and the optimizer's variables between sessions.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct Model::Impl {
  std::string name;
  bool sequential = false;
  std::vector<std::shared_ptr<Layer>> layers;
  std::vector<std::shared_ptr<GraphNode>> nodes;
  std::vector<Symbol> inputs, outputs;
  std::optional<CompileOptions> compiled;
  OptimizerState optimizer_state;
};

}  // namespace batchwise

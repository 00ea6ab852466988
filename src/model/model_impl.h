// What a Model holds: the graph, the settings of compile, and the optimizer's variables between sessions.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct Model::Impl {
  std::string name;
  bool sequential = false;
  std::string convolution = "auto";
  std::vector<std::shared_ptr<Layer>> layers;
  std::vector<std::shared_ptr<GraphNode>> nodes;
  Ends inputs = std::vector<Symbol>(), outputs = std::vector<Symbol>();
  std::optional<CompileOptions> compiled;
  std::shared_ptr<OptimizerState> optimizer_state = std::make_shared<OptimizerState>();  // one for all shapes
};

}  // namespace batchwise

// Keras's order of the calls and layers of a graph.
#include "model/graph_order.h"

#include <algorithm>
#include <map>
#include <set>

namespace batchwise {
namespace {

using Node = GraphNode*;

struct Walk {
  std::set<Node> inputs;
  std::set<Node> seen;
  std::map<const Layer*, int> first_visit;
  std::vector<std::shared_ptr<GraphNode>> finished;  // inputs of a node before the node

  // Depth-first with an own stack: graphs may be deeper than the call stack.
  void visit(const std::shared_ptr<GraphNode>& start) {
    struct Frame {
      std::shared_ptr<GraphNode> node;
      size_t next = 0;
    };
    std::vector<Frame> stack;
    const auto enter = [&](const std::shared_ptr<GraphNode>& node) {
      if (!seen.insert(node.get()).second) return;
      first_visit.emplace(node->layer.get(), static_cast<int>(first_visit.size()));
      require(!node->inputs.empty() || inputs.count(node.get()), "Model",
              "every Input that the outputs depend on must be listed as an input. Got an unlisted one of shape ",
              node->output_shapes.front(), ".");
      stack.push_back({node});
    };
    enter(start);
    while (!stack.empty()) {
      Frame& frame = stack.back();
      const bool is_input = inputs.count(frame.node.get()) > 0;
      if (!is_input && frame.next < frame.node->inputs.size()) {
        enter(frame.node->inputs[frame.next++].node());
      } else {
        finished.push_back(frame.node);
        stack.pop_back();
      }
    }
  }
};

}  // namespace

GraphOrder order_graph(const std::vector<Symbol>& inputs, const std::vector<Symbol>& outputs) {
  Walk walk;
  for (const Symbol& input : inputs) walk.inputs.insert(input.node().get());
  for (const Symbol& output : outputs) walk.visit(output.node());
  for (const Symbol& input : inputs)
    if (walk.seen.insert(input.node().get()).second) {
      walk.first_visit.emplace(input.node()->layer.get(), static_cast<int>(walk.first_visit.size()));
      walk.finished.insert(walk.finished.begin(), input.node());
    }

  // Depth: the longest way to an output; all calls of a layer lie at least as deep as its deepest. Calls of one depth
  // follow each other as they got theirs, walking back from the outputs: moving averages of a layer that is called
  // twice depend on it.
  std::map<Node, int> depth, reached;
  std::map<const Layer*, int> layer_depth;
  for (auto it = walk.finished.rbegin(); it != walk.finished.rend(); ++it) {
    const Node node = it->get();
    const int d = std::max(depth[node], layer_depth[node->layer.get()]);
    reached.emplace(node, static_cast<int>(reached.size()));
    depth[node] = layer_depth[node->layer.get()] = d;
    if (walk.inputs.count(node)) continue;
    for (const Symbol& input : node->inputs) {
      reached.emplace(input.node().get(), static_cast<int>(reached.size()));
      int& below = depth[input.node().get()];
      below = std::max(below, d + 1);
    }
  }

  GraphOrder order;
  order.nodes = walk.finished;
  std::stable_sort(order.nodes.begin(), order.nodes.end(), [&](const auto& a, const auto& b) {
    const int da = depth[a.get()], db = depth[b.get()];
    return da != db ? da > db : reached[a.get()] < reached[b.get()];
  });
  std::set<const Layer*> listed;
  for (const auto& node : order.nodes)
    if (listed.insert(node->layer.get()).second) order.layers.push_back(node->layer);
  std::stable_sort(order.layers.begin(), order.layers.end(), [&](const auto& a, const auto& b) {
    const int da = layer_depth[a.get()], db = layer_depth[b.get()];
    return da != db ? da > db : walk.first_visit[a.get()] < walk.first_visit[b.get()];
  });
  return order;
}

}  // namespace batchwise

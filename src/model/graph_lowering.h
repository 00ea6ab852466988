// The calls of a model's graph, lowered one after another.
#pragma once

#include <span>
#include <vector>

#include <batchwise/model.h>

namespace batchwise {

// `inputs`: one per input of the model. Returns one per output, with its mask set.
std::vector<Value> lower_graph(Lowering& lowering, const Model& model, std::span<const Value> inputs);

}  // namespace batchwise

// Where the weights of layers lie in Keras's files: a path per layer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

// "dense_1": the class in snake case (never the layer's name), numbered among the layers of that class in this order.
// Empty for what Keras does not count as a layer: operations on tensors, and the inputs of a Sequential.
std::vector<std::string> layer_file_names(const std::vector<std::shared_ptr<Layer>>& layers, bool sequential);

}  // namespace batchwise

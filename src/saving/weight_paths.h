// Where the weights of each layer lie in Keras's weight files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

// "layers/dense_1": the class in snake case (never the layer's name), numbered among the layers of that class in this
// order. The arrays lie at "<path>/vars/<i>", trainable ones first.
std::vector<std::string> weight_paths(const std::vector<std::shared_ptr<Layer>>& layers);

}  // namespace batchwise

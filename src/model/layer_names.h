// Names of layers as Keras gives them: the class in snake case, numbered.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

// The class as names and paths have it, without a number: "dense".
std::string name_stem(const Layer& layer);

// Names those that have none; sets the paths of all variables. Throws when two layers have one name.
void name_layers(const std::vector<std::shared_ptr<Layer>>& layers);

}  // namespace batchwise

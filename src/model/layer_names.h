// Names of layers as Keras gives them: the class in snake case, numbered.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

// The class as names and paths have it, without a number: "dense".
std::string name_stem(const Layer& layer);

// Names those that have none; sets the paths of all variables. Throws when two layers have one name.
void name_layers(const std::vector<std::shared_ptr<Layer>>& layers);

// Sets the paths of all variables to those that a model of these layers has for them, but of those that a session
// holds. A variable has one path and may stand in several models: each sets the paths before it uses them.
void set_paths(const std::vector<std::shared_ptr<Layer>>& layers);

// While a thread has it, no other sets paths.
std::recursive_mutex& paths_mutex();

}  // namespace batchwise

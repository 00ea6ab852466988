// The classes that a model's labels stand for, kept in its .keras file where Keras looks for nothing.
#pragma once

#include <string>
#include <vector>

#include <batchwise/model.h>

namespace batchwise {

// As Model::save, and keeps the names by label.
void save_with_class_names(const Model& model, const std::string& path, const std::vector<std::string>& class_names);

// By label; empty where the file keeps none, or is no .keras file. Throws Error(Input) at damage.
std::vector<std::string> class_names_in(const std::string& path);

}  // namespace batchwise

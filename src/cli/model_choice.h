// Which model and data a command works on: files and built-in names, opened and made to fit each other.
#pragma once

#include <string>

#include <batchwise/model.h>

#include "cli/settings.h"
#include "data/open_data.h"

namespace batchwise {

// Whether MODEL means a file rather than a built-in name.
bool is_model_file(const std::string& model);

// A built-in model takes its input shape and classes from the data, which is opened first; a file's names of inputs and
// outputs say what the arrays of an .npz are called, so it is opened before the data.
struct ModelAndData {
  Model model;
  Dataset data;
};
ModelAndData open_model_and_data(const std::string& model, const DataChoice& choice, DataPart part);

// A built-in model for what it is usually planned for.
Model open_model_without_data(const std::string& model);

Dataset open_data_for(const Model& model, const DataChoice& choice, DataPart part);

// Compiles with the file's settings, replaced by those that `choice` gives. The optimizer's state is kept unless
// another optimizer is chosen.
void compile_with(Model& model, const CompileChoice& choice);

}  // namespace batchwise

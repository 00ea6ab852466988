// Which model and data a command works on: files and built-in names, opened and made to fit each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <batchwise/model.h>

#include "cli/settings.h"
#include "data/open_data.h"

namespace batchwise {

// Whether MODEL means a file rather than a built-in name.
bool is_model_file(const std::string& model);

// What decides which samples a folder of images gives, and in which order.
struct DataUse {
  DataPart part = DataPart::Train;
  bool labels = true;
  bool shuffle = false;  // once, by seed: the order in which the directory loader lists files
  uint64_t seed = 0;
  std::optional<double> validation_split;  // of a folder of images: in the directory loader's way
  std::string loss;                        // instead of the model's own
  std::vector<std::string> numbered_as;    // classes by label, as they are known; empty: the data's own
  int64_t memory = 0;                      // the budget of the process; 0: found
};
DataUse training_use(const TrainSettings& settings);

// A built-in model takes its input shape and classes from the data, which is opened first; a file's names of inputs and
// outputs say what the arrays of an .npz are called, so it is opened before the data.
struct ModelAndData {
  Model model;
  Dataset data;
  Dataset held_out;                      // by the split, when it was made here
  std::vector<std::string> class_names;  // of the data, by label
};
ModelAndData open_model_and_data(const std::string& model, const DataChoice& choice, const DataUse& use);

// A built-in model for what it is usually planned for.
Model open_model_without_data(const std::string& model);

// `held_out` receives the other side of the split, `class_names` the classes by label.
Dataset open_data_for(const Model& model, const DataChoice& choice, const DataUse& use, Dataset* held_out = nullptr,
                      std::vector<std::string>* class_names = nullptr);

// What --validation-data names, its classes numbered as settings.class_names.
Dataset open_validation(const Model& model, const TrainSettings& settings);

// Compiles with the file's settings, replaced by those that `choice` gives. The optimizer's state is kept unless
// another optimizer is chosen.
void compile_with(Model& model, const CompileChoice& choice);
// Only how it computes: --dtype, --convolution.
void set_arithmetic(Model& model, const CompileChoice& choice);

}  // namespace batchwise

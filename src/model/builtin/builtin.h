// Models that come with batchwise, by name: architectures that take input shape and classes from the data.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/model.h>

namespace batchwise {

// What a built-in model is fitted to.
struct BuiltinInput {
  Shape shape;                   // of one sample
  DType dtype = DType::Float32;  // as stored: bytes are rescaled to [0, 1] where the architecture leaves that open
  int64_t classes = 10;
};

struct BuiltinModel {
  std::string summary;                       // one line for the help
  BuiltinInput usual;                        // what it is planned for when there is no data
  Model (*make)(const BuiltinInput& input);  // not initialised, not compiled; throws when the shape does not fit
  bool by_position = false;                  // its targets are a class for each position, not for each sample
};

// Filled during static initialisation, read-only afterwards. A new model is a new file.
const std::map<std::string, BuiltinModel>& builtin_models();

struct RegisterBuiltin {
  RegisterBuiltin(const std::string& name, BuiltinModel model);
};

// Throws for unknown names: names those that exist, and suggests the nearest.
const BuiltinModel& builtin_model(std::string_view name);

// Adam, cross-entropy over the classes, accuracy. `sparse`: labels are class numbers, else one column per class.
CompileOptions builtin_compile_options(bool sparse);

// A layer in one line: built("Dense", {{"units", 10}}, "name").
LayerRef built(const std::string& class_name, std::initializer_list<Config::Entry> config = {},
               const std::string& name = "");

}  // namespace batchwise

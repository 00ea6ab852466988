// The settings of compile as Keras's compile_config states them, both ways.
#pragma once

#include <optional>
#include <string>

#include <batchwise/config.h>
#include <batchwise/model.h>

namespace batchwise {

// The learning rate of the optimizer's state replaces that of its settings where there is no schedule: callbacks may
// have changed it. An uncompiled model gives an empty object.
Config compile_config(const Model& model);

// Nothing for a model that was saved uncompiled. Throws Error(Input) for what would not be kept exactly.
std::optional<CompileOptions> read_compile_config(const Config* config, const Model& model, const std::string& where);

}  // namespace batchwise

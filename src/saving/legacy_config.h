// What the JSON texts of legacy .h5 files say otherwise than config.json does.
#pragma once

#include <batchwise/config.h>

namespace batchwise {

// A model_config of Keras 2 or 3 as a config.json: what Keras 2 stated and no longer changes anything is left out.
Config model_config_of_legacy(const Config& config);

// A training_config as a compile_config. Throws Error(Input) for what no longer has a meaning.
Config compile_config_of_legacy(const Config& config, const std::string& where);

// The other way, in the form of Keras 3's legacy files: layers without modules.
Config legacy_model_config(const Config& config);
Config legacy_training_config(const Config& compile_config);

}  // namespace batchwise

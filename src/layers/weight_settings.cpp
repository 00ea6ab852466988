// The initializer, regularizer and constraint of one weight.
#include "layers/weight_settings.h"

namespace batchwise {
namespace {

Spec spec_at(std::string_view layer, const Config& config, const std::string& key, Spec otherwise) {
  const Config* value = config.find(key);
  return value && !value->is_null() ? spec_of(*value, std::string(layer) + "." + key) : otherwise;
}

}  // namespace

WeightSettings::WeightSettings(std::string_view layer, const Config& config, std::string prefix,
                               const char* initializer)
    : prefix_(std::move(prefix)),
      initializer_(spec_at(layer, config, prefix_ + "_initializer", initializer)),
      regularizer_(spec_at(layer, config, prefix_ + "_regularizer", {})),
      constraint_(spec_at(layer, config, prefix_ + "_constraint", {})) {}

VariableSpec WeightSettings::variable(std::string name, Shape shape) const {
  return {.name = std::move(name),
          .shape = std::move(shape),
          .initializer = initializer_,
          .regularizer = regularizer_,
          .constraint = constraint_};
}

void WeightSettings::append_to(Config& config) const {
  config.set(prefix_ + "_initializer", config_of(initializer_));
  config.set(prefix_ + "_regularizer", config_of(regularizer_));
  config.set(prefix_ + "_constraint", config_of(constraint_));
}

}  // namespace batchwise

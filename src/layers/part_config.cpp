// Layers inside layers: made by the registry of all layers.
#include "layers/part_config.h"

namespace batchwise {

Config part_config(const Layer& layer) {
  Config config = Config::object({{"name", layer.name()}, {"trainable", layer.trainable()}});
  if (layer.name().empty()) config.erase("name");
  if (const auto policy = layer.dtype_policy()) config.set("dtype", name_of(*policy));
  const Config arguments = layer.config();
  for (const auto& [key, value] : arguments.as_object()) config.set(key, value);
  return config_of(Spec(std::string(layer.class_name()), config));
}

std::shared_ptr<Layer> make_part(const Config& value, std::string_view where) {
  const Spec spec = spec_of(value, where);
  require(!spec.empty(), where, "a layer must be stated. Got null.");
  const auto policy = dtype_policy_of(spec.config.find("dtype"), where);
  std::shared_ptr<Layer> layer = Registry<Layer>::instance().make(spec, where);
  layer->set_name(spec.config.get("name", ""));
  if (!spec.config.get("trainable", true)) layer->set_trainable(false);  // else what is inside may be frozen by itself
  if (policy) layer->set_dtype_policy(*policy);
  return layer;
}

}  // namespace batchwise

// Layers inside layers as arguments: how a config states one, and how one is made of it.
#pragma once

#include <memory>
#include <string_view>

#include <batchwise/layer.h>

namespace batchwise {

// {"class_name": ..., "config": {"name": ..., "trainable": ..., arguments}}, as Keras serializes a layer.
Config part_config(const Layer& layer);

// The layer that such a value states. Throws where the class or an argument is not known.
std::shared_ptr<Layer> make_part(const Config& value, std::string_view where);

}  // namespace batchwise

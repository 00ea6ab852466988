// Checks of what layers are given: arguments of a config, and the shapes of inputs.
#pragma once

#include <initializer_list>
#include <string_view>

#include <batchwise/layer.h>

namespace batchwise {

// Throws unless every key is one of `known` or one that all layers share (name, trainable, dtype).
void require_known_keys(std::string_view layer, const Config& config, std::initializer_list<std::string_view> known);

// Throws unless data_format is absent, null or "channels_last".
void require_channels_last(std::string_view layer, const Config& config);

// The only input, or the first of at least two.
const Shape& one_input(std::string_view layer, const Shapes& inputs);
void require_several_inputs(std::string_view layer, const Shapes& inputs);
void require_rank(std::string_view layer, const Shape& input, int rank, std::string_view meaning);

// Throws when a gradient would have to pass: for layers that turn values into numbers of categories, where it ends.
void require_no_gradient(std::string_view layer, const Lowering& lowering, Value input);

// An axis as Keras counts it (the batch is axis 0) -> index into the shape of one sample. Throws for the batch axis.
int sample_axis(std::string_view layer, int64_t axis, int rank);

}  // namespace batchwise

// Checks of what layers are given: arguments of a config, and the shapes of inputs.
#include "layers/arguments.h"

#include <algorithm>

namespace batchwise {

void require_known_keys(std::string_view layer, const Config& config, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : config.as_object(layer)) {
    if (key == "name" || key == "trainable" || key == "dtype" ||
        std::find(known.begin(), known.end(), key) != known.end())
      continue;
    const std::string near = nearest_name(key, std::vector<std::string>(known.begin(), known.end()));
    fail(layer, "the argument must be one that this layer has. Got \"", key, "\" = ", value.text(), ".",
         near.empty() ? "" : " Did you mean \"" + near + "\"?");
  }
}

void require_channels_last(std::string_view layer, const Config& config) {
  const std::string format = config.get("data_format", "channels_last");
  require(format == "channels_last", layer, "data_format must be \"channels_last\". Got \"", format, "\".");
}

const Shape& one_input(std::string_view layer, const Shapes& inputs) {
  require(inputs.size() == 1, layer, "the layer takes one input. Got ", inputs.size(), ".");
  return inputs.front();
}

void require_several_inputs(std::string_view layer, const Shapes& inputs) {
  require(inputs.size() >= 2, layer, "the layer takes a list of at least 2 inputs. Got ", inputs.size(), ".");
}

void require_rank(std::string_view layer, const Shape& input, int rank, std::string_view meaning) {
  require(input.rank() == rank, layer, "each sample must have shape ", meaning, ". Got ", input, ".");
}

void require_no_gradient(std::string_view layer, const Lowering& lowering, Value input) {
  require(!lowering.wants_gradient(input), layer,
          "no gradient passes through numbers of categories: layers before this one cannot learn. Freeze them, or move "
          "this one to the input.");
}

int sample_axis(std::string_view layer, int64_t axis, int rank) {
  const int64_t whole = rank + 1;
  const int64_t index = axis < 0 ? axis + whole : axis;
  require(index >= 1 && index < whole, layer, "axis must be one of the ", rank, " after the batch's (1 to ", rank,
          ", or negative from the end). Got ", axis, ".");
  return static_cast<int>(index - 1);
}

}  // namespace batchwise

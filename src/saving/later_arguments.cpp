// Arguments that layers got after Keras 3.3, from the signatures of its versions 3.3.3 and 3.15.1.
#include "saving/later_arguments.h"

#include <vector>

namespace batchwise {
namespace {

struct Later {
  std::string_view layers;  // the end of their names; "": all
  std::string_view key;
  Config before;
};

const std::vector<Later>& later() {
  static const std::vector<Later> all{
      {"", "quantization_config", {}},
      {"", "lora_alpha", {}},
      {"", "gptq_unpacked_column_size", {}},
      {"Attention", "sliding_window", {}},
      {"Attention", "flash_attention", {}},
      {"Attention", "use_gate", false},
      {"Attention", "seed", {}},
      {"Transpose", "output_padding", {}},
      {"Lookup", "oov_method", "floormod"},
      {"Lookup", "salt", {}},
      {"Resizing", "antialias", false},
      {"RandomFlip", "data_format", {}},
      {"RandomFlip", "data_format", "channels_last"},
      {"RandomContrast", "value_range", Config::List{0, 255}},
      {"ZeroPadding1D", "data_format", {}},
      {"ZeroPadding1D", "data_format", "channels_last"},
  };
  return all;
}

bool same(const Config& a, const Config& b) {
  if (!a.is_list() || !b.is_list()) return a == b || (a.is_number() && b.is_number() && a.as_number() == b.as_number());
  if (a.as_list().size() != b.as_list().size()) return false;
  for (size_t i = 0; i < a.as_list().size(); ++i)
    if (!same(a.as_list()[i], b.as_list()[i])) return false;
  return true;
}

}  // namespace

bool came_later(std::string_view layer, std::string_view key, const Config& value) {
  for (const Later& argument : later())
    if (argument.key == key && layer.ends_with(argument.layers) && same(argument.before, value)) return true;
  return false;
}

}  // namespace batchwise

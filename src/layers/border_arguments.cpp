// How much padding or cropping layers put before and after each axis.
#include "layers/border_arguments.h"

#include <batchwise/error.h>

namespace batchwise {

Borders borders_of(std::string_view layer, const Config& config, std::string_view key, int rank) {
  const Config* given = config.find(key);
  const Config value = given && !given->is_null() ? *given : Config(1);
  const auto number = [&](const Config& of) {
    const int64_t n = of.as_int(key);
    require(n >= 0, layer, key, " must not be negative. Got ", value.text(), ".");
    return n;
  };
  const auto pair = [&](const Config& of) -> std::array<int64_t, 2> {
    if (!of.is_list()) return {number(of), number(of)};
    require(of.as_list().size() == 2, layer, key, " must state how much before and after. Got ", value.text(), ".");
    return {number(of.as_list()[0]), number(of.as_list()[1])};
  };
  if (rank == 1) return {pair(value)};
  if (!value.is_list()) return Borders(static_cast<size_t>(rank), pair(value));
  require(static_cast<int>(value.as_list().size()) == rank, layer, key, " must have one entry per axis, ", rank,
          ". Got ", value.text(), ".");
  Borders borders;
  for (const Config& axis : value.as_list()) borders.push_back(pair(axis));
  return borders;
}

Config borders_config(const Borders& borders) {
  Config::List all;
  for (const auto& [before, after] : borders) all.push_back(Config::List{before, after});
  return borders.size() == 1 ? all.front() : Config(all);
}

}  // namespace batchwise

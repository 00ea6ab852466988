// Nested lists and objects, walked with their keys sorted, as Keras walks them.
#include "saving/nesting.h"

#include <algorithm>

#include <batchwise/error.h>

namespace batchwise {
namespace {

Config walk(const Config& value, const IsOne& is_one, const std::string& where, std::vector<Config>& flat) {
  if (is_one(value)) {
    flat.push_back(value);
    return static_cast<int64_t>(flat.size()) - 1;
  }
  if (value.is_list()) {
    Config::List places;
    for (const Config& item : value.as_list()) places.push_back(walk(item, is_one, where, flat));
    return places;
  }
  require(value.is_object(), where, "lists and names must hold nothing else here. Got ", value.text().substr(0, 100),
          ".");
  Config::Object places = value.as_object();
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [key, item] : places) item = walk(Config(item), is_one, where, flat);
  return places;
}

}  // namespace

Nesting read_nesting(const Config& value, const IsOne& is_one, const std::string& where) {
  Nesting nesting;
  nesting.structure = walk(value, is_one, where, nesting.flat);
  const bool list = value.is_list() && std::all_of(value.as_list().begin(), value.as_list().end(), is_one);
  if (list || is_one(value)) nesting.structure = {};
  return nesting;
}

bool holds_one(const Config& value, const IsOne& is_one) {
  if (is_one(value)) return true;
  if (value.is_list())
    return std::any_of(value.as_list().begin(), value.as_list().end(),
                       [&](const Config& item) { return holds_one(item, is_one); });
  return value.is_object() && std::any_of(value.as_object().begin(), value.as_object().end(),
                                          [&](const auto& entry) { return holds_one(entry.second, is_one); });
}

Config nested(const Config& structure, const std::vector<Config>& flat) {
  if (structure.is_null()) return flat;
  if (structure.is_int()) return flat.at(static_cast<size_t>(structure.as_int()));
  if (structure.is_list()) {
    Config::List all;
    for (const Config& item : structure.as_list()) all.push_back(nested(item, flat));
    return all;
  }
  Config all = Config(Config::Object{});
  for (const auto& [key, item] : structure.as_object()) all.set(key, nested(item, flat));
  return all;
}

}  // namespace batchwise

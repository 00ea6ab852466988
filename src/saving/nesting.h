// Things that files nest in lists and objects, as one list in Keras's order.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <batchwise/config.h>

namespace batchwise {

struct Nesting {
  std::vector<Config> flat;
  Config structure;  // with the places of the things in `flat`; null: one thing, or a list of them
};

using IsOne = std::function<bool(const Config&)>;

// Objects give their values sorted by their keys. Throws where something else than lists, objects and things is found.
Nesting read_nesting(const Config& value, const IsOne& is_one, const std::string& where);

// A thing is found anywhere inside.
bool holds_one(const Config& value, const IsOne& is_one);

// The way back.
Config nested(const Config& structure, const std::vector<Config>& flat);

}  // namespace batchwise

// Initializers, regularizers and constraints among a layer's arguments, tried.
#include "saving/makeable.h"

#include <batchwise/optimizer.h>

namespace batchwise {
namespace {

template <class Base>
void require_part(const Config& value, const std::string& where) {
  if (value.is_null()) return;
  require_makeable<Base>(spec_of(value, where), where);
}

}  // namespace

void require_known_parts(const Config& arguments, const std::string& where) {
  for (const auto& [key, value] : arguments.as_object(where)) {
    const std::string at = where + ": " + key;
    if (key.ends_with("_initializer")) require_part<Initializer>(value, at);
    else if (key.ends_with("_regularizer")) require_part<Regularizer>(value, at);
    else if (key.ends_with("_constraint")) require_part<Constraint>(value, at);
    else if (const Config* inner = value.find("config"); inner && inner->is_object()) require_known_parts(*inner, at);
    if (key != "cells" || !value.is_list()) continue;
    for (const Config& cell : value.as_list())
      if (const Config* inner = cell.find("config"); inner && inner->is_object()) require_known_parts(*inner, at);
  }
}

}  // namespace batchwise

// Errors of a layer say which layer it is: "[Dense] ..." becomes "[dense_3 (Dense)] ...".
#pragma once

#include <string>

#include <batchwise/error.h>
#include <batchwise/layer.h>

namespace batchwise {

inline Error named_error(const Error& error, const Layer& layer) {
  const std::string text = error.what(), start = "[" + std::string(layer.class_name()) + "]";
  if (layer.name().empty() || !text.starts_with(start)) return error;
  return Error(error.kind(),
               "[" + layer.name() + " (" + std::string(layer.class_name()) + ")]" + text.substr(start.size()));
}

template <class Work>
auto naming_errors(const Layer& layer, const Work& work) {
  try {
    return work();
  } catch (const BudgetError&) { throw; } catch (const Error& error) {
    throw named_error(error, layer);
  }
}

}  // namespace batchwise

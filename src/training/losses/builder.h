// Puts a loss's options into its Spec.
#pragma once

#include <string>
#include <utility>

#include <batchwise/config.h>

namespace batchwise {

template <class Options>
Spec loss_spec(const char* class_name, const Options& options, std::initializer_list<Config::Entry> own = {}) {
  Config config = Config::object(own);
  if (!options.name.empty()) config.set("name", options.name);
  config.set("reduction", options.reduction);
  return Spec(class_name, std::move(config));
}

}  // namespace batchwise

// Names of interpolations.
#include "images/interpolation.h"

#include <algorithm>

#include <batchwise/registry.h>

namespace batchwise {

const std::vector<std::string>& interpolation_names() {
  static const std::vector<std::string> names = {"bilinear", "nearest",  "bicubic",  "area",
                                                 "lanczos3", "lanczos5", "gaussian", "mitchellcubic"};
  return names;
}

Interpolation interpolation_named(const std::string& name) {
  const auto& names = interpolation_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    std::string known;
    for (const std::string& one : names) known += (known.empty() ? "\"" : ", \"") + one + '"';
    const std::string near = nearest_name(name, names);
    fail("interpolation", "the value must be one of ", known, ". Got \"", name, "\".",
         near.empty() ? "" : " Did you mean \"" + near + "\"?");
  }
  return static_cast<Interpolation>(found - names.begin());
}

}  // namespace batchwise

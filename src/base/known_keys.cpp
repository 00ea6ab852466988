// Refuses arguments that would be ignored.
#include "base/known_keys.h"

#include <algorithm>
#include <string>
#include <vector>

#include <batchwise/dtype_policy.h>
#include <batchwise/error.h>
#include <batchwise/registry.h>

namespace batchwise {
namespace {

bool is_plain_dtype(const Config& value) { return value.is_null() || dtype_word(&value) == "float32"; }

}  // namespace

void require_known_keys(const Config& config, std::string_view where, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : config.as_object(where)) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (key == "dtype" && is_plain_dtype(value)) continue;
    const std::string near = nearest_name(key, std::vector<std::string>(known.begin(), known.end()));
    fail(where, "every argument must be one that it knows. Got \"", key, "\": ", value.text(), ".",
         near.empty() ? "" : " Did you mean \"" + near + "\"?");
  }
}

}  // namespace batchwise

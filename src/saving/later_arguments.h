// Arguments that layers got after Keras 3.3, which refuses them.
#pragma once

#include <string_view>

#include <batchwise/config.h>

namespace batchwise {

// The argument came later and has the value that means "as before": files for every Keras leave it out.
bool came_later(std::string_view layer, std::string_view key, const Config& value);

}  // namespace batchwise

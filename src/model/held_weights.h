// Weights that a fit, an evaluation or a Trainer holds: nobody else may use them until it is over.
#pragma once

#include <string_view>

#include <batchwise/model.h>

namespace batchwise {

void require_not_held(const Model& model, std::string_view where);

}  // namespace batchwise

// Keras's snake case of class names.
#pragma once

#include <string>
#include <string_view>

namespace batchwise {

std::string snake_case(std::string_view class_name);  // "MaxPooling2D" -> "max_pooling2d", "PReLU" -> "p_re_lu"

}  // namespace batchwise

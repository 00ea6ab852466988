// Keras's snake case of class names.
#pragma once

#include <string>
#include <string_view>

namespace batchwise {

// "MaxPooling2D" -> "max_pooling2d", "PReLU" -> "p_re_lu"; "ops.numpy.Add" -> "add".
std::string snake_case(std::string_view class_name);

}  // namespace batchwise

// Sizes in the words of Keras's summary.
#pragma once

#include <string>

namespace batchwise {

// "212.54 KB": Keras divides by 1024 and still writes KB.
std::string keras_size(double bytes);

}  // namespace batchwise

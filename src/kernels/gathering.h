// Elements of an axis, taken from places that another tensor says.
#pragma once

#include <memory>
#include <string>

#include <batchwise/kernel.h>

namespace batchwise {

// Inputs: the tensor (float32) and places along `axis` (int32; counted from the end where negative), whose shape the
// result has. REQUIRES: plain layouts, equal sizes of all other axes. A place outside is an error that names `where`.
std::unique_ptr<Kernel> make_gathering_kernel(const std::string& where, const TensorType& type,
                                              const TensorType& places, int axis, int64_t grain);

}  // namespace batchwise

// Rows of a table, looked up by number.
#pragma once

#include <memory>
#include <string>

#include <batchwise/kernel.h>

namespace batchwise {

// Weight: (rows, width). ids: of any integer dtype, or float32 that is cut to integers. Throws in forward for ids that
// the table lacks, naming `where`.
std::unique_ptr<Kernel> make_embedding_kernel(const TensorType& ids, int64_t rows, int64_t width, std::string where,
                                              int64_t grain);

}  // namespace batchwise

// .npy files as columns.
#pragma once

#include <string>

#include "data/sources/file_rows.h"

namespace batchwise {

// The whole file as one column called `name`. Throws unless its first dimension can be the samples.
FileColumn npy_column(const std::string& path, const std::string& name);

}  // namespace batchwise

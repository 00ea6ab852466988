// The report of a tune: what was recommended, and what it rests on.
#pragma once

#include <string>

#include "report/html/page.h"

namespace batchwise {

bool is_tune_folder(const std::string& folder);  // also of one that has only begun
Page tune_page(const std::string& folder);

}  // namespace batchwise

// The report of a tune: what was recommended, and what it rests on.
#pragma once

#include <string>

#include "report/html/page.h"

namespace batchwise {

Page tune_page(const std::string& folder);

}  // namespace batchwise

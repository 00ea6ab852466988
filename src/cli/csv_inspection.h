// What a .csv file holds: records, and for each column its numbers, its texts and what is missing.
#pragma once

#include <string>

namespace batchwise {

// Reads the whole file, in memory that does not grow with it. Throws Error(Input) naming the line for what is no .csv.
std::string inspect_csv(const std::string& path);

}  // namespace batchwise

// The report of a folder: one HTML file.
#pragma once

#include <string>
#include <vector>

namespace batchwise {

// Of a run, a sweep or a tune folder: all of it that can be read. Throws Error(Input) for a folder that is none.
std::string html_report(const std::string& folder);

// Of two or more runs, over one another. Throws Error(Input) for a folder that holds no run.
std::string html_comparison(const std::vector<std::string>& runs);

}  // namespace batchwise

// Whether the first record of a .csv file names its columns or is a sample like the others.
#pragma once

#include <string>
#include <vector>

namespace batchwise {

// A record of numbers alone is a sample. One with text in it is a header, unless `target` is given by its number and
// what the record says there is said again below: names of classes come back, names of columns do not. The first
// thousand records tell. `target` empty: none. Numbers behind an empty field are a header, as pandas writes one. Throws
// Error(Input) where neither can be told: numbers beside text, and text where text is below.
bool csv_has_header(const std::string& path, const std::string& target);
// Whether all of some names stand in the first record, which is a header then.
bool csv_header_names(const std::string& path, const std::vector<std::string>& names);

}  // namespace batchwise

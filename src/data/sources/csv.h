// .csv files of numbers as data sets: one column is the target, the others are the input.
#pragma once

#include <string>
#include <vector>

#include <batchwise/dataset.h>

namespace batchwise {

// x float32 (N, columns - 1) and y float32 (N), parsed once into the cache. `target` is a name of the header, or the
// number of a column counted from 0; empty: no target, all columns are x. csv_has_header() tells whether the first
// record is a header. Throws Error(Input) naming line and column for anything that is no number, and for records of
// different lengths.
Dataset open_csv_data(const std::string& path, const std::string& target);

// Whether at least half of the column's first thousand fields are no numbers. Throws as open_csv_data for a column that
// is not there.
bool csv_column_is_text(const std::string& path, const std::string& column);
// Whether its first field is one of `words`: classes may be called 1 and 2.
bool csv_column_starts_with(const std::string& path, const std::string& column, const std::vector<std::string>& words);
// The name of the only column besides another one, which may be none; "" where there are more.
std::string csv_column_besides(const std::string& path, const std::string& other);

}  // namespace batchwise

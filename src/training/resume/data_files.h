// The files that a run's data are read from, kept beside its checkpoints: a resume can say which of them changed.
#pragma once

#include <string>

#include <batchwise/dataset.h>

namespace batchwise {

// Writes the names, sizes and times of change of the files that `data` is read from to `path`; nothing where it names
// none.
void write_data_files(const std::string& path, const Dataset& data);

// A sentence that begins with a space: which files of `data` are not as they were when `path` was written, by name,
// some of them where they are many. "": nothing is known of them, or they are the same.
std::string changed_data_files(const std::string& path, const Dataset& data);

}  // namespace batchwise

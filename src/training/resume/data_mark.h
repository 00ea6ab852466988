// What a checkpoint remembers of data, so that a resume with other data is refused.
#pragma once

#include <cstdint>
#include <string>

#include <batchwise/dataset.h>

namespace batchwise {

struct DataMark {
  std::string fingerprint;  // of some samples
  int64_t looks = 0;        // at how many; 0: not had by number
  std::string files;        // Stage::files()
};

// The files of a part of `whole`, or of all of it where the part does not know.
std::string files_of(const Dataset& part, const Dataset& whole);

// Samples to look at: of those that take work to read few, of others as many as are read in a moment.
int64_t looks_at(const Source& source);

// What `looks` rows look like, spread over the whole data set. The same however the rows are kept: in memory, in a
// file, or made anew.
std::string fingerprint_of(const Source& source, int64_t looks);

}  // namespace batchwise

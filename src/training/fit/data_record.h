// What a checkpoint says of a run's data, and a resume compares with those that it is given.
#pragma once

#include <cstdint>
#include <string>

#include <batchwise/config.h>
#include <batchwise/training.h>

#include "training/callbacks/observers.h"
#include "training/fit/run_data.h"
#include "training/resume/data_mark.h"

namespace batchwise {

class DataRecord {
 public:
  // Of the data as they were given to fit, with its options: both outlive it.
  DataRecord(const Dataset& given, const FitOptions& options) : given_(given), options_(options) {}

  void begin(const RunData& data);  // which files they are read from
  // What the samples look like, once: those of rows all over the data, of a stream the first of the pass it is in.
  void look(RunData& data);
  void write_to(Config& header, RunData& data);
  void keep_file_names() const;  // beside the checkpoints
  // Throws unless the data are those that `header` was written of, as far as it says: older checkpoints say less.
  void check_same(const Config& header, RunData& data, const Observers& observers);
  // A sentence that begins with a space: which files are not as they were. "": none, or it is not known.
  std::string changed_files(bool validation) const;

 private:
  std::string files_path(bool validation) const;
  void check_same_files(const Config& header, bool validation, const std::string& what,
                        const Observers& observers) const;

  const Dataset& given_;
  const FitOptions& options_;
  DataMark mark_, validation_mark_;
  uint64_t fingerprint_pass_ = 0;
};

}  // namespace batchwise

// Knowing data again: by some of their samples, and by the files that they are read from.
#include "training/fit/data_record.h"

#include <batchwise/error.h>

#include "training/resume/data_files.h"

namespace batchwise {

void DataRecord::begin(const RunData& data) {
  mark_.files = files_of(data.training(), given_);
  if (!data.validation().empty())
    validation_mark_.files =
        files_of(data.validation(), options_.validation_data.empty() ? given_ : options_.validation_data);
}

void DataRecord::look(RunData& data) {
  const auto at_rows = [](DataMark& mark, const Dataset& rows) {
    if (!mark.fingerprint.empty()) return;
    mark.looks = looks_at(rows.source());
    mark.fingerprint = fingerprint_of(rows.source(), mark.looks);
  };
  if (!data.streamed()) at_rows(mark_, data.training());
  else if (!data.stream().fingerprint().empty()) {
    mark_.fingerprint = data.stream().fingerprint();
    fingerprint_pass_ = data.stream().pass();
  }
  // Nobody looks at the samples of validation that is streamed: they would have to be made.
  if (!data.validation().empty() && !data.validation_samples().streamed()) at_rows(validation_mark_, data.validation());
}

void DataRecord::write_to(Config& header, RunData& data) {
  look(data);
  header.set("data_fingerprint", mark_.fingerprint);
  header.set("data_looks", mark_.looks);
  header.set("data_identity", mark_.files);
  header.set("validation_fingerprint", validation_mark_.fingerprint);
  header.set("validation_looks", validation_mark_.looks);
  header.set("validation_identity", validation_mark_.files);
  header.set("fingerprint_pass", static_cast<int64_t>(fingerprint_pass_));
}

std::string DataRecord::files_path(bool validation) const {
  return options_.checkpoint.directory + (validation ? "/validation-files" : "/data-files");
}

void DataRecord::keep_file_names() const {
  write_data_files(files_path(false), given_);
  if (!options_.validation_data.empty()) write_data_files(files_path(true), options_.validation_data);
}

std::string DataRecord::changed_files(bool validation) const {
  const bool given = validation && !options_.validation_data.empty();
  return changed_data_files(files_path(given), given ? options_.validation_data : given_);
}

void DataRecord::check_same(const Config& header, RunData& data, const Observers& observers) {
  const auto stated = [&](const char* key) {
    const Config* text = header.find(key);
    return text ? text->as_string() : "";
  };
  // As many looks as then: data that is held elsewhere now would else be looked at more, or less.
  const auto looked_at = [&](const char* key, DataMark& mark, const Source& source) {
    const Config* looks = header.find(key);
    mark.looks = looks ? looks->as_int() : looks_at(source);
    mark.fingerprint = fingerprint_of(source, mark.looks);
  };
  const std::string training = data.training().describe();
  if (const std::string fingerprint = stated("data_fingerprint"); !fingerprint.empty()) {
    if (data.streamed()) {
      data.stream().start(static_cast<uint64_t>(header.at("fingerprint_pass").as_int()), 0, 1);
      mark_.fingerprint = data.stream().fingerprint();
      fingerprint_pass_ = data.stream().pass();
    } else {
      looked_at("data_looks", mark_, data.training().source());
    }
    if (fingerprint != mark_.fingerprint)
      fail("resume", "the data must be what the run was started with. Got other samples from ", training, ".",
           changed_files(false));
  }
  check_same_files(header, false, training, observers);
  if (data.validation().empty()) return;
  const std::string validation = data.validation_samples().empty() ? training : options_.validation_data.describe();
  if (const std::string fingerprint = stated("validation_fingerprint");
      !fingerprint.empty() && !data.validation_samples().streamed()) {
    looked_at("validation_looks", validation_mark_, data.validation().source());
    if (fingerprint != validation_mark_.fingerprint)
      fail("resume", "the validation data must be what the run was started with. Got other samples from ", validation,
           ".", changed_files(true));
  }
  check_same_files(header, true, "the validation data, " + validation + ",", observers);
}

void DataRecord::check_same_files(const Config& header, bool validation, const std::string& what,
                                  const Observers& observers) const {
  const std::string& files = (validation ? validation_mark_ : mark_).files;
  const Config* stated = header.find(validation ? "validation_identity" : "data_identity");
  if (!stated || stated->as_string().empty() || stated->as_string() == files) return;
  const std::string changed = changed_files(validation);
  require(options_.checkpoint.allow_changed_files, "resume", "the files of ", what,
          " must be those that the run was started with. Got files with other names, sizes or times of change, so that "
          "the result would be another.",
          changed, " Put the files back; or, if they were only copied, give --allow-changed-files.");
  observers.message("[resume] the files of " + what +
                    " have other sizes or times of change than when the run was started; the samples that were "
                    "looked at are the same." +
                    changed);
}

}  // namespace batchwise

// The data of a run, and which part of them is held out.
#include "training/fit/run_data.h"

#include <cmath>
#include <utility>

#include "data/resident.h"
#include "data/sources/picked_rows.h"
#include "training/inference/evaluation.h"

namespace batchwise {

RunData::RunData(const Model& model, const Dataset& data, const FitOptions& options)
    : batch_size_(options.batch_size),
      stated_validation_batch_(options.validation_batch_size),
      validation_split_(options.validation_data.empty() ? options.validation_split : 0),
      samples_(model, data, options.batch_size, true),
      whole_(samples_.rows()) {
  if (!options.validation_data.empty()) {
    validation_samples_ = Samples(model, options.validation_data, stream_part(validation_batch()));
    require(validation_samples_.count() != kInfinite || options.validation_steps > 0, "fit",
            "endless validation data needs validation_steps. Got none.");
  } else {
    require(validation_split_ > 0 || options.validation_steps == 0, "fit",
            "validation_steps needs validation_data or validation_split. Got ", options.validation_steps, " without.");
  }
  divide();
}

RunData::RunData(const RunData& like, Samples samples, Samples validation_samples, Dataset whole, int64_t batch_size)
    : batch_size_(batch_size),
      stated_validation_batch_(like.stated_validation_batch_),
      validation_split_(like.validation_split_),
      samples_(std::move(samples)),
      validation_samples_(std::move(validation_samples)),
      held_(&whole.source() != &samples_.rows().source()),
      whole_(std::move(whole)) {
  divide();
}

RunData RunData::at(int64_t batch_size, bool ahead) const {
  const int64_t validation_batch = stated_validation_batch_ > 0 ? stated_validation_batch_ : batch_size;
  Samples samples = samples_.with_buffers(batch_size, ahead);
  Dataset whole = streamed() ? samples.rows() : whole_;
  return RunData(*this, std::move(samples), validation_samples_.with_buffers(stream_part(validation_batch), false),
                 std::move(whole), batch_size);
}

RunData RunData::held() const {
  return RunData(*this, samples_.with_buffers(batch_size_, false),
                 validation_samples_.with_buffers(stream_part(validation_batch()), false), resident(whole_),
                 batch_size_);
}

void RunData::divide() {
  training_ = whole_;
  if (!validation_samples_.empty()) validation_ = validation_samples_.rows();
  if (validation_split_ == 0) return;
  require(!streamed(), "fit", "validation_split needs samples that can be had by number. Got ", whole_.describe(),
          ", whose elements come one after another: give validation_data.");
  const int64_t rows = whole_.size();
  const int64_t train = static_cast<int64_t>(std::floor(static_cast<double>(rows) * (1 - validation_split_)));
  require(train > 0 && train < rows, "fit", "validation_split must leave samples on both sides. Got ",
          validation_split_, " of ", rows, " samples.");
  validation_ = whole_.slice(train, rows - train);
  training_ = whole_.slice(0, train);
}

void RunData::open() {
  samples_.open();
  validation_samples_.open();
}

int64_t RunData::samples_in_pass() const { return streamed() ? samples_.count() : training_.size(); }

int64_t RunData::samples_read() const { return samples_in_pass() + (validation_split_ > 0 ? validation_.size() : 0); }

void RunData::hold_decoded(DecodedRoom& room) const {
  samples_.hold_decoded(room);
  validation_samples_.hold_decoded(room);
}

void RunData::asks(SessionRequest& request) const {
  request.batch_size = batch_size_;
  request.inference = !validation_.empty();
  request.inference_batch = validation_batch();
  request.data = training_;
  request.validation = validation_;
  request.pipeline_bytes = streamed() ? 0 : whole_.source().resident_bytes();
  request.pipeline_spare = held_ ? request.pipeline_bytes : 0;
  request.pipeline_ahead = samples_.ahead_bytes();
  if (validation_samples_.empty() || &validation_samples_.rows().source() == &whole_.source()) return;
  const bool apart = streamed() || validation_samples_.streamed() ||
                     &root_of(validation_samples_.rows().source()) != &root_of(whole_.source());
  if (apart) request.pipeline_bytes += validation_samples_.resident_bytes();
  request.pipeline_ahead += validation_samples_.ahead_bytes();
}

}  // namespace batchwise

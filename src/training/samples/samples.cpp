// Samples for training: by number, or buffered from a stream.
#include "training/samples/samples.h"

#include <algorithm>

#include "data/stages/following_stage.h"
#include "training/samples/sample_shape.h"

namespace batchwise {
namespace {

std::vector<Column> without_batch(std::vector<Column> columns) {
  for (Column& column : columns)
    if (column.shape.rank() > 0) column.shape = column.shape.without_batch();
  return columns;
}

bool fit(const std::vector<Column>& columns, const Model& model) {
  const auto& inputs = model.inputs();
  if (columns.size() < inputs.size()) return false;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!feeds(columns[i].shape, inputs[i].shape())) return false;
  return true;
}

bool all_ranked(const std::vector<Column>& columns) {
  return std::all_of(columns.begin(), columns.end(), [](const Column& c) { return c.shape.rank() > 0; });
}

bool all_known(const std::vector<Column>& columns) {
  return std::all_of(columns.begin(), columns.end(), [](const Column& c) { return c.shape.known(); });
}

}  // namespace

Samples::Samples(const Model& model, const Dataset& data, int64_t capacity, bool ahead) : data_(data) {
  if (data_.empty()) return;
  const int inputs = data_.num_inputs(), targets = data_.num_targets();
  std::shared_ptr<const Stage> stage = data_.stage();
  // A stage that makes batches is taken off: how many samples it hands over at a time changes nothing.
  if (const auto inner = stage->samples(); inner && fit(inner->columns(), model)) stage = inner;
  ordered_ = stage->ordered();
  std::vector<Column> columns = stage->columns();
  require(!columns.empty(), stage->describe(), "the data must have at least one sample. Got none.");
  const bool batches = !fit(columns, model) && all_ranked(columns) && fit(without_batch(columns), model);
  if (!batches && stage->rows()) {
    if (stage != data_.stage()) data_ = Dataset(stage).with_roles(inputs, targets);
    return;
  }
  if (batches) columns = without_batch(std::move(columns));
  if (!all_known(columns)) {  // then as in the first element
    Element first;
    require(stage->open(0)->next(first), stage->describe(), "the data must have at least one sample. Got none.");
    columns = batches ? without_batch(columns_of(first)) : columns_of(first);
  }
  stream_ = std::make_unique<SampleStream>(std::move(stage), batches, std::move(columns), capacity, ahead);
  data_ = Dataset(stream_->buffer(), inputs, targets);
}

Samples Samples::with_buffers(int64_t capacity, bool ahead) const {
  Samples other;
  other.data_ = data_;
  other.ordered_ = ordered_;
  if (!streamed()) return other;
  const SampleStream& now = *stream_;
  other.stream_ = std::make_unique<SampleStream>(now.stage(), now.batches(), now.buffer()->columns(), capacity, ahead);
  other.data_ = Dataset(other.stream_->buffer(), data_.num_inputs(), data_.num_targets());
  return other;
}

int64_t Samples::count() const {
  if (!streamed()) return data_.size();
  const int64_t elements = stream_->stage()->cardinality();
  return stream_->batches() && elements >= 0 ? kUnknown : elements;
}

int64_t Samples::resident_bytes() const { return empty() || streamed() ? 0 : data_.source().resident_bytes(); }

int64_t Samples::ahead_bytes() const {
  return streamed() ? stream_->buffer_bytes() + stream_->stage()->resident_bytes() : 0;
}

void Samples::open() {
  if (streamed()) stream_->open();
}

void Samples::hold_decoded(DecodedRoom& room) const {
  if (streamed()) stream_->stage()->hold_decoded(room);
  else if (!empty()) data_.source().hold_decoded(room);
}

void Samples::report(std::vector<StageFacts>& facts) const {
  if (streamed()) stream_->stage()->report(facts);
}

}  // namespace batchwise

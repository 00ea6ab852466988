// Samples for training: by number, or buffered from a stream.
#include "training/samples.h"

#include <algorithm>
#include <cstring>

#include <xxhash.h>

#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

// Images of one channel may come without their channel axis, numbers without the axis of one number.
bool fits(const Shape& stored, const Shape& wanted) {
  if (compatible(stored, wanted)) return true;
  if (stored.rank() + 1 != wanted.rank() || wanted.back() != 1) return false;
  Shape squeezed(std::span<const int64_t>(wanted.begin(), wanted.end() - 1));
  return compatible(stored, squeezed);
}

std::vector<Column> without_batch(std::vector<Column> columns) {
  for (Column& column : columns)
    if (column.shape.rank() > 0) column.shape = column.shape.without_batch();
  return columns;
}

bool fit(const std::vector<Column>& columns, const Model& model) {
  const auto& inputs = model.inputs();
  if (columns.size() < inputs.size()) return false;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!fits(columns[i].shape, inputs[i].shape())) return false;
  return true;
}

bool all_ranked(const std::vector<Column>& columns) {
  return std::all_of(columns.begin(), columns.end(), [](const Column& c) { return c.shape.rank() > 0; });
}

bool all_known(const std::vector<Column>& columns) {
  return std::all_of(columns.begin(), columns.end(), [](const Column& c) { return c.shape.known(); });
}

std::string hash_of(const Element& sample) {
  XXH64_hash_t hash = 0;
  for (const Array& array : sample) hash = XXH3_64bits_withSeed(array.raw(), static_cast<size_t>(array.bytes()), hash);
  return std::to_string(hash);
}

}  // namespace

// The samples of one batch. Filled between steps, read by lanes during a step.
class Samples::Buffer final : public Source {
 public:
  Buffer(std::vector<Column> columns, int64_t capacity, std::string description)
      : columns_(std::move(columns)), capacity_(capacity), description_(std::move(description)) {
    for (const Column& column : columns_) arrays_.emplace_back(column.dtype, column.shape.with_batch(capacity));
  }
  int64_t size() const override { return capacity_; }
  const std::vector<Column>& columns() const override { return columns_; }
  std::string describe() const override { return description_; }
  int64_t resident_bytes() const override {
    int64_t bytes = 0;
    for (const Array& array : arrays_) bytes += array.bytes();
    return bytes;
  }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    const Array& array = arrays_[static_cast<size_t>(column)];
    const int64_t bytes = bytes_of(static_cast<size_t>(column));
    for (size_t r = 0; r < rows.size(); ++r)
      std::memcpy(static_cast<std::byte*>(out) + static_cast<int64_t>(r) * bytes, array.raw() + rows[r] * bytes,
                  static_cast<size_t>(bytes));
  }

  // Copies `rows` samples that lie in `from` from row `first` on (or the one sample that `from` is, first < 0).
  void put(int64_t row, std::span<const Array> from, int64_t first, int64_t rows) {
    require(from.size() == columns_.size(), description_, "all samples must have ", columns_.size(),
            " components, as the first has. Got ", from.size(), ".");
    for (size_t c = 0; c < from.size(); ++c) {
      const Shape shape = first < 0 ? from[c].shape() : from[c].shape().without_batch();
      require(from[c].dtype() == columns_[c].dtype && shape == columns_[c].shape, description_,
              "all samples must be as the first, ", columns_[c].shape, " of ", columns_[c].dtype, " in component ", c,
              ". Got ", shape, " of ", from[c].dtype(), ".");
      const int64_t bytes = bytes_of(c);
      std::memcpy(arrays_[c].raw() + row * bytes, from[c].raw() + std::max<int64_t>(first, 0) * bytes,
                  static_cast<size_t>(rows * bytes));
    }
  }

 private:
  int64_t bytes_of(size_t column) const { return columns_[column].shape.count() * size_of(columns_[column].dtype); }
  std::vector<Column> columns_;
  int64_t capacity_;
  std::string description_;
  std::vector<Array> arrays_;
};

Samples::Samples(const Model& model, const Dataset& data, int64_t capacity) : data_(data) {
  if (data_.empty()) return;
  const int inputs = data_.num_inputs(), targets = data_.num_targets();
  stage_ = data_.stage();
  // A stage that makes batches is taken off: how many samples it hands over at a time changes nothing.
  if (const auto inner = stage_->samples(); inner && fit(inner->columns(), model)) stage_ = inner;
  ordered_ = stage_->ordered();
  std::vector<Column> columns = stage_->columns();
  require(!columns.empty(), stage_->describe(), "the data must have at least one sample. Got none.");
  batches_ = !fit(columns, model) && all_ranked(columns) && fit(without_batch(columns), model);
  if (!batches_ && stage_->rows()) {
    if (stage_ != data_.stage()) data_ = Dataset(stage_).with_roles(inputs, targets);
    return;
  }
  if (batches_) columns = without_batch(std::move(columns));
  if (!all_known(columns)) {  // then as in the first element
    Element first;
    require(stage_->open(0)->next(first), stage_->describe(), "the data must have at least one sample. Got none.");
    columns = batches_ ? without_batch(columns_of(first)) : columns_of(first);
  }
  buffer_ = std::make_shared<Buffer>(std::move(columns), capacity, stage_->describe());
  data_ = Dataset(buffer_, inputs, targets);
}

int64_t Samples::count() const {
  if (!streamed()) return data_.size();
  const int64_t elements = stage_->cardinality();
  return batches_ && elements >= 0 ? kUnknown : elements;
}

int64_t Samples::resident_bytes() const {
  if (empty()) return 0;
  return data_.source().resident_bytes();
}

int64_t Samples::ahead_bytes() const { return streamed() ? stage_->resident_bytes() : 0; }

void Samples::start(uint64_t pass, int64_t position) {
  batch_stream_.reset();
  sample_stream_.reset();
  has_sample_ = false;
  fingerprint_.clear();
  pass_ = pass;
  if (batches_) batch_stream_ = std::make_unique<UnbatchStream>(stage_->open(pass));
  else sample_stream_ = stage_->open(pass);
  if (!more()) return;
  Element first = sample_;
  if (batches_) {
    int64_t row = 0, rows = 0;
    for (const Array& array : batch_stream_->rest(row, rows)) first.push_back(array.slice(row, 1));
  }
  fingerprint_ = hash_of(first);
  if (position == 0) return;
  const int64_t skipped = batches_ ? batch_stream_->skip(position) : 1 + sample_stream_->skip(position - 1);
  has_sample_ = false;
  require(skipped == position, stage_->describe(),
          "the data must have the samples that the run has used of this pass, ", position, ". Got ", skipped, ".");
}

bool Samples::more() {
  if (batches_) {
    int64_t first = 0, rows = 0;
    return !batch_stream_->rest(first, rows).empty();
  }
  if (!has_sample_) has_sample_ = sample_stream_->next(sample_);
  return has_sample_;
}

int64_t Samples::fill(int64_t count) {
  count = std::min(count, buffer_->size());
  int64_t filled = 0;
  while (filled < count && more()) {
    if (batches_) {
      int64_t first = 0, rows = 0;
      const std::span<const Array> batch = batch_stream_->rest(first, rows);
      rows = std::min(rows, count - filled);
      buffer_->put(filled, batch, first, rows);
      batch_stream_->skip(rows);
      filled += rows;
    } else {
      buffer_->put(filled++, sample_, -1, 1);
      has_sample_ = false;
    }
  }
  return filled;
}

std::string fingerprint_of(const Source& source) {
  constexpr int64_t kLooks = 16;
  const int64_t size = source.size();
  XXH64_hash_t hash = static_cast<XXH64_hash_t>(size);
  std::vector<std::vector<std::byte>> values;
  std::vector<void*> out;
  for (const Column& column : source.columns()) {
    values.emplace_back(static_cast<size_t>(std::max<int64_t>(1, column.shape.count() * size_of(column.dtype))));
    out.push_back(values.back().data());
  }
  for (int64_t look = 0; look < std::min(kLooks, size); ++look) {
    const int64_t row = size <= kLooks ? look : look * (size - 1) / (kLooks - 1);
    source.read({&row, 1}, 0, out);
    for (const auto& value : values) hash = XXH3_64bits_withSeed(value.data(), value.size(), hash);
  }
  return std::to_string(hash);
}

}  // namespace batchwise

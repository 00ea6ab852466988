// Records of tf.train.Example, read one by one when their rows are fetched.
#include <algorithm>
#include <cstring>

#include <batchwise/error.h>
#include <batchwise/record_dataset.h>

#include "formats/tfrecord/example.h"
#include "formats/tfrecord/tfrecord.h"

namespace batchwise {
namespace {

class TfRecordSource final : public Source {
 public:
  TfRecordSource(const std::string& path, std::vector<RecordFeature> features)
      : records_(path), features_(std::move(features)) {
    for (const RecordFeature& feature : features_) {
      require(feature.dtype == DType::Float32 || feature.dtype == DType::Int64 || feature.dtype == DType::UInt8, path,
              "the feature \"", feature.name, "\" must be float32, int64 or uint8. Got ", feature.dtype, ".");
      columns_.push_back({feature.name, feature.shape, feature.dtype});
    }
    require(records_.size() > 0, path, "the file must have at least one record. Got none.");
    for (size_t c = 0; c < columns_.size(); ++c) {
      const int64_t first[] = {0};
      std::vector<std::byte> out(static_cast<size_t>(columns_[c].shape.count() * size_of(columns_[c].dtype)));
      fetch(static_cast<int>(c), first, out.data());
    }
  }
  int64_t size() const override { return records_.size(); }
  const std::vector<Column>& columns() const override { return columns_; }
  std::string describe() const override { return records_.path(); }

  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    const Column& about = columns_[static_cast<size_t>(column)];
    const auto count = static_cast<size_t>(about.shape.count());
    // Grows to the longest record once per thread.
    thread_local std::vector<char> buffer;
    buffer.resize(std::max(buffer.size(), static_cast<size_t>(records_.longest() + 4)));
    auto* to = static_cast<std::byte*>(out);
    for (const int64_t row : rows) {
      require(row >= 0 && row < size(), describe(), "rows must be in [0, ", size(), "). Got ", row, ".");
      const std::string_view record = records_.read(row, buffer.data());
      Feature feature;
      require(find_feature(record, about.name, describe(), &feature), describe(), "record ", row,
              " must have the feature \"", about.name, "\". Got a record without it.");
      if (about.dtype == DType::Float32) feature.floats({reinterpret_cast<float*>(to), count});
      else if (about.dtype == DType::Int64) feature.integers({reinterpret_cast<int64_t*>(to), count});
      else {
        const std::string_view bytes = feature.bytes(0);
        require(bytes.size() == count, describe(), "the feature \"", about.name, "\" must have ", count, " bytes. Got ",
                bytes.size(), " in record ", row, ".");
        std::memcpy(to, bytes.data(), count);
      }
      to += count * static_cast<size_t>(size_of(about.dtype));
    }
  }

 private:
  TfRecords records_;
  std::vector<RecordFeature> features_;
  std::vector<Column> columns_;
};

}  // namespace

Dataset tfrecord_dataset(const std::string& path, std::vector<RecordFeature> inputs,
                         std::vector<RecordFeature> targets) {
  require(!inputs.empty(), path, "a data set must have at least one input. Got none.");
  require(tfrecord_packing(path) == Packing::None, path,
          "records must lie in a file that is not compressed as a whole: it has no random access. Unpack it first.");
  const int num_inputs = static_cast<int>(inputs.size()), num_targets = static_cast<int>(targets.size());
  inputs.insert(inputs.end(), targets.begin(), targets.end());
  return Dataset(std::make_shared<TfRecordSource>(path, std::move(inputs)), num_inputs, num_targets);
}

}  // namespace batchwise

// Records of tf.train.Example, read one by one when their rows are fetched.
#include <algorithm>
#include <cstring>

#include <batchwise/error.h>
#include <batchwise/record_dataset.h>

#include "base/usable_cores.h"
#include "data/sources/encoded_images.h"
#include "data/sources/shard_files.h"
#include "data/text_blocks.h"
#include "formats/tfrecord/example.h"
#include "formats/tfrecord/tfrecord.h"

namespace batchwise {
namespace {

class TfRecordSource final : public Source {
 public:
  TfRecordSource(const std::vector<std::string>& paths, std::vector<RecordFeature> features) {
    for (const std::string& path : paths) {
      require(
          tfrecord_packing(path) == Packing::None, path,
          "records must lie in a file that is not compressed as a whole: it has no random access. Unpack it first.");
      const InputFile file(path);
      records_.emplace_back(file);
      files_.add(file);
      ends_.push_back(size() + records_.back().size());
      longest_ = std::max(longest_, records_.back().longest());
    }
    for (RecordFeature& feature : features) {
      require(feature.dtype == DType::Float32 || feature.dtype == DType::Int64 || feature.dtype == DType::UInt8 ||
                  feature.dtype == DType::String,
              describe(), "the feature \"", feature.name, "\" must be float32, int64, uint8 or string. Got ",
              feature.dtype, ".");
      columns_.push_back({std::move(feature.name), feature.shape, feature.dtype});
    }
    require(size() > 0, describe(), "the file must have at least one record. Got none.");
    texts_.resize(columns_.size());
    images_.resize(columns_.size());
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].dtype == DType::String) {
        keep_texts(c);
        continue;
      }
      if (columns_[c].dtype == DType::Float32 && columns_[c].shape.rank() == 3)
        with_feature(c, 0, [&](const Feature& feature, const std::string&, int64_t) {
          if (feature.kind() == FeatureKind::Bytes)
            images_[c] = std::make_unique<EncodedImages>(columns_[c].shape, columns_[c].dtype, describe());
        });
      for (const int64_t row : looked_at(images_[c] ? size() : 0)) expect(c, row);
      std::vector<std::byte> out(static_cast<size_t>(columns_[c].shape.count() * size_of(columns_[c].dtype)));
      read(c, 0, out.data());
    }
  }
  int64_t size() const override { return ends_.empty() ? 0 : ends_.back(); }
  const std::vector<Column>& columns() const override { return columns_; }
  std::string describe() const override { return files_.path(0); }
  // The files' indices, text, and what decoding takes.
  int64_t resident_bytes() const override {
    int64_t bytes = size() * static_cast<int64_t>(sizeof(int64_t)) + text_bytes_;
    for (const auto& image : images_)
      if (image) bytes += usable_cores() * image->reader_bytes();
    return bytes;
  }
  bool worth_holding() const override { return text_bytes_ == 0; }
  bool decodes() const override {
    return std::any_of(images_.begin(), images_.end(), [](const auto& image) { return image != nullptr; });
  }
  std::string describe_row(int64_t row, uint64_t) const override {
    const auto f = file_of(row);
    return "record " + std::to_string(row - (f == 0 ? 0 : ends_[f - 1])) + " of " + files_.path(f);
  }

  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    const auto c = static_cast<size_t>(column);
    const int64_t count = columns_[c].shape.count();
    auto* to = static_cast<std::byte*>(out);
    for (const int64_t row : rows) {
      require(row >= 0 && row < size(), describe(), "rows must be in [0, ", size(), "). Got ", row, ".");
      if (columns_[c].dtype == DType::String)
        std::copy_n(texts_[c].begin() + row * count, count, reinterpret_cast<std::string_view*>(to));
      else read(c, row, to);
      to += count * size_of(columns_[c].dtype);
    }
  }

 private:
  size_t file_of(int64_t row) const {
    return static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), row) - ends_.begin());
  }

  // Calls `use` with the feature of a record.
  template <class Use>
  void with_feature(size_t column, int64_t row, const Use& use) const {
    const size_t f = file_of(row);
    const TfRecordIndex& records = records_[f];
    const int64_t record = row - (f == 0 ? 0 : ends_[f - 1]);
    // Grows to the longest record once per thread.
    thread_local std::vector<char> buffer;
    buffer.resize(std::max(buffer.size(), static_cast<size_t>(longest_ + TfRecordIndex::kChecksum)));
    files_.read_at(f, records.offset(record), buffer.data(), records.bytes(record) + TfRecordIndex::kChecksum);
    Feature feature;
    require(find_feature(records.checked(record, buffer.data()), columns_[column].name, records.path(), &feature),
            records.path(), "record ", record, " must have the feature \"", columns_[column].name,
            "\". Got a record without it.");
    use(feature, records.path(), record);
  }

  // A record that cannot be read is told of when it is.
  void expect(size_t column, int64_t row) {
    try {
      with_feature(column, row, [&](const Feature& feature, const std::string&, int64_t) {
        images_[column]->expect(feature.bytes(0));
      });
    } catch (const Error&) {}
  }

  void read(size_t column, int64_t row, std::byte* out) const {
    const Column& about = columns_[column];
    const auto count = static_cast<size_t>(about.shape.count());
    with_feature(column, row, [&](const Feature& feature, const std::string& path, int64_t record) {
      if (images_[column])
        return images_[column]->decode(feature.bytes(0),
                                       path + ": the image \"" + about.name + "\" of record " + std::to_string(record),
                                       reinterpret_cast<float*>(out));
      if (about.dtype == DType::Float32) return feature.floats({reinterpret_cast<float*>(out), count});
      if (about.dtype == DType::Int64) return feature.integers({reinterpret_cast<int64_t*>(out), count});
      const std::string_view bytes = feature.bytes(0);
      require(bytes.size() == count, path, "the feature \"", about.name, "\" must have ", count, " bytes. Got ",
              bytes.size(), " in record ", record, ".");
      std::memcpy(out, bytes.data(), count);
    });
  }

  void keep_texts(size_t column) {
    const Column& about = columns_[column];
    const int64_t count = about.shape.count();
    for (int64_t row = 0; row < size(); ++row)
      with_feature(column, row, [&](const Feature& feature, const std::string& path, int64_t record) {
        require(feature.count() == count, path, "the feature \"", about.name, "\" must have ", count, " texts. Got ",
                feature.count(), " in record ", record, ".");
        for (int64_t i = 0; i < count; ++i) {
          texts_[column].push_back(blocks_.add(feature.bytes(i)));
          text_bytes_ += static_cast<int64_t>(sizeof(std::string_view) + texts_[column].back().size());
        }
      });
  }

  ShardFiles files_;
  std::vector<TfRecordIndex> records_;  // per file
  std::vector<int64_t> ends_;           // per file: records in it and before
  int64_t longest_ = 0;                 // bytes of a record
  std::vector<Column> columns_;
  std::vector<std::unique_ptr<EncodedImages>> images_;  // per column; null: the first record has no image there
  std::vector<std::vector<std::string_view>> texts_;    // per column of text: all of it
  TextBlocks blocks_;
  int64_t text_bytes_ = 0;
};

}  // namespace

Dataset tfrecord_dataset(const std::vector<std::string>& paths, std::vector<RecordFeature> inputs,
                         std::vector<RecordFeature> targets) {
  require(!paths.empty() && !inputs.empty(), paths.empty() ? "tfrecord_dataset" : paths.front(),
          "a data set must have at least one file and one input. Got none.");
  const int num_inputs = static_cast<int>(inputs.size()), num_targets = static_cast<int>(targets.size());
  inputs.insert(inputs.end(), targets.begin(), targets.end());
  return Dataset(std::make_shared<TfRecordSource>(paths, std::move(inputs)), num_inputs, num_targets);
}

Dataset tfrecord_dataset(const std::string& path, std::vector<RecordFeature> inputs,
                         std::vector<RecordFeature> targets) {
  return tfrecord_dataset(std::vector<std::string>{path}, std::move(inputs), std::move(targets));
}

}  // namespace batchwise

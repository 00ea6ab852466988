// WebDataset's shards: the archives are indexed once, members read and decoded by whoever fetches them.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>

#include <batchwise/error.h>
#include <batchwise/record_dataset.h>

#include "base/usable_cores.h"
#include "data/sources/encoded_images.h"
#include "data/sources/shard_files.h"
#include "formats/npy/npy.h"
#include "formats/tar/tar.h"

namespace batchwise {
namespace {

// "jpg;png" in its parts: the first that a sample has is taken.
std::vector<std::string> alternatives(const std::string& ending) {
  std::vector<std::string> all;
  for (size_t at = 0; at <= ending.size();) {
    const size_t end = std::min(ending.find(';', at), ending.size());
    all.push_back(ending.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

bool is_image(const std::string& ending) {
  const auto known = [](const std::string& one) {
    for (const char* image : {"jpg", "jpeg", "png", "webp", "bmp", "gif"})
      if (one == image) return true;
    return false;
  };
  const std::vector<std::string> all = alternatives(ending);
  return std::all_of(all.begin(), all.end(), known);
}

bool is_npy(const std::string& ending) { return ending == "npy" || ending.ends_with(".npy"); }

class TarShards final : public Source {
 public:
  TarShards(const std::vector<std::string>& paths, std::vector<ShardColumn> columns) : wanted_(std::move(columns)) {
    for (const ShardColumn& column : wanted_) {
      images_.push_back(is_image(column.ending)
                            ? std::make_unique<EncodedImages>(column.shape, column.dtype, "shard_dataset")
                            : nullptr);
      check(column);
      columns_.push_back({column.ending, column.shape, column.dtype});
    }
    for (const std::string& path : paths) add(path);
    require(size() > 0, describe(), "the shards must hold at least one sample. Got none.");
    for (size_t c = 0; c < images_.size(); ++c)
      for (const int64_t row : looked_at(images_[c] ? size() : 0)) {
        const Place& place = places_[static_cast<size_t>(row) * wanted_.size() + c];
        images_[c]->expect(bytes_at(place));
      }
  }
  int64_t size() const override { return static_cast<int64_t>(places_.size() / wanted_.size()); }
  const std::vector<Column>& columns() const override { return columns_; }
  std::string describe() const override { return files_.count() == 0 ? "shards" : files_.path(0); }

  std::string describe_row(int64_t row, uint64_t) const override {
    const Place& place = places_[static_cast<size_t>(row) * wanted_.size()];
    return "sample " + std::to_string(row) + ", at byte " + std::to_string(place.offset) + " of " +
           files_.path(static_cast<size_t>(place.file));
  }

  // The index, and what decoding takes.
  int64_t resident_bytes() const override {
    int64_t bytes = static_cast<int64_t>(places_.size() * sizeof(Place));
    for (const auto& image : images_)
      if (image) bytes += usable_cores() * image->reader_bytes();
    return bytes;
  }
  bool worth_holding() const override { return true; }
  bool decodes() const override {
    return std::any_of(wanted_.begin(), wanted_.end(), [](const ShardColumn& c) { return is_image(c.ending); });
  }

  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    auto* to = static_cast<std::byte*>(out);
    const Column& about = columns_[static_cast<size_t>(column)];
    for (const int64_t row : rows) {
      require(row >= 0 && row < size(), describe(), "rows must be in [0, ", size(), "). Got ", row, ".");
      read(static_cast<size_t>(column),
           places_[static_cast<size_t>(row) * wanted_.size() + static_cast<size_t>(column)], to);
      to += about.shape.count() * size_of(about.dtype);
    }
  }

 private:
  struct Place {
    int32_t file = 0;
    int64_t offset = 0, bytes = 0;
  };

  static void check(const ShardColumn& column) {
    const std::string where = "shard_dataset";
    if (column.ending == "cls") {
      require(column.shape.rank() == 0 && column.dtype == DType::Int64, where,
              "\"cls\" must be int64 of shape (). Got ", column.dtype, " of ", column.shape, ".");
    } else if (!is_image(column.ending) && !is_npy(column.ending)) {
      require(column.dtype == DType::UInt8, where, "the bytes of \"", column.ending, "\" must be uint8. Got ",
              column.dtype, ".");
    }
    require(column.dtype != DType::String, where, "fields must be numbers. Got ", column.dtype, ".");
  }

  void add(const std::string& path) {
    const InputFile file(path);
    for (const ShardSample& sample : shard_samples(index_tar(file), path))
      for (const ShardColumn& column : wanted_) {
        const TarMember* member = nullptr;
        for (const std::string& ending : alternatives(column.ending))
          if (!member) member = sample.find(ending);
        require(member != nullptr, path, "the sample \"", sample.key, "\" must have the field \"", column.ending,
                "\". Got a sample without it.");
        places_.push_back({static_cast<int32_t>(files_.count()), member->offset, member->bytes});
      }
    files_.add(file);
  }

  // Until the next call of this thread.
  std::string_view bytes_at(const Place& place) const {
    thread_local std::vector<char> buffer;  // grows to the longest member once per thread
    if (static_cast<int64_t>(buffer.size()) < place.bytes) buffer.resize(static_cast<size_t>(place.bytes));
    files_.read_at(static_cast<size_t>(place.file), place.offset, buffer.data(), place.bytes);
    return {buffer.data(), static_cast<size_t>(place.bytes)};
  }

  void read(size_t column, const Place& place, std::byte* out) const {
    const Column& about = columns_[column];
    const std::string_view bytes = bytes_at(place);
    const auto where = [&] {
      return files_.path(static_cast<size_t>(place.file)) + ": the ." + about.name + " at byte " +
             std::to_string(place.offset);
    };
    const int64_t wanted = about.shape.count() * size_of(about.dtype);
    if (images_[column]) {
      images_[column]->decode(bytes, where(), reinterpret_cast<float*>(out));
    } else if (about.name == "cls") {
      std::string_view digits = bytes;
      while (!digits.empty() && (digits.back() == '\n' || digits.back() == '\r' || digits.back() == ' '))
        digits.remove_suffix(1);
      int64_t value = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      require(error == std::errc() && end == digits.data() + digits.size(), where(),
              "a class must be a whole number. Got \"", digits.substr(0, 40), "\".");
      std::memcpy(out, &value, sizeof value);
    } else {
      int64_t offset = 0;
      if (is_npy(about.name)) {
        const NpyHeader header = parse_npy_header(bytes, place.bytes, where());
        require(header.dtype == about.dtype && header.shape == about.shape && header.in_order(), where(),
                "the array must be in C order and little-endian, ", about.dtype, " of ", about.shape, ". Got ",
                header.dtype, " of ", header.shape, ".");
        offset = header.data_offset;
      }
      require(place.bytes - offset == wanted, where(), "the field must have ", wanted, " bytes. Got ",
              place.bytes - offset, ".");
      std::memcpy(out, bytes.data() + offset, static_cast<size_t>(wanted));
    }
  }

  std::vector<ShardColumn> wanted_;
  std::vector<std::unique_ptr<EncodedImages>> images_;  // per column; null: no image
  std::vector<Column> columns_;
  ShardFiles files_;
  std::vector<Place> places_;  // sample by sample, a column after the other
};

}  // namespace

Dataset shard_dataset(const std::vector<std::string>& paths, std::vector<ShardColumn> inputs,
                      std::vector<ShardColumn> targets) {
  require(!paths.empty() && !inputs.empty(), "shard_dataset",
          "there must be at least one shard and one input. Got none.");
  const int num_inputs = static_cast<int>(inputs.size()), num_targets = static_cast<int>(targets.size());
  inputs.insert(inputs.end(), targets.begin(), targets.end());
  return Dataset(std::make_shared<TarShards>(paths, std::move(inputs)), num_inputs, num_targets);
}

}  // namespace batchwise

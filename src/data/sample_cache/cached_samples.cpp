// Filling and reading of a sample cache.
#include "data/sample_cache/cached_samples.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <system_error>

#include <xxhash.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

namespace fs = std::filesystem;

SampleFileLayout layout_of(const Source& source) {
  SampleFileLayout layout{source.identity(), source.size(), {}};
  require(!layout.identity.empty(), source.describe(),
          "a cache in a file needs data that knows when it changes. Got data that does not.");
  for (const Column& column : source.columns())
    require(column.dtype != DType::String, source.describe(),
            "a cache in a file holds numbers. Got text: cache it in memory.");
  for (const Column& column : source.columns())
    layout.column_bytes.push_back(column.shape.count() * size_of(column.dtype));
  return layout;
}

}  // namespace

CachedSamples::CachedSamples(std::shared_ptr<const Source> source, const std::string& path, OtherFile other)
    : source_(std::move(source)), path_(path), layout_(layout_of(*source_)) {
  file_ = SampleFile::open(path, layout_);
  if (file_) return;
  std::error_code error;
  require(
      other == OtherFile::Replaced || !std::filesystem::exists(path, error), path_,
      "a cache must be a whole file that cache() wrote of the same data. Got another one. Remove it, or give another "
      "path.");
  writer_ = std::make_unique<SampleFileWriter>(path, layout_);
  const size_t cells = static_cast<size_t>(layout_.rows) * layout_.column_bytes.size();
  there_ = WrittenOnce(cells);
  missing_ = static_cast<int64_t>(cells);
}

CachedSamples::~CachedSamples() = default;

bool CachedSamples::complete() const {
  const std::shared_lock lock(mutex_);
  return file_ != nullptr;
}

int64_t CachedSamples::resident_bytes() const {
  const auto cells = static_cast<int64_t>(layout_.column_bytes.size()) * layout_.rows;
  return source_->resident_bytes() + cells * static_cast<int64_t>(sizeof(uint64_t)) + cells * WrittenOnce::kBytesEach;
}

void CachedSamples::fetch(int column, std::span<const int64_t> rows, void* out) const {
  const int64_t bytes = layout_.column_bytes[static_cast<size_t>(column)];
  for (int64_t row : rows)
    require(row >= 0 && row < size(), describe(), "rows must be in [0, ", size(), "). Got ", row, ".");
  {
    const std::shared_lock lock(mutex_);
    for (size_t i = 0; i < rows.size(); ++i)
      fetch_row(column, rows[i], static_cast<std::byte*>(out) + static_cast<int64_t>(i) * bytes);
  }
  if (missing_ == 0) finish();
}

void CachedSamples::fetch_row(int column, int64_t row, std::byte* out) const {
  if (file_) return file_->read(row, column, out);
  const size_t cell = static_cast<size_t>(row) * layout_.column_bytes.size() + static_cast<size_t>(column);
  if (there_.there(cell)) return writer_->read(row, column, out);
  source_->fetch(column, {&row, 1}, out);
  missing_ -= there_.write(cell, [&] { writer_->write(row, column, out); });
}

void CachedSamples::finish() const {
  const std::unique_lock lock(mutex_);
  if (file_ || missing_ != 0) return;
  missing_ = -1;  // tried once: what has not worked would not work for every row to come
  // A source that changed meanwhile would be known under the name of what it was; this run goes on with what it has.
  if (source_->identity() != layout_.identity) return;
  writer_->commit();
  file_ = SampleFile::open(path_, layout_);
  // Another run may have put a file of other data there since.
  if (!file_) fail_run(path_, "the cache was replaced while it took its name. Give every data set a path of its own.");
  writer_.reset();
}

std::string sample_cache_path(const std::string& folder, const Source& source) {
  std::error_code error;
  fs::create_directories(folder, error);
  require(!error && fs::is_directory(folder), folder,
          "a cache needs a folder that can be written. Got: ", error ? error.message() : "something else", ".");
  const auto day_ago = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().find(".bwsamples.tmp-") == std::string::npos) continue;
    std::error_code ignored;
    if (fs::last_write_time(it->path(), ignored) < day_ago && !ignored) fs::remove(it->path(), ignored);
  }
  const std::string identity = source.identity();
  const XXH128_hash_t hash = XXH3_128bits(identity.data(), identity.size());
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return folder + '/' + digits + ".bwsamples";
}

}  // namespace batchwise

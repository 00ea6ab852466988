// Reading and writing of sample cache files.
#include "data/sample_cache/sample_file.h"

#include <cstring>

#include <xxhash.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

constexpr char kMagic[] = "BWSAMPLE";
constexpr uint32_t kVersion = 1;
constexpr int64_t kDataOffset = 4096, kAlignment = 64;
constexpr size_t kMostColumns = 256;

template <class T>
void append(std::string& text, const T& value) {
  text.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void check_row(const SampleFileLayout& layout, int64_t row, int column, const void* data, uint64_t checksum,
               const std::string& path) {
  if (XXH3_64bits(data, static_cast<size_t>(layout.column_bytes[static_cast<size_t>(column)])) == checksum) return;
  fail_run(path, "a cached sample must have the bytes that were written. Got others in row ", row,
           ". Delete the file; it is made again.");
}

}  // namespace

int64_t SampleFileLayout::column_offset(int column) const {
  int64_t offset = 0;
  for (int c = 0; c < column; ++c) offset += column_bytes[static_cast<size_t>(c)];
  return offset;
}

int64_t SampleFileLayout::stride() const {
  return (column_offset(static_cast<int>(column_bytes.size())) + kAlignment - 1) / kAlignment * kAlignment;
}

int64_t SampleFileLayout::offset(int64_t row, int column) const {
  return kDataOffset + row * stride() + column_offset(column);
}

int64_t SampleFileLayout::checksums_offset() const { return kDataOffset + rows * stride(); }

int64_t SampleFileLayout::file_bytes() const {
  return checksums_offset() + rows * static_cast<int64_t>(column_bytes.size() * sizeof(uint64_t));
}

std::string SampleFileLayout::header() const {
  std::string text(kMagic, 8);
  append(text, kVersion);
  append(text, static_cast<uint32_t>(column_bytes.size()));
  append(text, rows);
  append(text, XXH3_128bits(identity.data(), identity.size()));
  for (int64_t bytes : column_bytes) append(text, bytes);
  append(text, XXH3_64bits(text.data(), text.size()));
  return text;
}

SampleFile::SampleFile(InputFile file, const SampleFileLayout& layout)
    : file_(std::move(file)),
      layout_(layout),
      checksums_(static_cast<size_t>(layout.rows) * layout.column_bytes.size()) {
  file_.read_at(layout.checksums_offset(), checksums_.data(),
                static_cast<int64_t>(checksums_.size() * sizeof(uint64_t)));
}

std::unique_ptr<SampleFile> SampleFile::open(const std::string& path, const SampleFileLayout& layout) {
  try {
    InputFile file(path);
    const std::string wanted = layout.header();
    std::string header(wanted.size(), '\0');
    if (file.size() != layout.file_bytes()) return nullptr;
    file.read_at(0, header.data(), static_cast<int64_t>(header.size()));
    if (header != wanted) return nullptr;
    return std::unique_ptr<SampleFile>(new SampleFile(std::move(file), layout));
  } catch (const Error&) { return nullptr; }
}

// With pread, not through a mapping: a file that somebody cuts short is then an error and not a signal, and its pages
// do not count as this process's memory.
void SampleFile::read(int64_t row, int column, void* out) const {
  const size_t columns = layout_.column_bytes.size();
  file_.read_at(layout_.offset(row, column), out, layout_.column_bytes[static_cast<size_t>(column)]);
  check_row(layout_, row, column, out, checksums_[static_cast<size_t>(row) * columns + static_cast<size_t>(column)],
            file_.path());
}

SampleFileWriter::SampleFileWriter(const std::string& path, const SampleFileLayout& layout)
    : file_(path), layout_(layout), checksums_(static_cast<size_t>(layout.rows) * layout.column_bytes.size()) {
  require(layout.column_bytes.size() <= kMostColumns, path, "a cache may have at most ", kMostColumns, " columns. Got ",
          layout.column_bytes.size(), ".");
  file_.reserve(layout.file_bytes());
}

void SampleFileWriter::write(int64_t row, int column, const void* data) {
  const int64_t bytes = layout_.column_bytes[static_cast<size_t>(column)];
  file_.write_at(layout_.offset(row, column), data, bytes);
  checksums_[static_cast<size_t>(row) * layout_.column_bytes.size() + static_cast<size_t>(column)] =
      XXH3_64bits(data, static_cast<size_t>(bytes));
}

void SampleFileWriter::read(int64_t row, int column, void* out) const {
  file_.read_at(layout_.offset(row, column), out, layout_.column_bytes[static_cast<size_t>(column)]);
  check_row(layout_, row, column, out,
            checksums_[static_cast<size_t>(row) * layout_.column_bytes.size() + static_cast<size_t>(column)],
            file_.path());
}

void SampleFileWriter::commit() {
  file_.write_at(layout_.checksums_offset(), checksums_.data(),
                 static_cast<int64_t>(checksums_.size() * sizeof(uint64_t)));
  const std::string header = layout_.header();
  file_.write_at(0, header.data(), static_cast<int64_t>(header.size()));
  file_.commit();
}

}  // namespace batchwise

// ZIP archives, written: stored members, then the directory.
#include "formats/zip/zip_writer.h"

#include <algorithm>

#include <zlib.h>

#include <batchwise/error.h>

#include "formats/zip/zip_fields.h"

namespace batchwise {
namespace {

constexpr uint64_t kFull = 0xffffffff;
constexpr uint16_t kDate1980 = 1 << 5 | 1;  // the format's first day: 1980-01-01
constexpr uint64_t kRegularFile = uint64_t{0600} << 16;

}  // namespace

std::string ZipWriter::local_header(const Entry& entry) const {
  const uint64_t bytes = static_cast<uint64_t>(entry.bytes);
  std::string out;
  zip_put(out, kLocalSignature, 4);
  zip_put(out, large_ ? 45 : 20, 2);  // version needed: 4.5 for ZIP64
  zip_put(out, 0, 2);                 // flags
  zip_put(out, 0, 2);                 // method: stored
  zip_put(out, 0, 2);                 // time
  zip_put(out, kDate1980, 2);
  zip_put(out, entry.crc, 4);
  zip_put(out, large_ ? kFull : bytes, 4);
  zip_put(out, large_ ? kFull : bytes, 4);
  zip_put(out, entry.name.size(), 2);
  zip_put(out, large_ ? 20 : 0, 2);
  out += entry.name;
  if (large_) {
    zip_put(out, kZip64Extra, 2);
    zip_put(out, 16, 2);
    zip_put(out, bytes, 8);
    zip_put(out, bytes, 8);
  }
  return out;
}

void ZipWriter::add(const std::string& name, std::string_view contents) {
  begin(name, contents.size() >= kFull);
  file_.write(contents);
  end();
}

void ZipWriter::begin(const std::string& name, bool large) {
  require(!name.empty() && name.size() < 65536, file_.path(), "names of members must have 1 to 65535 bytes. Got ",
          name.size(), ".");
  for (const Entry& entry : entries_)
    require(entry.name != name, file_.path(), "names of members must be unique. Got \"", name, "\" twice.");
  large_ = large;
  entries_.push_back({name, 0, 0, file_.size()});
  file_.write(local_header(entries_.back()));
  data_offset_ = file_.size();
}

void ZipWriter::end() {
  Entry& entry = entries_.back();
  entry.bytes = file_.size() - data_offset_;
  require(large_ || static_cast<uint64_t>(entry.bytes) < kFull, file_.path(),
          "members of 4 GiB and more must be announced as large. Got ", entry.bytes, " bytes.");
  char piece[16 * 1024];
  for (int64_t at = 0; at < entry.bytes;) {
    const int64_t n = std::min<int64_t>(sizeof piece, entry.bytes - at);
    file_.read_at(data_offset_ + at, piece, n);
    entry.crc = static_cast<uint32_t>(::crc32(entry.crc, reinterpret_cast<const Bytef*>(piece), static_cast<uInt>(n)));
    at += n;
  }
  const std::string header = local_header(entry);
  file_.write_at(entry.header_offset, header.data(), static_cast<int64_t>(header.size()));
}

void ZipWriter::finish() {
  const uint64_t start = static_cast<uint64_t>(file_.size());
  std::string directory;
  for (const Entry& entry : entries_) {
    const uint64_t bytes = static_cast<uint64_t>(entry.bytes), offset = static_cast<uint64_t>(entry.header_offset);
    std::string extra;
    if (bytes >= kFull) {
      zip_put(extra, bytes, 8);
      zip_put(extra, bytes, 8);
    }
    if (offset >= kFull) zip_put(extra, offset, 8);
    const int version = extra.empty() ? 20 : 45;
    zip_put(directory, kEntrySignature, 4);
    zip_put(directory, 3 << 8 | version, 2);  // made by: unix
    zip_put(directory, version, 2);
    zip_put(directory, 0, 6);  // flags, method, time
    zip_put(directory, kDate1980, 2);
    zip_put(directory, entry.crc, 4);
    zip_put(directory, std::min(bytes, kFull), 4);
    zip_put(directory, std::min(bytes, kFull), 4);
    zip_put(directory, entry.name.size(), 2);
    zip_put(directory, extra.empty() ? 0 : extra.size() + 4, 2);
    zip_put(directory, 0, 6);  // comment, disk, internal attributes
    zip_put(directory, kRegularFile, 4);
    zip_put(directory, std::min(offset, kFull), 4);
    directory += entry.name;
    if (!extra.empty()) {
      zip_put(directory, kZip64Extra, 2);
      zip_put(directory, extra.size(), 2);
      directory += extra;
    }
  }
  const uint64_t size = directory.size(), count = entries_.size();
  if (start >= kFull || size >= kFull || count >= 0xffff) {
    zip_put(directory, kEnd64Signature, 4);
    zip_put(directory, kEnd64Size - 12, 8);
    zip_put(directory, 45, 2);
    zip_put(directory, 45, 2);
    zip_put(directory, 0, 8);  // disks
    zip_put(directory, count, 8);
    zip_put(directory, count, 8);
    zip_put(directory, size, 8);
    zip_put(directory, start, 8);
    zip_put(directory, kLocatorSignature, 4);
    zip_put(directory, 0, 4);
    zip_put(directory, start + size, 8);
    zip_put(directory, 1, 4);
  }
  zip_put(directory, kEndSignature, 4);
  zip_put(directory, 0, 4);  // disks
  zip_put(directory, std::min<uint64_t>(count, 0xffff), 2);
  zip_put(directory, std::min<uint64_t>(count, 0xffff), 2);
  zip_put(directory, std::min(size, kFull), 4);
  zip_put(directory, std::min(start, kFull), 4);
  zip_put(directory, 0, 2);  // comment
  file_.write(directory);
}

}  // namespace batchwise

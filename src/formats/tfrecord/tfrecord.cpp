// TFRecord files: finding records, checking them, writing them.
#include "formats/tfrecord/tfrecord.h"

#include <algorithm>

#include <batchwise/error.h>

#include "formats/protobuf/fields.h"
#include "formats/protobuf/wire_writer.h"
#include "formats/tfrecord/crc32c.h"

namespace batchwise {
namespace {

constexpr int64_t kHead = 12, kTail = TfRecordIndex::kChecksum;  // bytes: the length and its checksum; the contents'

bool agrees(std::string_view bytes, std::string_view checksum) {
  return little_endian(checksum) == masked_crc32c(bytes);
}
bool is_head(std::string_view head) { return agrees(head.substr(0, 8), head.substr(8, 4)); }

}  // namespace

Packing tfrecord_packing(const std::string& path) {
  const InputFile file(path);
  char head[kHead] = {};
  if (file.size() == 0) return Packing::None;
  file.read_at(0, head, std::min<int64_t>(file.size(), kHead));
  const auto* bytes = reinterpret_cast<const unsigned char*>(head);
  if (file.size() >= kHead && is_head({head, kHead})) return Packing::None;
  if (bytes[0] == 0x1f && bytes[1] == 0x8b) return Packing::Gzip;
  if ((bytes[0] & 15) == 8 && (bytes[0] * 256 + bytes[1]) % 31 == 0) return Packing::Zlib;
  fail(path,
       "a TFRecord file must start with a length and its checksum, or be compressed by gzip or zlib. Got neither.");
}

TfRecordIndex::TfRecordIndex(const InputFile& file, int64_t start, int64_t bytes) : path_(file.path()) {
  const std::string& path = path_;
  const int64_t end = bytes < 0 ? file.size() : start + bytes;
  require(start >= 0 && start <= end && end <= file.size(), path, "records must lie inside the file. Got bytes ", start,
          " to ", end, " of ", file.size(), ".");
  int64_t at = start;
  while (at < end) {
    require(end - at >= kHead, path, "a record must be whole. Got the end of the file inside the one at byte ", at,
            ".");
    char head[kHead];
    file.read_at(at, head, kHead);
    require(is_head({head, kHead}), path, "every record must start with its length and a checksum. Got damage at byte ",
            at, ".");
    const uint64_t length = little_endian({head, 8});
    require(
        length <= static_cast<uint64_t>(std::max<int64_t>(0, end - at - kHead - kTail)) && end - at >= kHead + kTail,
        path, "a record must be whole. Got one of ", length, " bytes at byte ", at, ", ", end - at,
        " bytes before the end.");
    offsets_.push_back(at);
    longest_ = std::max(longest_, static_cast<int64_t>(length));
    at += kHead + static_cast<int64_t>(length) + kTail;
  }
  offsets_.push_back(at);
}

int64_t TfRecordIndex::bytes(int64_t i) const {
  const int64_t first = offset(i);
  return offsets_[static_cast<size_t>(i) + 1] - first - kTail;
}

int64_t TfRecordIndex::offset(int64_t i) const {
  require(i >= 0 && i < size(), path_, "records are numbered from 0 to ", size() - 1, ". Got ", i, ".");
  return offsets_[static_cast<size_t>(i)] + kHead;
}

std::string_view TfRecordIndex::checked(int64_t i, const char* read) const {
  const std::string_view contents(read, static_cast<size_t>(bytes(i)));
  if (!agrees(contents, {read + contents.size(), kTail}))
    fail_run(path_, "every record must agree with its checksum. Got damage in record ", i, " at byte ",
             offset(i) - kHead, ".");
  return contents;
}

std::string_view TfRecords::read(int64_t i, char* out) const {
  file_.read_at(index_.offset(i), out, index_.bytes(i) + kTail);
  return index_.checked(i, out);
}

std::string TfRecords::read(int64_t i) const {
  std::string record(static_cast<size_t>(bytes(i) + kTail), '\0');
  read(i, record.data());
  record.resize(record.size() - kTail);
  return record;
}

void TfRecordWriter::append(std::string_view record) {
  std::string head;
  put_little_endian(head, record.size(), 8);
  put_little_endian(head, masked_crc32c(head), 4);
  file_.write(head);
  file_.write(record);
  std::string tail;
  put_little_endian(tail, masked_crc32c(record), 4);
  file_.write(tail);
}

}  // namespace batchwise

// ZIP archives, read: exact names, bounded sizes, nothing ever extracted by the archive's own paths.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/input_file.h"

namespace batchwise {

struct ZipMember {
  std::string name;
  bool stored = true;         // else deflated
  uint32_t crc = 0;           // of the unpacked bytes
  int64_t packed_bytes = 0;   // in the archive
  int64_t bytes = 0;          // unpacked
  int64_t header_offset = 0;  // of the local header in the archive
};

// The directory is read and checked at opening: duplicate names, members that overlap or lie outside, encryption and
// unknown methods are refused. Sizes and checksums of the contents are checked while reading. ZIP64 is understood.
class ZipReader {
 public:
  explicit ZipReader(const std::string& path);

  const std::vector<ZipMember>& members() const { return members_; }  // in the directory's order
  const ZipMember* find(std::string_view name) const;                 // exact name; null when absent
  const std::string& path() const { return file_->path(); }
  const std::shared_ptr<const InputFile>& file() const { return file_; }

  // Where the member's packed bytes start in the file: for a stored member, its contents.
  int64_t data_offset(const ZipMember& member) const;
  // The contents, unpacked and verified. Throws when they are longer than `limit` bytes, before reading them.
  std::string read(const ZipMember& member, int64_t limit) const;
  // The same in pieces of at most 64 KiB, in order; the checksum is verified after the last one.
  void read_pieces(const ZipMember& member, const std::function<void(std::string_view)>& take) const;

 private:
  void read_directory();
  void check_layout() const;

  std::shared_ptr<const InputFile> file_;
  int64_t directory_offset_ = 0;
  std::vector<ZipMember> members_;
};

}  // namespace batchwise

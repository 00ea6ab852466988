// ZIP archives, read: the directory at the end of the file, local headers, stored and deflated contents.
#include "formats/zip/zip_reader.h"

#include <algorithm>

#include <zlib.h>

#include <batchwise/error.h>

#include "formats/zip/zip_fields.h"

namespace batchwise {
namespace {

constexpr int64_t kMaxDirectory = int64_t{64} << 20;  // bytes: more than a million members
constexpr int64_t kPiece = 64 * 1024;

// Replaces the fields that are all ones by those of the ZIP64 extra field, in the order the format lays down.
void apply_zip64(std::string_view extra, uint64_t* bytes, uint64_t* packed, uint64_t* offset, std::string_view where) {
  while (extra.size() >= 4) {
    const uint16_t id = zip_u16(extra, 0), size = zip_u16(extra, 2);
    require(size <= extra.size() - 4, where, "extra fields must lie inside their header. Got a damaged archive.");
    std::string_view field = extra.substr(4, size);
    extra.remove_prefix(4 + size_t{size});
    if (id != kZip64Extra) continue;
    for (uint64_t* value : {bytes, packed, offset}) {
      if (*value != 0xffffffff) continue;
      require(field.size() >= 8, where, "a ZIP64 field must hold the sizes it stands for. Got a damaged archive.");
      *value = zip_u64(field, 0);
      field.remove_prefix(8);
    }
    return;
  }
}

}  // namespace

ZipReader::ZipReader(const std::string& path) : file_(std::make_shared<const InputFile>(path)) {
  read_directory();
  check_layout();
}

void ZipReader::read_directory() {
  const std::string& where = path();
  const int64_t size = file_->size();
  require(size >= kEndSize, where, "the file must be a ZIP archive. Got a file of ", size, " bytes.");
  std::string tail(static_cast<size_t>(std::min<int64_t>(size, kEndSize + 65535)), '\0');
  const int64_t tail_offset = size - static_cast<int64_t>(tail.size());
  file_->read_at(tail_offset, tail.data(), static_cast<int64_t>(tail.size()));
  size_t at = tail.size() - kEndSize + 1;
  bool found = false;
  while (!found && at-- > 0)
    found = zip_u32(tail, at) == kEndSignature && at + kEndSize + zip_u16(tail, at + 20) == tail.size();
  require(
      found, where,
      "the file must be a whole ZIP archive. Got no directory at its end: another kind of file, or a truncated one.");

  const int64_t end_offset = tail_offset + static_cast<int64_t>(at);
  uint64_t count = zip_u16(tail, at + 10), directory_size = zip_u32(tail, at + 12), offset = zip_u32(tail, at + 16);
  bool one_disk = zip_u16(tail, at + 4) == 0 && zip_u16(tail, at + 6) == 0 && zip_u16(tail, at + 8) == count;
  uint64_t directory_end = static_cast<uint64_t>(end_offset);
  // Python writes the ZIP64 records from 2 GiB on, when the plain ones still hold the true numbers.
  const bool saturated = count == 0xffff || directory_size == 0xffffffff || offset == 0xffffffff;
  if ((saturated || offset + directory_size != directory_end) && end_offset >= kLocatorSize) {
    std::string locator(kLocatorSize, '\0');
    file_->read_at(end_offset - kLocatorSize, locator.data(), kLocatorSize);
    if (zip_u32(locator, 0) == kLocatorSignature) {
      const uint64_t end64 = zip_u64(locator, 8);
      require(end64 + kEnd64Size <= static_cast<uint64_t>(end_offset) && end64 < uint64_t{1} << 62, where,
              "the ZIP64 directory must lie inside the archive. Got offset ", end64, ".");
      std::string record(kEnd64Size, '\0');
      file_->read_at(static_cast<int64_t>(end64), record.data(), kEnd64Size);
      require(zip_u32(record, 0) == kEnd64Signature, where,
              "the ZIP64 directory must start with its signature. Got a damaged archive.");
      one_disk = zip_u32(record, 16) == 0 && zip_u32(record, 20) == 0;
      count = zip_u64(record, 32);
      directory_size = zip_u64(record, 40);
      offset = zip_u64(record, 48);
      directory_end = end64;
    }
  }
  require(one_disk, where, "the archive must be one file. Got a part of a split archive.");
  require(directory_size <= static_cast<uint64_t>(kMaxDirectory) && directory_size <= directory_end &&
              offset == directory_end - directory_size,
          where,
          "the directory must end where its end is recorded. Got a damaged archive, or one with something before or "
          "inside it.");

  directory_offset_ = static_cast<int64_t>(offset);
  std::string directory(static_cast<size_t>(directory_size), '\0');
  file_->read_at(directory_offset_, directory.data(), static_cast<int64_t>(directory.size()));
  std::string_view rest = directory;
  while (!rest.empty()) {
    require(rest.size() >= kEntrySize && zip_u32(rest, 0) == kEntrySignature, where,
            "every entry of the directory must start with its signature. Got a damaged archive.");
    const uint16_t flags = zip_u16(rest, 8), method = zip_u16(rest, 10);
    const size_t name_size = zip_u16(rest, 28), extra_size = zip_u16(rest, 30), comment_size = zip_u16(rest, 32);
    require(rest.size() >= kEntrySize + name_size + extra_size + comment_size, where,
            "entries must lie inside the directory. Got a damaged archive.");
    ZipMember member;
    member.name = rest.substr(kEntrySize, name_size);
    member.crc = zip_u32(rest, 16);
    uint64_t packed = zip_u32(rest, 20), bytes = zip_u32(rest, 24), header = zip_u32(rest, 42);
    apply_zip64(rest.substr(kEntrySize + name_size, extra_size), &bytes, &packed, &header, where);
    require(!member.name.empty() && member.name.find('\0') == std::string::npos, where,
            "members must have a name without NUL. Got a damaged archive.");
    require((flags & 1) == 0, where, "members must not be encrypted. Got \"", member.name, "\".");
    require(method == 0 || method == 8, where, "members must be stored or deflated. Got method ", method, " for \"",
            member.name, "\".");
    require(bytes < uint64_t{1} << 62 && packed <= offset && header <= offset, where,
            "members must lie before the directory. Got \"", member.name, "\".");
    member.stored = method == 0;
    member.bytes = static_cast<int64_t>(bytes);
    member.packed_bytes = static_cast<int64_t>(packed);
    member.header_offset = static_cast<int64_t>(header);
    require(!member.stored || bytes == packed, where, "a stored member has one size. Got ", packed, " and ", bytes,
            " for \"", member.name, "\".");
    // A deflated byte stands for at most 1032 bytes.
    require(member.stored || bytes / 1032 <= packed + 64, where,
            "a deflated member cannot unpack to more than 1032 times its size. Got \"", member.name, "\".");
    members_.push_back(std::move(member));
    rest.remove_prefix(kEntrySize + name_size + extra_size + comment_size);
  }
  require(members_.size() == count, where, "the directory must hold the number of members it states, ", count, ". Got ",
          members_.size(), ".");
}

void ZipReader::check_layout() const {
  std::vector<const ZipMember*> sorted;
  for (const ZipMember& member : members_) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(), [](const ZipMember* a, const ZipMember* b) { return a->name < b->name; });
  for (size_t i = 1; i < sorted.size(); ++i)
    require(sorted[i - 1]->name != sorted[i]->name, path(), "names of members must be unique. Got \"", sorted[i]->name,
            "\" twice.");
  std::sort(sorted.begin(), sorted.end(),
            [](const ZipMember* a, const ZipMember* b) { return a->header_offset < b->header_offset; });
  for (size_t i = 0; i < sorted.size(); ++i) {
    const int64_t next = i + 1 < sorted.size() ? sorted[i + 1]->header_offset : directory_offset_;
    require(next - sorted[i]->header_offset >=
                kLocalSize + static_cast<int64_t>(sorted[i]->name.size()) + sorted[i]->packed_bytes,
            path(), "members must not overlap. Got \"", sorted[i]->name, "\".");
  }
}

const ZipMember* ZipReader::find(std::string_view name) const {
  for (const ZipMember& member : members_)
    if (member.name == name) return &member;
  return nullptr;
}

int64_t ZipReader::data_offset(const ZipMember& member) const {
  std::string local(kLocalSize + member.name.size(), '\0');
  file_->read_at(member.header_offset, local.data(), static_cast<int64_t>(local.size()));
  require(zip_u32(local, 0) == kLocalSignature && zip_u16(local, 26) == member.name.size() &&
              local.substr(kLocalSize) == member.name,
          path(), "the header of a member must agree with the directory. Got \"", member.name, "\".");
  require((zip_u16(local, 8) == 0) == member.stored, path(),
          "the header of a member must agree with the directory. Got \"", member.name, "\".");
  const int64_t offset = member.header_offset + kLocalSize + zip_u16(local, 26) + zip_u16(local, 28);
  require(offset + member.packed_bytes <= directory_offset_, path(), "members must lie before the directory. Got \"",
          member.name, "\".");
  return offset;
}

std::string ZipReader::read(const ZipMember& member, int64_t limit) const {
  require(member.bytes <= limit, path(), "the member \"", member.name, "\" may have at most ", limit, " bytes. Got ",
          member.bytes, ".");
  std::string out;
  out.reserve(static_cast<size_t>(member.bytes));
  read_pieces(member, [&](std::string_view piece) { out += piece; });
  return out;
}

void ZipReader::read_pieces(const ZipMember& member, const std::function<void(std::string_view)>& take) const {
  int64_t offset = data_offset(member), left = member.packed_bytes, produced = 0;
  uint32_t crc = 0;
  const auto deliver = [&](std::string_view piece) {
    produced += static_cast<int64_t>(piece.size());
    require(produced <= member.bytes, path(), "the member \"", member.name, "\" must unpack to ", member.bytes,
            " bytes. Got more.");
    crc = static_cast<uint32_t>(
        ::crc32(crc, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size())));
    take(piece);
  };
  std::string packed(static_cast<size_t>(std::min(kPiece, std::max<int64_t>(left, 1))), '\0');
  const auto next = [&]() -> std::string_view {
    const int64_t n = std::min<int64_t>(left, static_cast<int64_t>(packed.size()));
    file_->read_at(offset, packed.data(), n);
    offset += n;
    left -= n;
    return std::string_view(packed).substr(0, static_cast<size_t>(n));
  };
  if (member.stored) {
    while (left > 0) deliver(next());
  } else {
    z_stream stream{};
    require(::inflateInit2(&stream, -MAX_WBITS) == Z_OK, path(), "zlib must start. Got no memory.");
    const std::unique_ptr<z_stream, decltype(&::inflateEnd)> closer(&stream, &::inflateEnd);
    std::string unpacked(kPiece, '\0');
    int status = Z_OK;
    while (status != Z_STREAM_END) {
      if (stream.avail_in == 0 && left > 0) {
        const std::string_view input = next();
        stream.next_in = reinterpret_cast<Bytef*>(packed.data());
        stream.avail_in = static_cast<uInt>(input.size());
      }
      stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
      stream.avail_out = static_cast<uInt>(unpacked.size());
      status = ::inflate(&stream, Z_NO_FLUSH);
      const size_t made = unpacked.size() - stream.avail_out;
      require(status == Z_STREAM_END || (status == Z_OK && (made > 0 || left > 0 || stream.avail_in > 0)), path(),
              "the member \"", member.name, "\" must be whole deflated data. Got damaged data.");
      deliver(std::string_view(unpacked).substr(0, made));
    }
  }
  require(produced == member.bytes && crc == member.crc, path(), "the member \"", member.name,
          "\" must agree with its size and checksum. Got damaged data.");
}

}  // namespace batchwise

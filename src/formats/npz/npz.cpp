// .npz files: .npy members of a ZIP archive.
#include "formats/npz/npz.h"

#include <cstring>

#include "formats/zip/zip_writer.h"

namespace batchwise {
namespace {

constexpr std::string_view kEnding = ".npy";
constexpr int64_t kLarge = 0xfffff000;  // a ZIP archive says the size of such members in another way

// Thrown through read_pieces when enough was seen.
struct Enough {};

std::string start_of(const ZipReader& zip, const ZipMember& member) {
  std::string start;
  try {
    zip.read_pieces(member, [&](std::string_view piece) {
      start += piece.substr(0, static_cast<size_t>(kMaxNpyHeader) - start.size());
      if (static_cast<int64_t>(start.size()) == kMaxNpyHeader) throw Enough();
    });
  } catch (const Enough&) {}
  return start;
}

}  // namespace

NpzReader::NpzReader(const std::string& path) : zip_(path) {
  for (const ZipMember& zipped : zip_.members()) {
    const std::string where = path + ":" + zipped.name;
    require(zipped.name.size() > kEnding.size() && zipped.name.ends_with(kEnding), where,
            "an .npz archive holds .npy members only. Got \"", zipped.name, "\".");
    NpzMember member;
    member.name = zipped.name.substr(0, zipped.name.size() - kEnding.size());
    member.stored = zipped.stored;
    std::string start;
    if (zipped.stored) {
      member.file_offset = zip_.data_offset(zipped);
      start.resize(static_cast<size_t>(std::min(zipped.bytes, kMaxNpyHeader)));
      zip_.file()->read_at(member.file_offset, start.data(), static_cast<int64_t>(start.size()));
    } else {
      start = start_of(zip_, zipped);
    }
    member.header = parse_npy_header(start, zipped.bytes, where);
    member.file_offset += member.header.data_offset;
    members_.push_back(std::move(member));
  }
}

const NpzMember* NpzReader::find(std::string_view name) const {
  for (const NpzMember& member : members_)
    if (member.name == name) return &member;
  return nullptr;
}

const NpzMember& NpzReader::at(std::string_view name) const {
  const NpzMember* member = find(name);
  if (member) return *member;
  std::string known;
  for (const NpzMember& other : members_) known += (known.empty() ? "" : ", ") + other.name;
  fail(zip_.path(), "the archive must hold an array \"", name, "\". Got the arrays: ", known, ".");
}

const ZipMember& NpzReader::zip_member(const NpzMember& member) const {
  return *zip_.find(member.name + std::string(kEnding));
}

Array NpzReader::read(std::string_view name) const {
  const NpzMember& member = at(name);
  if (member.header.dtype == DType::String) {
    std::string bytes;
    zip_.read_pieces(zip_member(member), [&](std::string_view piece) { bytes += piece; });
    return npy_texts(member.header, std::string_view(bytes).substr(static_cast<size_t>(member.header.data_offset)));
  }
  Array array(member.header.dtype, member.header.shape);
  int64_t at = -member.header.data_offset;  // where the piece starts in the elements
  zip_.read_pieces(zip_member(member), [&](std::string_view piece) {
    const int64_t skip = std::min<int64_t>(std::max<int64_t>(-at, 0), static_cast<int64_t>(piece.size()));
    const int64_t kept = static_cast<int64_t>(piece.size()) - skip;
    if (kept > 0) std::memcpy(array.raw() + at + skip, piece.data() + skip, static_cast<size_t>(kept));
    at += static_cast<int64_t>(piece.size());
  });
  put_in_order(member.header, array);
  return array;
}

void NpzReader::unpack(const NpzMember& member, const std::string& path) const {
  AtomicFile file(path);
  zip_.read_pieces(zip_member(member), [&](std::string_view piece) { file.write(piece); });
  file.commit();
}

void NpzWriter::add(const std::string& name, DType dtype, const Shape& row_shape) {
  const std::string rows = file_.path() + "." + std::to_string(members_.size()) + std::string(kEnding);
  members_.push_back({name, std::make_unique<NpyWriter>(rows, dtype, row_shape)});
}

void NpzWriter::append(size_t array, const void* rows, int64_t count) { members_[array].rows->append(rows, count); }

void NpzWriter::commit() {
  ZipWriter zip(file_);
  for (Member& member : members_) {
    zip.begin(member.name + std::string(kEnding), member.rows->bytes() >= kLarge);
    member.rows->copy_to(file_);
    member.rows.reset();  // its disk is free for the next
    zip.end();
  }
  zip.finish();
  file_.commit();
}

void write_npz(const std::string& path, const std::vector<std::pair<std::string, Array>>& arrays) {
  AtomicFile file(path);
  ZipWriter zip(file);
  for (const auto& [name, array] : arrays) {
    zip.begin(name + std::string(kEnding), array.bytes() >= kLarge);
    file.write(npy_header(array.dtype(), array.shape()));
    file.write(array.raw(), array.bytes());
    zip.end();
  }
  zip.finish();
  file.commit();
}

}  // namespace batchwise

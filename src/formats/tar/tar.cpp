// Tar archives: headers, long names, and the samples of WebDataset.
#include "formats/tar/tar.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <batchwise/error.h>

namespace batchwise {
namespace {

constexpr int64_t kBlock = 512;
constexpr int64_t kMaxText = 64 * 1024;  // bytes of a long name or of pax records: more is no name

std::string_view text_of(std::string_view field) { return field.substr(0, std::min(field.find('\0'), field.size())); }

class Reader {
 public:
  Reader(const InputFile& file, int64_t start, int64_t end) : file_(file), at_(start), end_(end) {}

  std::vector<TarMember> members() {
    std::vector<TarMember> all;
    std::string long_name, pax_name;
    int64_t pax_size = -1;
    while (next_header()) {
      const char type = header_[156];
      int64_t size = number(124, 12, "size");
      if (pax_size >= 0 && type != 'x' && type != 'g' && type != 'L' && type != 'K') size = pax_size;
      check_size(size);
      if (type == 'L' || type == 'K' || type == 'x' || type == 'g') {
        const std::string text = contents(size);
        if (type == 'L') long_name = text_of(text);
        if (type == 'x') read_pax(text, &pax_name, &pax_size);
      } else {
        std::string name = !pax_name.empty() ? pax_name : !long_name.empty() ? long_name : short_name();
        if (type == '0' || type == '\0' || type == '7') all.push_back({std::move(name), at_, size});
        else if (type < '1' || type > '6')
          refuse(std::string("members must be files, folders or links. Got the type '") + type + "'");
        long_name.clear();
        pax_name.clear();
        pax_size = -1;
      }
      at_ += (size + kBlock - 1) / kBlock * kBlock;
    }
    return all;
  }

 private:
  [[noreturn]] void refuse(const std::string& rule) const {
    fail(file_.path(), rule, " in the header at byte ", header_at_, ".");
  }

  // False at the end, a block of zeros. Without one the archive may have been cut between two members.
  bool next_header() {
    header_at_ = at_;
    if (at_ >= end_)
      fail(file_.path(),
           "an archive must end with blocks of zeros: without them some of it may be missing. Got none at ", "byte ",
           at_, ". Make the archive anew.");
    if (end_ - at_ < kBlock) refuse("an archive must be whole. Got its end");
    file_.read_at(at_, header_, kBlock);
    at_ += kBlock;
    if (std::all_of(header_, header_ + kBlock, [](char c) { return c == 0; })) return false;
    int64_t sum = 0;
    for (int64_t i = 0; i < kBlock; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(header_[i]);
    if (sum != number(148, 8, "checksum")) refuse("a header must agree with its checksum. Got another sum");
    return true;
  }

  // Octal text; or, for what does not fit it, big-endian bytes behind a set bit.
  int64_t number(int at, int size, const char* what) const {
    const std::string_view field(header_ + at, static_cast<size_t>(size));
    if (static_cast<unsigned char>(field[0]) == 0x80) {
      uint64_t value = 0;
      for (size_t i = 1; i < field.size(); ++i) {
        if (value >> 55) refuse(std::string("the ") + what + " must fit 63 bits. Got more");
        value = value << 8 | static_cast<unsigned char>(field[i]);
      }
      return static_cast<int64_t>(value);
    }
    int64_t value = 0;
    bool digits = false;
    for (char c : field) {
      if (c >= '0' && c <= '7') {
        value = value * 8 + (c - '0');
        digits = true;
      } else if (c == '\0' || (c == ' ' && digits)) {
        break;
      } else if (c != ' ') {
        refuse(std::string("the ") + what + " must be an octal number. Got other bytes");
      }
    }
    return value;
  }

  void check_size(int64_t size) const {
    if (size < 0 || size > end_ - at_)
      refuse("a member must lie inside the archive. Got " + std::to_string(size) + " bytes");
  }

  std::string contents(int64_t size) const {
    if (size > kMaxText) refuse("long names must have at most 65536 bytes. Got " + std::to_string(size));
    std::string text(static_cast<size_t>(size), '\0');
    file_.read_at(at_, text.data(), size);
    return text;
  }

  std::string short_name() const {
    const std::string name(text_of({header_, 100}));
    const std::string_view magic(header_ + 257, 6), prefix = text_of({header_ + 345, 155});
    return magic == std::string_view("ustar\0", 6) && !prefix.empty() ? std::string(prefix) + '/' + name : name;
  }

  // "LENGTH KEY=VALUE\n", where the length counts the whole record.
  void read_pax(std::string_view text, std::string* name, int64_t* size) const {
    while (!text.empty() && text[0] != '\0') {
      size_t length = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
      const size_t digits = static_cast<size_t>(end - text.data());
      if (error != std::errc() || length <= digits + 1 || length > text.size() || text[digits] != ' ' ||
          text[length - 1] != '\n')
        refuse("pax records must state their length. Got a damaged one");
      const std::string_view record = text.substr(digits + 1, length - digits - 2);
      text.remove_prefix(length);
      const size_t equals = record.find('=');
      if (equals == std::string_view::npos) refuse("pax records must be KEY=VALUE. Got one without =");
      const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
      if (key == "path") *name = value;
      if (key == "size") {
        const auto parsed = std::from_chars(value.data(), value.data() + value.size(), *size);
        if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size() || *size < 0)
          refuse("pax sizes must be whole numbers. Got another value");
      }
      if (key.substr(0, 11) == "GNU.sparse.") refuse("sparse members are not read. Got one");
    }
  }

  const InputFile& file_;
  int64_t at_, end_, header_at_ = 0;
  char header_[kBlock] = {};
};

}  // namespace

std::vector<TarMember> index_tar(const InputFile& file, int64_t start, int64_t bytes) {
  const int64_t end = bytes < 0 ? file.size() : start + bytes;
  require(start >= 0 && start <= end && end <= file.size(), file.path(),
          "the archive must lie inside the file. Got bytes ", start, " to ", end, " of ", file.size(), ".");
  return Reader(file, start, end).members();
}

const TarMember* ShardSample::find(const std::string& field) const {
  for (const ShardField& candidate : fields)
    if (candidate.name == field) return &candidate.member;
  return nullptr;
}

std::vector<ShardSample> shard_samples(const std::vector<TarMember>& members, const std::string& where) {
  std::vector<ShardSample> samples;
  for (const TarMember& member : members) {
    const size_t slash = member.name.rfind('/');
    const size_t base = slash == std::string::npos ? 0 : slash + 1;
    const size_t dot = member.name.find('.', base);
    if (dot == std::string::npos || dot == base) continue;
    std::string key = member.name.substr(0, dot), field = member.name.substr(dot + 1);
    for (char& c : field)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (samples.empty() || samples.back().key != key) samples.push_back({key, {}});
    require(!samples.back().find(field), where, "a sample must have one field of a name. Got two of \"", field,
            "\" for the key \"", key, "\".");
    samples.back().fields.push_back({std::move(field), member});
  }
  return samples;
}

}  // namespace batchwise

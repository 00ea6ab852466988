// Reads checkpoint files: everything is verified at opening, then found by name.
#include <algorithm>
#include <cstring>
#include <map>

#include <xxhash.h>

#include <batchwise/error.h>

#include "base/input_file.h"
#include "formats/json/json.h"
#include "training/checkpoint/checkpoint.h"
#include "training/checkpoint/checkpoint_files.h"
#include "training/checkpoint/checkpoint_format.h"

namespace batchwise {
namespace {

struct Section {
  SectionKind kind;
  int64_t offset = 0, bytes = 0;  // of the contents
};

}  // namespace

struct CheckpointReader::Impl {
  explicit Impl(const std::string& path) : file(path), hash(XXH3_createState()) {
    if (!hash) throw std::bad_alloc();
  }
  ~Impl() { XXH3_freeState(hash); }

  [[noreturn]] void damaged(const std::string& what) const {
    fail(file.path(), "the checkpoint must be whole. Got a damaged one: ", what, ".");
  }

  void read(void* data, int64_t bytes) {
    if (bytes > file.size() - at) damaged("it ends too early, at byte " + std::to_string(file.size()));
    file.read_at(at, data, bytes);
    XXH3_64bits_update(hash, data, static_cast<size_t>(bytes));
    at += bytes;
  }
  void skip(int64_t bytes) {
    if (bytes < 0 || bytes > file.size() - at) damaged("it ends too early, at byte " + std::to_string(file.size()));
    std::string buffer(static_cast<size_t>(std::min(bytes, kCheckpointBuffer)), '\0');
    for (; bytes > 0; bytes -= std::min(bytes, kCheckpointBuffer))
      read(buffer.data(), std::min(bytes, kCheckpointBuffer));
  }
  void verify(const std::string& what) {
    const uint64_t expected = XXH3_64bits_digest(hash);
    uint64_t found = 0;
    read(&found, sizeof found);
    if (found != expected) damaged("the checksum of " + what + " is wrong");
    XXH3_64bits_reset(hash);
  }
  const Section& at_name(const std::string& name, SectionKind kind) const {
    const auto it = sections.find(name);
    require(it != sections.end() && it->second.kind == kind, file.path(), "the checkpoint must hold the ",
            kind == SectionKind::Tensor ? "tensor" : "blob", " \"", name, "\". Got none.");
    return it->second;
  }

  void open() {
    XXH3_64bits_reset(hash);
    char magic[8];
    read(magic, 8);
    if (std::memcmp(magic, kCheckpointMagic, 8) != 0) damaged("it does not start as a checkpoint of this version");
    read(&step, sizeof step);
    verify("its start");
    for (uint64_t count = 0;; ++count) {
      SectionStart start;
      read(&start, sizeof start);
      if (start.name_bytes > kMaxSectionName || start.kind > static_cast<uint32_t>(SectionKind::Blob) ||
          (start.kind == static_cast<uint32_t>(SectionKind::Header)) != (count == 0))
        damaged("section " + std::to_string(count) + " is none");
      std::string name(start.name_bytes, '\0');
      read(name.data(), start.name_bytes);
      if (start.bytes > static_cast<uint64_t>(file.size() - at))
        damaged("it ends too early, at byte " + std::to_string(file.size()));
      const Section section = {static_cast<SectionKind>(start.kind), at, static_cast<int64_t>(start.bytes)};
      if (section.kind == SectionKind::Header) {
        std::string text(start.bytes, '\0');
        read(text.data(), section.bytes);
        verify("the header");
        header = parse_json(text, file.path());
        continue;
      }
      if (section.kind == SectionKind::End) {
        uint64_t stated = 0;
        if (section.bytes != sizeof stated) damaged("its end is none");
        read(&stated, sizeof stated);
        verify("its end");
        if (stated != count || at != file.size()) damaged("sections are missing or too many");
        return;
      }
      skip(section.bytes);
      verify('"' + name + '"');
      if (!sections.emplace(name, section).second) damaged('"' + name + "\" is there twice");
    }
  }

  InputFile file;
  XXH3_state_t* hash;
  int64_t at = 0;  // bytes read so far
  int64_t step = 0;
  Config header;
  std::map<std::string, Section> sections;
};

CheckpointReader::CheckpointReader(const std::string& path) : impl_(std::make_unique<Impl>(path)) { impl_->open(); }
CheckpointReader::~CheckpointReader() = default;
CheckpointReader::CheckpointReader(CheckpointReader&&) noexcept = default;

const Config& CheckpointReader::header() const { return impl_->header; }
int64_t CheckpointReader::step() const { return impl_->step; }
bool CheckpointReader::has(const std::string& name) const { return impl_->sections.count(name) > 0; }

int64_t CheckpointReader::tensor_values(const std::string& name) const {
  return impl_->at_name(name, SectionKind::Tensor).bytes / static_cast<int64_t>(sizeof(float));
}

void CheckpointReader::tensor(const std::string& name, std::span<float> values) const {
  const Section& section = impl_->at_name(name, SectionKind::Tensor);
  require(section.bytes == static_cast<int64_t>(values.size_bytes()), impl_->file.path(), "the tensor \"", name,
          "\" must have ", values.size(), " values. Got ", section.bytes / static_cast<int64_t>(sizeof(float)), ".");
  impl_->file.read_at(section.offset, values.data(), section.bytes);
}

std::string CheckpointReader::blob(const std::string& name) const {
  const Section& section = impl_->at_name(name, SectionKind::Blob);
  std::string bytes(static_cast<size_t>(section.bytes), '\0');
  impl_->file.read_at(section.offset, bytes.data(), section.bytes);
  return bytes;
}

std::optional<CheckpointReader> newest_checkpoint(const std::string& directory, std::vector<std::string>& messages) {
  for (const auto& [step, path] : checkpoint_files(directory)) {
    try {
      return CheckpointReader(path);
    } catch (const Error& error) {
      messages.push_back(std::string(error.what()) + " An older checkpoint is used when there is one.");
    }
  }
  return std::nullopt;
}

}  // namespace batchwise

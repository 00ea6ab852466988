// Writes checkpoint files: streamed, checksummed, visible only when whole.
#include <cstring>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>

#include <xxhash.h>

#include <batchwise/error.h>

#include "base/atomic_file.h"
#include "training/checkpoint/checkpoint.h"
#include "training/checkpoint/checkpoint_files.h"
#include "training/checkpoint/checkpoint_format.h"

namespace batchwise {
namespace {

// That the folder can be written was seen before the first step: whatever fails now fails the run.
AtomicFile opened(const std::string& directory, int64_t step) try {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  require(!error, directory, "checkpoints need a folder that can be written. Got: ", error.message(), ".");
  remove_unfinished_checkpoints(directory);
  return AtomicFile(checkpoint_path(directory, step));
} catch (const Error& error) { throw Error(ErrorKind::Run, error.what()); }

}  // namespace

struct CheckpointWriter::Impl {
  Impl(const std::string& folder, int64_t at_step)
      : directory(folder), step(at_step), file(opened(folder, at_step)), hash(XXH3_createState()) {
    if (!hash) throw std::bad_alloc();
    buffer.reserve(static_cast<size_t>(kCheckpointBuffer));
  }
  ~Impl() { XXH3_freeState(hash); }

  void put(const void* data, size_t bytes) {
    XXH3_64bits_update(hash, data, bytes);
    append(data, bytes);
  }
  void append(const void* data, size_t bytes) {
    if (buffer.size() + bytes > static_cast<size_t>(kCheckpointBuffer)) flush();
    if (bytes > static_cast<size_t>(kCheckpointBuffer)) file.write(data, static_cast<int64_t>(bytes));
    else buffer.append(static_cast<const char*>(data), bytes);
  }
  void flush() {
    file.write(buffer);
    buffer.clear();
  }
  void checksum() {
    const uint64_t digest = XXH3_64bits_digest(hash);
    append(&digest, sizeof digest);
    XXH3_64bits_reset(hash);
  }
  void section(SectionKind kind, const std::string& name, const void* data, size_t bytes) {
    require(!committed, file.path(), "a checkpoint that was committed takes nothing more.");
    require(name.size() <= kMaxSectionName, file.path(), "names may have at most ", kMaxSectionName, " bytes. Got ",
            name.size(), ".");
    if (kind == SectionKind::Tensor || kind == SectionKind::Blob)
      require(names.insert(name).second, file.path(), "names of a checkpoint must be unique. Got \"", name,
              "\" twice.");
    const SectionStart start = {static_cast<uint32_t>(kind), static_cast<uint32_t>(name.size()), bytes};
    put(&start, sizeof start);
    put(name.data(), name.size());
    put(data, bytes);
    checksum();
    ++sections;
  }

  std::string directory;
  int64_t step;
  AtomicFile file;
  XXH3_state_t* hash;
  std::string buffer;
  std::set<std::string> names;
  uint64_t sections = 0;
  bool committed = false;
};

CheckpointWriter::CheckpointWriter(const std::string& directory, int64_t step, const Config& header) {
  require(step >= 0, "checkpoint", "a step must be at least 0. Got ", step, ".");
  impl_ = std::make_unique<Impl>(directory, step);
  XXH3_64bits_reset(impl_->hash);
  impl_->put(kCheckpointMagic, 8);
  impl_->put(&step, sizeof step);
  impl_->checksum();
  const std::string text = header.text();
  impl_->section(SectionKind::Header, "", text.data(), text.size());
}

CheckpointWriter::~CheckpointWriter() = default;

void CheckpointWriter::tensor(const std::string& name, std::span<const float> values) {
  impl_->section(SectionKind::Tensor, name, values.data(), values.size_bytes());
}

void CheckpointWriter::blob(const std::string& name, const std::string& bytes) {
  impl_->section(SectionKind::Blob, name, bytes.data(), bytes.size());
}

void CheckpointWriter::commit() {
  const uint64_t count = impl_->sections;
  impl_->section(SectionKind::End, "", &count, sizeof count);
  impl_->flush();
  impl_->committed = true;
  impl_->file.commit();
  remove_other_checkpoints(impl_->directory, impl_->step);
}

}  // namespace batchwise

// Checkpoint files: everything a run needs to continue to the same bits, written so that a crash at any moment leaves
// the last good one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <batchwise/config.h>

namespace batchwise {

// Writes `directory/checkpoint-<step>.bwc`: a header, then named runs of floats, then checksums (format.md). Tensors
// are streamed: memory use does not depend on their size. Nothing is visible under the final name before commit().
class CheckpointWriter {
 public:
  CheckpointWriter(const std::string& directory, int64_t step, const Config& header);
  ~CheckpointWriter();  // without commit: removes the temporary file
  void tensor(const std::string& name, std::span<const float> values);
  void blob(const std::string& name, const std::string& bytes);
  // fsync, rename, fsync of the folder; then removes all but the two newest. Throws Error(Run) and leaves the older
  // ones.
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One checkpoint whose checksums were verified at opening.
class CheckpointReader {
 public:
  explicit CheckpointReader(const std::string& path);  // throws Error(Input) naming what is damaged
  ~CheckpointReader();
  CheckpointReader(CheckpointReader&&) noexcept;
  const Config& header() const;
  int64_t step() const;
  bool has(const std::string& name) const;
  int64_t tensor_values(const std::string& name) const;                 // how many
  void tensor(const std::string& name, std::span<float> values) const;  // throws unless the counts agree
  std::string blob(const std::string& name) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The newest checkpoint of the directory that verifies. A damaged newer one is passed over and named in `messages`.
std::optional<CheckpointReader> newest_checkpoint(const std::string& directory, std::vector<std::string>& messages);

}  // namespace batchwise

// HDF5 files, written: the form that h5py writes for Keras.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <batchwise/shape.h>

#include "formats/hdf5/hdf5_bytes.h"

namespace batchwise {

// Superblock version 0, old-style groups, contiguous little-endian arrays, no times. Groups on the way to a path are
// made as needed. Nothing is held in memory but HDF5's caches.
class Hdf5Writer {
 public:
  // Writes into `file` from `offset` (the end of what it holds) on; the caller commits the file after finish().
  Hdf5Writer(AtomicFile& file, int64_t offset);

  void group(const std::string& path);
  void attribute(const std::string& group, const std::string& name, const std::string& text);  // UTF-8
  // As Keras: a list too long for a group's header is split into name0, name1, ...
  void attribute(const std::string& group, const std::string& name, const std::vector<std::string>& texts);
  void floats(const std::string& path, const Shape& shape, std::span<const float> values);
  void number(const std::string& path, float value) { floats(path, {}, {&value, 1}); }
  void integer(const std::string& path, int64_t value);  // 32 bits when it fits, as Keras's counters
  void finish();

 private:
  Hdf5Handle open_group(const std::string& path);
  void texts(const std::string& path, const std::string& name, const Hdf5Handle& space,
             const std::vector<const char*>& texts);
  void array(const std::string& path, const Shape& shape, Hdf5Handle::Id stored, Hdf5Handle::Id given,
             const void* values);
  void check(bool ok, const std::string& path);

  std::unique_ptr<Hdf5Bytes> bytes_;
  std::string where_;
  Hdf5Handle file_;
};

}  // namespace batchwise

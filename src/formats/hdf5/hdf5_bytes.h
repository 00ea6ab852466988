// Where an HDF5 file lies: a part of another file, or memory. HDF5 reads and writes it through a driver of ours.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include "base/atomic_file.h"
#include "base/input_file.h"
#include "formats/hdf5/hdf5_handle.h"

namespace batchwise {

class Hdf5Bytes {
 public:
  virtual ~Hdf5Bytes() = default;
  virtual int64_t size() const = 0;
  virtual void read_at(int64_t offset, void* data, int64_t bytes) = 0;  // REQUIRES: inside [0, size())
  virtual void write_at(int64_t offset, const void* data, int64_t bytes);
  virtual void resize(int64_t bytes);

  // Errors cannot pass through HDF5: they are kept, and thrown again by whoever called HDF5.
  bool has_error() const { return error_ != nullptr; }
  void keep_error() { error_ = std::current_exception(); }
  void throw_kept_error() {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::exception_ptr error_;
};

// The bytes [offset, offset + size) of a file: a stored member of an archive is read without a copy.
std::unique_ptr<Hdf5Bytes> hdf5_bytes_in_file(std::shared_ptr<const InputFile> file, int64_t offset, int64_t size);
std::unique_ptr<Hdf5Bytes> hdf5_bytes_in_memory(std::string bytes);
// What `file` holds from `offset` on; written there as HDF5 goes. REQUIRES: the file outlives the bytes.
std::unique_ptr<Hdf5Bytes> hdf5_bytes_to_write(AtomicFile& file, int64_t offset);

// HDF5 file access properties that lead to `bytes`. Silences HDF5's printing on this thread.
Hdf5Handle hdf5_access(Hdf5Bytes& bytes);

}  // namespace batchwise

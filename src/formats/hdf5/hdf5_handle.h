// An HDF5 identifier that closes itself. Needs no header of HDF5, so that users of our classes need none.
#pragma once

#include <cstdint>
#include <utility>

namespace batchwise {

class Hdf5Handle {
 public:
  using Id = int64_t;         // hid_t
  using Close = int (*)(Id);  // herr_t (*)(hid_t)

  Hdf5Handle() = default;
  Hdf5Handle(Id id, Close closer) : id_(id), close_(closer) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Hdf5Handle() { close(); }

  Id get() const { return id_; }
  bool valid() const { return id_ >= 0; }
  int close() { return id_ >= 0 ? close_(std::exchange(id_, -1)) : 0; }

 private:
  Id id_ = -1;
  Close close_ = nullptr;
};

}  // namespace batchwise

// Texts of any length: HDF5 keeps them in collections, away from the attributes that name them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/hdf5/hdf5_bytes.h"

namespace batchwise {

class Hdf5GlobalHeap {
 public:
  // The object `index` of the collection at `address`. Throws Error(Input) unless the file holds it whole. All that is
  // handed out together is bounded by the size of the file: one text may be named many times.
  std::string text(Hdf5Bytes& bytes, uint64_t address, uint64_t index, uint64_t length, std::string_view where);

 private:
  struct Object {
    uint64_t index, offset, size;
  };
  using Collection = std::vector<Object>;  // by index
  const Collection& collection(Hdf5Bytes& bytes, uint64_t address, std::string_view where);

  std::map<uint64_t, Collection> collections_;
  uint64_t walked_ = 0, handed_out_ = 0;
};

}  // namespace batchwise

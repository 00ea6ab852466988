// Attributes as they lie in the header of an HDF5 object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/hdf5/hdf5_bytes.h"

namespace batchwise {

// What an attribute states, not yet understood: descriptions of type and shape, and the bytes of its values.
struct Hdf5RawAttribute {
  std::string type, space, values;
};

// Of the object whose header lies at `address`; nothing when it has none of this name. Throws Error(Input) where the
// header is damaged, or keeps attributes elsewhere (HDF5 does so for more than eight, in files of its newest forms).
std::optional<Hdf5RawAttribute> hdf5_raw_attribute(Hdf5Bytes& bytes, uint64_t address, std::string_view name,
                                                   std::string_view where);

}  // namespace batchwise

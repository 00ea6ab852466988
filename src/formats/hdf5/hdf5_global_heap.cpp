// HDF5's global heap, read without trust: libhdf5 copies an object over the end of the text that names it.
#include "formats/hdf5/hdf5_global_heap.h"

#include <algorithm>

#include "formats/hdf5/hdf5_fields.h"

namespace batchwise {
namespace {

constexpr uint64_t kTimes = 16;  // as often as the whole file: a reader asks for some attributes more than once

}  // namespace

const Hdf5GlobalHeap::Collection& Hdf5GlobalHeap::collection(Hdf5Bytes& bytes, uint64_t address,
                                                             std::string_view where) {
  if (const auto it = collections_.find(address); it != collections_.end()) return it->second;
  const std::string head = hdf5_part(bytes, address, 16, where);
  Hdf5Fields start(head, where);
  if (start.take(4) != "GCOL" || start.number(1) != 1) Hdf5Fields::damaged(where);
  start.take(3);
  const uint64_t size = start.number(8);
  // Collections do not overlap: all of them together are no larger than the file.
  if (size < 16 || size > static_cast<uint64_t>(bytes.size()) - walked_) Hdf5Fields::damaged(where);
  walked_ += size;
  const std::string whole = hdf5_part(bytes, address, size, where);
  Hdf5Fields fields(whole, where);
  fields.take(16);
  Collection objects;
  while (fields.left() >= 16) {
    const uint64_t index = fields.number(2);
    fields.take(6);
    const uint64_t length = fields.number(8);
    if (index == 0) break;  // the rest is free
    objects.push_back({index, address + size - fields.left(), length});
    fields.take_padded(length);
  }
  std::stable_sort(objects.begin(), objects.end(), [](const Object& a, const Object& b) { return a.index < b.index; });
  return collections_.emplace(address, std::move(objects)).first->second;
}

std::string Hdf5GlobalHeap::text(Hdf5Bytes& bytes, uint64_t address, uint64_t index, uint64_t length,
                                 std::string_view where) {
  const Collection& objects = collection(bytes, address, where);
  const auto object = std::lower_bound(objects.begin(), objects.end(), index,
                                       [](const Object& o, uint64_t wanted) { return o.index < wanted; });
  if (object == objects.end() || object->index != index || length > object->size) Hdf5Fields::damaged(where);
  handed_out_ += length;
  if (handed_out_ > kTimes * static_cast<uint64_t>(bytes.size()))
    fail(std::string(where), "texts must lie in the file each for itself. Got one that is named many times.");
  return hdf5_part(bytes, object->offset, length, where);
}

}  // namespace batchwise

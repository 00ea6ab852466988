// Tar archives: where each member lies, and WebDataset's samples, which are members that share a key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/input_file.h"

namespace batchwise {

struct TarMember {
  std::string name;    // as in the archive: "train/000017.jpg"
  int64_t offset = 0;  // bytes from the start of the file to the first of the contents
  int64_t bytes = 0;
};

// The regular files of an archive that fills the bytes [start, start + bytes) of `file` (-1: to its end), in order;
// folders and links are passed over. ustar, GNU and pax long names and sizes. Throws Error(Input) at a damaged or
// truncated archive.
std::vector<TarMember> index_tar(const InputFile& file, int64_t start = 0, int64_t bytes = -1);

// WebDataset's rule: of "a/b.c/17.seg.png" the key is "a/b.c/17", the field "seg.png" (in lower case).
struct ShardField {
  std::string name;
  TarMember member;
};
struct ShardSample {
  std::string key;
  std::vector<ShardField> fields;
  const TarMember* find(const std::string& field) const;  // null when the sample has none of that name
};

// Consecutive members of one key are a sample. Members whose names start with a dot or have none inside are passed
// over, as WebDataset does. Throws Error(Input) when a sample has two fields of one name. `where`: the file.
std::vector<ShardSample> shard_samples(const std::vector<TarMember>& members, const std::string& where);

}  // namespace batchwise

// Folders of IDX files, shaped as MNIST's: images and labels, for training and testing.
#pragma once

#include <string>

#include <batchwise/dataset.h>

namespace batchwise {

// The pair of files of one part: "train" or "t10k" images and labels, plain or .gz.
struct IdxPair {
  std::string images, labels;  // paths; empty when there is none
  bool complete() const { return !images.empty() && !labels.empty(); }
};
IdxPair find_idx_pair(const std::string& folder, const std::string& part);

// Images (N, H, W) become samples of (H, W, 1). Plain files of bytes are streamed where they lie; what is compressed or
// big-endian is unpacked once into the cache. Throws unless there are as many labels as images.
Dataset open_idx_pair(const IdxPair& pair);

}  // namespace batchwise

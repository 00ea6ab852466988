// TFRecord files of tf.train.Example as data sets.
#pragma once

#include <string>
#include <vector>

#include <batchwise/dataset.h>

namespace batchwise {

// A feature that every record has, with so many values. Float32 is read from a float_list, Int64 from an int64_list;
// UInt8 from a bytes_list of one value, whose bytes are the elements (tf.io.decode_raw).
struct RecordFeature {
  std::string name;
  Shape shape;
  DType dtype = DType::Float32;
};

// Records are read where they lie when they are asked for; their checksums are verified. Files that are compressed as a
// whole (GZIP, ZLIB) are refused: they have no random access. Throws Error(Input) at damage, and when the first record
// lacks a feature; Error(Run) when a later one does.
Dataset tfrecord_dataset(const std::string& path, std::vector<RecordFeature> inputs,
                         std::vector<RecordFeature> targets = {});

}  // namespace batchwise

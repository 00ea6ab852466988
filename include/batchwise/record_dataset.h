// Records in large files as data sets: TFRecord files of tf.train.Example, and WebDataset's tar shards.
#pragma once

#include <string>
#include <vector>

#include <batchwise/dataset.h>

namespace batchwise {

// A feature that every record has, with so many values. Float32 is read from a float_list or, of shape (H, W, 1, 3 or
// 4), from an encoded image in a bytes_list, decoded and resized to 0 to 255; Int64 from an int64_list,
// String from a bytes_list; UInt8 from a bytes_list of one value, whose bytes are the elements (tf.io.decode_raw).
struct RecordFeature {
  std::string name;
  Shape shape;
  DType dtype = DType::Float32;
};

// The records of all files, one file after the other. They are read where they lie when they are asked for, but for
// text, which is read when the files are opened and stays in memory. Their checksums are verified. Files that are
// compressed as a whole (GZIP, ZLIB) are refused: they have no random access. Throws Error(Input) at damage, and when
// the first record lacks a feature; Error(Run) when a later one does.
Dataset tfrecord_dataset(const std::vector<std::string>& paths, std::vector<RecordFeature> inputs,
                         std::vector<RecordFeature> targets = {});
Dataset tfrecord_dataset(const std::string& path, std::vector<RecordFeature> inputs,
                         std::vector<RecordFeature> targets = {});

// A field of every sample in a shard, by the ending of its file; "jpg;png" takes the first that a sample has. "jpg",
// "png", "webp", "bmp" or "gif" give an image of shape (H, W, C) as float32 from 0 to 255; "cls" a whole number as
// int64 of shape (); "npy" (and "x.npy") an array of this shape and dtype; other endings their bytes as uint8.
struct ShardColumn {
  std::string ending;
  Shape shape;
  DType dtype = DType::Float32;
};

// Tar files whose members "key.ending" make samples, in order, one file after the other. Members are read where they
// lie when they are asked for; images are decoded and resized then. Throws Error(Input) at damage and for samples that
// lack a field.
Dataset shard_dataset(const std::vector<std::string>& paths, std::vector<ShardColumn> inputs,
                      std::vector<ShardColumn> targets = {});

}  // namespace batchwise

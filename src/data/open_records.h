// Tar shards and TFRecord files as the command line takes them: which fields are inputs and targets is found from the
// first sample, by the names of the model and the conventions of WebDataset and TensorFlow.
#pragma once

#include <string>

#include "data/open_data.h"

namespace batchwise {

// Inputs: "NAME.npy" for every input of the model; else an image, "npy" or "x.npy". Targets: "NAME.npy" for every
// output; else "cls", "y.npy".
Dataset open_shards(const std::string& path, const DataOptions& options);

// Inputs: features called as the model's; else "image/encoded", "image", "x", "image_raw", "text". Targets: as the
// model's outputs; else "image/class/label", "label", "y". An image that is encoded is decoded; other bytes are uint8.
Dataset open_tfrecords(const std::string& path, const DataOptions& options);

// What the first samples hold, in words.
std::string describe_shards(const std::string& path);
std::string describe_tfrecords(const std::string& path);

}  // namespace batchwise

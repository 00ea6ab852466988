// The options of commands that say how a folder of images becomes samples.
#pragma once

#include <string>

#include <batchwise/config.h>
#include <batchwise/image_dataset.h>
#include <batchwise/model.h>

#include "cli/arguments.h"

namespace batchwise {

struct ImageChoice {
  std::string image_size, color_mode, interpolation, label_mode, on_bad_file, cache;
  bool crop_to_aspect_ratio = false, pad_to_aspect_ratio = false, follow_links = false;

  void declare(Arguments& arguments);
  void declare_cache(Arguments& arguments);  // of them, the one that changes speed alone
  Config config() const;
  static ImageChoice from(const Config& config);

  void check() const;  // the words that options may be
  // What is not given comes from the model's input: size and number of channels. `loss` tells the form of the labels.
  ImageDatasetOptions options(const Shape& input, const std::string& loss, int64_t outputs) const;
};

// "128", or "96x128": height and width.
Size2D read_image_size(const std::string& text);

}  // namespace batchwise

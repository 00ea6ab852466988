// Options of image folders.
#include "cli/image_choice.h"

#include <algorithm>
#include <charconv>
#include <iostream>

#include <batchwise/registry.h>

#include "cli/printable.h"
#include "images/interpolation.h"

namespace batchwise {
namespace {

// One column per class for losses that compare columns, class numbers for the sparse ones.
std::string label_mode_of(const std::string& loss, int64_t outputs) {
  const auto has = [&](const char* part) { return loss.find(part) != std::string::npos; };
  if (loss.empty() || has("Sparse") || has("sparse")) return "int";
  return outputs == 1 ? "binary" : "categorical";
}

}  // namespace

Size2D read_image_size(const std::string& text) {
  Size2D size = 0;
  const char* end = text.data() + text.size();
  const auto [cross, error] = std::from_chars(text.data(), end, size.height);
  bool good = error == std::errc();
  size.width = size.height;
  if (good && cross != end) {
    const auto [last, second] = std::from_chars(cross + 1, end, size.width);
    good = *cross == 'x' && second == std::errc() && last == end;
  }
  require(good && size.height >= 1 && size.width >= 1, "--image-size",
          "the value must be one number or height x width, such as 128 or 96x128. Got \"", text, "\".");
  return size;
}

void ImageChoice::declare(Arguments& a) {
  a.text("--image-size", image_size, "N|HxW", "Size that images are resized to. Otherwise the model's input");
  a.text("--color-mode", color_mode, "MODE", "rgb, grayscale or rgba. Otherwise the model's input");
  a.text("--interpolation", interpolation, "NAME", "bilinear, nearest, bicubic, area, lanczos3, ... of the resize");
  a.flag("--crop-to-aspect-ratio", crop_to_aspect_ratio, "Cut images to the ratio of the size, at the middle");
  a.flag("--pad-to-aspect-ratio", pad_to_aspect_ratio, "Keep whole images, with black at the sides");
  a.text("--label-mode", label_mode, "MODE", "int, categorical or binary. Otherwise what the loss needs");
  a.flag("--follow-links", follow_links, "Look into folders that links lead to");
  a.text("--on-bad-file", on_bad_file, "error|skip",
         "skip: decode every image once before the first step and leave the damaged ones out");
  declare_cache(a);
}

void ImageChoice::declare_cache(Arguments& a) {
  a.text("--cache", cache, "DIR", "Keep decoded images in a file there: later epochs and runs read them");
}

Config ImageChoice::config() const {
  return Config::object({{"image_size", image_size},
                         {"color_mode", color_mode},
                         {"interpolation", interpolation},
                         {"label_mode", label_mode},
                         {"on_bad_file", on_bad_file},
                         {"cache", cache},
                         {"crop_to_aspect_ratio", crop_to_aspect_ratio},
                         {"pad_to_aspect_ratio", pad_to_aspect_ratio},
                         {"follow_links", follow_links}});
}

ImageChoice ImageChoice::from(const Config& config) {
  ImageChoice choice;
  choice.image_size = config.get("image_size", "");
  choice.color_mode = config.get("color_mode", "");
  choice.interpolation = config.get("interpolation", "");
  choice.label_mode = config.get("label_mode", "");
  choice.on_bad_file = config.get("on_bad_file", "");
  choice.cache = config.get("cache", "");
  choice.crop_to_aspect_ratio = config.get("crop_to_aspect_ratio", false);
  choice.pad_to_aspect_ratio = config.get("pad_to_aspect_ratio", false);
  choice.follow_links = config.get("follow_links", false);
  return choice;
}

// Whoever gives an option is told of it by its own name.
void ImageChoice::check() const {
  const auto among = [](const char* option, const std::string& value, const std::vector<std::string>& words) {
    if (value.empty() || std::find(words.begin(), words.end(), value) != words.end()) return;
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
    const std::string near = nearest_name(value, words);
    fail(option, "the value must be one of ", all, ". Got \"", value, "\".",
         near.empty() ? "" : " Did you mean \"" + near + "\"?");
  };
  among("--color-mode", color_mode, {"rgb", "grayscale", "rgba"});
  among("--label-mode", label_mode, {"int", "categorical", "binary"});
  among("--interpolation", interpolation, interpolation_names());
  among("--on-bad-file", on_bad_file, {"error", "skip"});
  require(!crop_to_aspect_ratio || !pad_to_aspect_ratio, "--crop-to-aspect-ratio",
          "only one of --crop-to-aspect-ratio and --pad-to-aspect-ratio may be given. Got both.");
}

ImageDatasetOptions ImageChoice::options(const Shape& input, const std::string& loss, int64_t outputs) const {
  check();
  ImageDatasetOptions options;
  const bool image = input.rank() == 3;
  const bool sized = image && input[0] > 0 && input[1] > 0;
  if (!image_size.empty()) options.image_size = read_image_size(image_size);
  else if (sized) options.image_size = {input[0], input[1]};
  if (!color_mode.empty()) options.color_mode = color_mode;
  else if (image) options.color_mode = input[2] == 1 ? "grayscale" : input[2] == 4 ? "rgba" : "rgb";
  if (!interpolation.empty()) options.interpolation = interpolation;
  options.label_mode = label_mode.empty() ? label_mode_of(loss, outputs) : label_mode;
  if (!on_bad_file.empty()) options.on_bad_file = on_bad_file;
  options.cache = cache;
  options.crop_to_aspect_ratio = crop_to_aspect_ratio;
  options.pad_to_aspect_ratio = pad_to_aspect_ratio;
  options.follow_links = follow_links;
  options.on_skipped = [](const SkippedFile& file) { std::cerr << "skipped: " + printable(file.reason) + "\n"; };
  return options;
}

}  // namespace batchwise

// What the fuzzers do with an image: decode it with every number of channels into a resize.
#pragma once

#include <vector>

#include "images/resizer.h"

namespace batchwise {

template <class Decode>
void for_each_resize(const Decode& decode) {
  constexpr Interpolation kOfChannels[] = {Interpolation::Bilinear, Interpolation::Area, Interpolation::Bicubic};
  constexpr AspectRatio kRatios[] = {AspectRatio::Stretch, AspectRatio::Crop, AspectRatio::Pad};
  int i = 0;
  for (int channels : {3, 1, 4}) {
    ResizeSettings settings;
    settings.height = 9;
    settings.width = 7;
    settings.interpolation = kOfChannels[i];
    settings.aspect_ratio = kRatios[i++];
    Resizer resizer(settings);
    std::vector<float> out(static_cast<size_t>(settings.height * settings.width * channels));
    resizer.set_output(out.data());
    decode(channels, resizer);
  }
}

}  // namespace batchwise

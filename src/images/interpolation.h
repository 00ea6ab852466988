// How a pixel of a resized image is made from those of the image: Keras's names, tf.image.resize's maths.
#pragma once

#include <string>
#include <vector>

namespace batchwise {

// Without antialiasing, as in tf.image.resize: an image made much smaller looks at some of its pixels alone, except
// with Area.
enum class Interpolation { Bilinear, Nearest, Bicubic, Area, Lanczos3, Lanczos5, Gaussian, MitchellCubic };

const std::vector<std::string>& interpolation_names();       // in the order of the enumeration
Interpolation interpolation_named(const std::string& name);  // throws Error(Input) naming the known ones

}  // namespace batchwise

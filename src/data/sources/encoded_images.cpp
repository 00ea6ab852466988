// Decoding of images in larger files.
#include "data/sources/encoded_images.h"

#include <algorithm>

#include <batchwise/error.h>

#include "data/too_large.h"

namespace batchwise {

EncodedImages::EncodedImages(const Shape& shape, DType dtype, std::string_view where) : shape_(shape) {
  require(shape.rank() == 3 && shape[0] >= 1 && shape[1] >= 1 && (shape[2] == 1 || shape[2] == 3 || shape[2] == 4),
          where, "images must have the shape (height, width, 1, 3 or 4). Got ", shape, ".");
  require(dtype == DType::Float32, where, "images must be float32. Got ", dtype, ".");
}

void EncodedImages::expect(std::string_view image) {
  ImageDecoder decoder;
  try {
    const int64_t bytes =
        decoder.needs({reinterpret_cast<const uint8_t*>(image.data()), image.size()}, static_cast<int>(shape_[2]), "")
            .bytes;
    own_ = std::clamp(bytes, own_, kUsualImage);
  } catch (const Error&) {
    // Who reads it is told.
  }
}

void EncodedImages::decode(std::string_view image, std::string_view where, float* out) const {
  std::unique_ptr<Decoding> decoding;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      decoding = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!decoding) decoding.reset(new Decoding{{}, Resizer(ResizeSettings{.height = shape_[0], .width = shape_[1]})});
  decoding->decoder.memory().set_own(own_);
  decoding->resizer.set_output(out);
  try {
    decoding->decoder.decode({reinterpret_cast<const uint8_t*>(image.data()), image.size()},
                             static_cast<int>(shape_[2]), decoding->resizer, where);
  } catch (const BudgetError& error) { throw TooLarge(error); }
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(decoding));
}

}  // namespace batchwise

// Images that lie encoded in larger files: decoded and resized into samples of one shape.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include <batchwise/array.h>

#include "images/image_decoder.h"
#include "images/resizer.h"

namespace batchwise {

// Thread-safe. What decoding takes is kept from one image to the next.
class EncodedImages {
 public:
  // Throws unless the samples are (height, width, 1, 3 or 4) of float32. `where` names the data.
  EncodedImages(const Shape& shape, DType dtype, std::string_view where);
  // Before any is decoded: memory for images like this one is every reader's own.
  void expect(std::string_view image);
  int64_t reader_bytes() const { return own_; }
  // Throws Error(Input) naming `where` for what is damaged or no image, Error(Run) for what a budget has no memory for.
  void decode(std::string_view image, std::string_view where, float* out) const;

 private:
  struct Decoding {
    ImageDecoder decoder;
    Resizer resizer;
  };
  Shape shape_;
  int64_t own_ = kDecoderBytes;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Decoding>> idle_;
};

}  // namespace batchwise

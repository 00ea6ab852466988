// Fuzzes the GIF decoder: whatever the bytes, an image that can be resized or an Error.
#include <batchwise/error.h>

#include "images/formats.h"
#include "images/fuzzed_image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  const FileBytes file(data, size);
  DecodingMemory memory;
  for_each_resize([&](int channels, PixelRows& rows) {
    try {
      decode_gif(file, channels, rows, memory, "file");
    } catch (const Error&) {}
  });
  return 0;
}

// Letters of 5 x 8 dots.
#include "images/small_letters.h"

#include <algorithm>

namespace batchwise {
namespace {

// The characters from ' ' to '~', and a box for all others: eight rows from the top, five dots each, the first dot in
// the highest bit.
constexpr uint64_t kDots[] = {
    0x0000000000, 0x2108420080, 0x5294000000, 0x52beafa940, 0x23e8e2f880, 0xce44444e60, 0x64a88ac9a0, 0x2110000000,
    0x1110841040, 0x4104211100, 0x012aea9000, 0x0109f21000, 0x0000001088, 0x0001f00000, 0x0000000080, 0x0844444200,
    0x74675cc5c0, 0x23084211c0, 0x74422223e0, 0x744260c5c0, 0x11952f8840, 0xfc3c10c5c0, 0x3221e8c5c0, 0xf844442100,
    0x7462e8c5c0, 0x7462f08980, 0x0008001000, 0x0008001088, 0x0888820820, 0x003e0f8000, 0x8208222200, 0x7442220080,
    0x746f5bc1c0, 0x7463f8c620, 0xf463e8c7c0, 0x74610845c0, 0xf46318c7c0, 0xfc21e843e0, 0xfc21e84200, 0x746178c5c0,
    0x8c63f8c620, 0x71084211c0, 0x3884214980, 0x8ca98a4a20, 0x84210843e0, 0x8eeb58c620, 0x8e6b38c620, 0x746318c5c0,
    0xf463e84200, 0x74631ac9a0, 0xf463ea4a20, 0x7c20e087c0, 0xf908421080, 0x8c6318c5c0, 0x8c6318a880, 0x8c635aee20,
    0x8c54454620, 0x8c54421080, 0xf8444443e0, 0x72108421c0, 0x8410410420, 0x70842109c0, 0x22a2000000, 0x00000003e0,
    0x4100000000, 0x001c17c5e0, 0x843d18c7c0, 0x001f0841e0, 0x085f18c5e0, 0x001d1fc1e0, 0x3251c42100, 0x001f18bc2e,
    0x843d18c620, 0x20184211c0, 0x100c210a4c, 0x84254c5240, 0x61084211c0, 0x00355ad6a0, 0x003d18c620, 0x001d18c5c0,
    0x003d18fa10, 0x001f18bc21, 0x002d984200, 0x001f0707c0, 0x423c8424c0, 0x002318c5e0, 0x002318a880, 0x00235ad540,
    0x0022a22a20, 0x002318bc2e, 0x003e2223e0, 0x1908821060, 0x2108421080, 0xc108221300, 0x0013590000, 0xfc6318c7e0,
};
constexpr char kBox = 127;

// Letters of the Latin alphabets without their accents, from U+00C0 on.
constexpr std::string_view kWithoutAccents =
    "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUu"
    "Uu"
    "WwYyYZzZzZzs";

char letter_of(uint32_t point) {
  if (point >= ' ' && point <= '~') return static_cast<char>(point);
  if (point >= 0xc0 && point - 0xc0 < kWithoutAccents.size()) return kWithoutAccents[point - 0xc0];
  return kBox;
}

}  // namespace

std::string letters_of(std::string_view utf8) {
  std::string letters;
  for (size_t at = 0; at < utf8.size();) {
    const auto first = static_cast<uint8_t>(utf8[at]);
    const size_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    uint32_t point = bytes == 1 ? first : first & (0xff >> (bytes + 1));
    size_t more = 1;
    for (; more < bytes && at + more < utf8.size() && (static_cast<uint8_t>(utf8[at + more]) & 0xc0) == 0x80; ++more)
      point = point << 6 | (static_cast<uint8_t>(utf8[at + more]) & 0x3f);
    at += more;
    const bool accent = point >= 0x300 && point < 0x370;  // of the letter before
    if (!accent) letters += more == bytes ? letter_of(point) : kBox;
  }
  return letters;
}

void draw_letters(std::string_view letters, int64_t scale, uint8_t ink, uint8_t* pixels, int64_t width) {
  const int64_t fit = std::max<int64_t>(0, width / (kLetterWidth * scale));
  for (int64_t i = 0; i < std::min(fit, static_cast<int64_t>(letters.size())); ++i) {
    const char letter = letters[static_cast<size_t>(i)];
    const uint64_t dots = kDots[(letter < ' ' ? kBox : letter) - ' '];
    for (int64_t y = 0; y < kLetterHeight * scale; ++y)
      for (int64_t x = 0; x < 5 * scale; ++x)
        if (dots >> (39 - (y / scale * 5 + x / scale)) & 1)
          std::fill_n(pixels + (y * width + i * kLetterWidth * scale + x) * 3, 3, ink);
  }
}

}  // namespace batchwise

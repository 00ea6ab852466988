// JPEG through libjpeg-turbo, set as TensorFlow sets it: the fast integer transform, smooth chroma.
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <string>

#include <jpeglib.h>

#include <batchwise/error.h>

#include "images/formats.h"

namespace batchwise {
namespace {

constexpr int kMaxScans = 500;         // a progressive file may ask for the whole image again in every scan
constexpr long kMaxMemory = 1L << 30;  // of libjpeg: all coefficients of the largest progressive image
constexpr char kEndsEarly[] = "it ends early";

struct ErrorManager {
  jpeg_error_mgr base;  // first: libjpeg knows this part alone
  std::jmp_buf back;
  char message[JMSG_LENGTH_MAX];
  char warning[JMSG_LENGTH_MAX];  // the first
};

[[noreturn]] void jump_back(j_common_ptr jpeg) {
  auto* manager = reinterpret_cast<ErrorManager*>(jpeg->err);
  manager->base.format_message(jpeg, manager->message);
  std::longjmp(manager->back, 1);
}

[[noreturn]] void jump_back(j_common_ptr jpeg, const char* message) {
  auto* manager = reinterpret_cast<ErrorManager*>(jpeg->err);
  std::snprintf(manager->message, sizeof manager->message, "%s", message);
  std::longjmp(manager->back, 1);
}

void leave_source(j_decompress_ptr) {}
boolean no_more_bytes(j_decompress_ptr jpeg) { jump_back(reinterpret_cast<j_common_ptr>(jpeg), kEndsEarly); }

void skip_bytes(j_decompress_ptr jpeg, long count) {
  if (count <= 0) return;
  if (static_cast<size_t>(count) > jpeg->src->bytes_in_buffer)
    jump_back(reinterpret_cast<j_common_ptr>(jpeg), kEndsEarly);
  jpeg->src->next_input_byte += count;
  jpeg->src->bytes_in_buffer -= static_cast<size_t>(count);
}

void watch_scans(j_common_ptr jpeg) {
  if (jpeg->is_decompressor && reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMaxScans)
    jump_back(jpeg, "it has more than 500 scans");
}

// Codes are of whole bits: the mean of every block takes one, and where scans hold whole blocks their ends one more.
// Arithmetic coding has no such bound.
void check_blocks(const jpeg_decompress_struct& jpeg, size_t file_bytes, std::string_view where) {
  if (jpeg.arith_code) return;
  uint64_t blocks = 0;
  for (int c = 0; c < jpeg.num_components; ++c)
    blocks += uint64_t{jpeg.comp_info[c].width_in_blocks} * jpeg.comp_info[c].height_in_blocks;
  const uint64_t bytes = blocks * (jpeg.progressive_mode ? 1 : 2) / 8;
  require(file_bytes >= bytes, where, "a JPEG of ", jpeg.image_width, " x ", jpeg.image_height, " takes at least ",
          bytes, " bytes. Got ", file_bytes, ": its header promises more than it holds.");
}

// What libjpeg holds: a band of blocks, as coefficients and as samples, before and after them the rows that smooth
// chroma looks at; and where a block's bits lie in several scans, all coefficients.
int64_t held_bytes(jpeg_decompress_struct& jpeg) {
  constexpr int64_t kOfBand = 48;
  int64_t bytes = int64_t{jpeg.image_width} * jpeg.num_components * kOfBand;
  if (jpeg_has_multiple_scans(&jpeg))
    for (int c = 0; c < jpeg.num_components; ++c)
      bytes += int64_t{jpeg.comp_info[c].width_in_blocks} * jpeg.comp_info[c].height_in_blocks * DCTSIZE2 *
               static_cast<int64_t>(sizeof(JCOEF));
  return bytes;
}

// As TensorFlow converts: Adobe's files hold the inks inverted.
void convert_cmyk(const uint8_t* from, uint8_t* to, int64_t width, bool inverted) {
  for (int64_t x = 0; x < width; ++x, from += 4, to += 3)
    for (int c = 0; c < 3; ++c)
      to[c] = static_cast<uint8_t>(inverted ? from[3] * from[c] / 255 : (255 - from[3]) * (255 - from[c]) / 255);
}

}  // namespace

struct JpegDecoder::State {
  jpeg_decompress_struct jpeg;
  ErrorManager errors;
  jpeg_source_mgr source;
  jpeg_progress_mgr progress;
  std::vector<uint8_t> inks;  // a row of CMYK

  // False: the file is refused, errors.message says why. Nothing with a destructor lives in here, because libjpeg comes
  // back by longjmp.
  bool start(int channels) {
    if (setjmp(errors.back)) return false;
    jpeg_read_header(&jpeg, TRUE);
    const bool cmyk = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
    jpeg.out_color_space = cmyk ? JCS_CMYK : channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    if (cmyk && channels == 1) jump_back(reinterpret_cast<j_common_ptr>(&jpeg), "its CMYK colors have no gray form");
    jpeg.dct_method = JDCT_IFAST;
    jpeg.do_fancy_upsampling = TRUE;
    return true;
  }

  bool read_rows(PixelRows& rows) {
    if (setjmp(errors.back)) return false;
    jpeg_start_decompress(&jpeg);
    const bool cmyk = jpeg.out_color_space == JCS_CMYK;
    // Rows that nobody looks at are passed without being converted to colors: within a band of blocks, where libjpeg
    // passes them one by one. (Passing whole bands would save more but changes the smooth chroma of the rows beside.)
    const JDIMENSION band = static_cast<JDIMENSION>(jpeg.max_v_samp_factor) * DCTSIZE;
    while (jpeg.output_scanline < jpeg.output_height) {
      const JDIMENSION in_band = jpeg.output_scanline % band;
      if (in_band > 0 && in_band + 1 < band && !rows.wants_row() && jpeg_skip_scanlines(&jpeg, 1) == 1) {
        rows.row_done();
        continue;
      }
      uint8_t* to = rows.row();
      JSAMPROW row = cmyk ? inks.data() : to;
      if (jpeg_read_scanlines(&jpeg, &row, 1) != 1) jump_back(reinterpret_cast<j_common_ptr>(&jpeg), kEndsEarly);
      if (cmyk) convert_cmyk(inks.data(), to, jpeg.output_width, jpeg.saw_Adobe_marker);
      rows.row_done();
    }
    jpeg_finish_decompress(&jpeg);  // reads to the end marker: a file without it is one that was cut off
    return true;
  }
};

JpegDecoder::JpegDecoder() : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.errors.warning[0] = '\0';
  s.jpeg.err = jpeg_std_error(&s.errors.base);
  s.errors.base.error_exit = [](j_common_ptr jpeg) { jump_back(jpeg); };
  s.errors.base.emit_message = [](j_common_ptr jpeg, int level) {
    auto* manager = reinterpret_cast<ErrorManager*>(jpeg->err);
    if (level < 0 && manager->base.num_warnings++ == 0) manager->base.format_message(jpeg, manager->warning);
  };
  s.errors.base.output_message = [](j_common_ptr) {};
  if (setjmp(s.errors.back)) fail_run("JPEG", "libjpeg cannot be used: ", s.errors.message, ".");
  jpeg_create_decompress(&s.jpeg);
  s.jpeg.mem->max_memory_to_use = kMaxMemory;
  s.source = {nullptr, 0, leave_source, no_more_bytes, skip_bytes, jpeg_resync_to_restart, leave_source};
  s.progress = {};
  s.progress.progress_monitor = watch_scans;
}

const char* JpegDecoder::warning() const { return state_->errors.warning; }

JpegDecoder::~JpegDecoder() { jpeg_destroy_decompress(&state_->jpeg); }

void JpegDecoder::decode(FileBytes file, int channels, PixelRows& rows, DecodingMemory& memory,
                         std::string_view where) {
  require(channels != 4, where, "a JPEG has no alpha channel, which color_mode \"rgba\" needs. Got a JPEG.");
  State& s = *state_;
  jpeg_abort_decompress(&s.jpeg);  // whatever the last image left
  s.errors.warning[0] = '\0';
  s.source.next_input_byte = file.data();
  s.source.bytes_in_buffer = file.size();
  s.jpeg.src = &s.source;
  s.jpeg.progress = &s.progress;
  const auto refuse = [&] { fail(where, "the JPEG must be whole and readable. Got: ", s.errors.message, "."); };
  if (!s.start(channels)) refuse();
  check_image_size(s.jpeg.image_height, s.jpeg.image_width, where);
  check_blocks(s.jpeg, file.size(), where);
  memory.admit(s.jpeg.image_height, s.jpeg.image_width, channels, held_bytes(s.jpeg), where);
  if (s.jpeg.out_color_space == JCS_CMYK) s.inks.resize(s.jpeg.image_width * size_t{4});
  rows.begin(s.jpeg.image_height, s.jpeg.image_width, channels);
  const bool read = s.read_rows(rows);
  jpeg_abort_decompress(&s.jpeg);  // gives memory back
  if (!read) refuse();
}

}  // namespace batchwise

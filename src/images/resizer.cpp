// Resizing while decoding.
#include "images/resizer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <batchwise/error.h>

#include "images/linear_rows.h"
#include "images/resize_rows.h"

namespace batchwise {
namespace {

// Keras's arithmetic: float32, cut towards zero.
int64_t scaled(int64_t a, int64_t b, int64_t c) {
  return static_cast<int64_t>(static_cast<float>(a * b) / static_cast<float>(c));
}

int64_t half(int64_t difference) { return static_cast<int64_t>(static_cast<float>(difference) / 2); }

// The parts of the source that are used, and the box of the output that they fill.
struct Placing {
  ResizeSpan rows, columns;
  int64_t top, left, height, width;
};

Placing cropped(const ResizeSettings& to, int64_t height, int64_t width) {
  const int64_t used_height = std::max<int64_t>(std::min(height, scaled(width, to.height, to.width)), 1);
  const int64_t used_width = std::max<int64_t>(std::min(width, scaled(height, to.width, to.height)), 1);
  return {{half(height - used_height), used_height}, {half(width - used_width), used_width}, 0, 0, to.height, to.width};
}

Placing padded(const ResizeSettings& to, int64_t height, int64_t width) {
  const auto h = static_cast<float>(height), w = static_cast<float>(width);
  const auto to_h = static_cast<float>(to.height), to_w = static_cast<float>(to.width);
  const float ratio = std::max(w / to_w, h / to_h), box_h = h / ratio, box_w = w / ratio;
  const auto inside = [](float size, int64_t most) {
    return std::clamp<int64_t>(static_cast<int64_t>(std::floor(size)), 1, most);
  };
  Placing placing{{0, height}, {0, width}, 0, 0, inside(box_h, to.height), inside(box_w, to.width)};
  placing.top = std::clamp<int64_t>(static_cast<int64_t>((to_h - box_h) / 2), 0, to.height - placing.height);
  placing.left = std::clamp<int64_t>(static_cast<int64_t>((to_w - box_w) / 2), 0, to.width - placing.width);
  return placing;
}

Placing placing_of(const ResizeSettings& to, int64_t height, int64_t width) {
  if (to.aspect_ratio == AspectRatio::Crop) return cropped(to, height, width);
  if (to.aspect_ratio == AspectRatio::Pad) return padded(to, height, width);
  return {{0, height}, {0, width}, 0, 0, to.height, to.width};
}

// Of an area as many rows and columns are held as an output covers: of more, a small file would take any memory.
void require_held(const Placing& placing) {
  constexpr int64_t kMostCovered = 4096;
  for (const auto& [length, outputs] :
       {std::pair(placing.rows.length, placing.height), std::pair(placing.columns.length, placing.width)})
    require(length <= kMostCovered * outputs, "resize", "by area, an image may be made ", kMostCovered,
            " times smaller at most. Got ", length, " for ", outputs, ".");
}

}  // namespace

void Resizer::begin(int64_t height, int64_t width, int channels) {
  if (height != source_height_ || width != source_width_ || channels != channels_) {
    const Placing placing = placing_of(settings_, height, width);
    if (settings_.interpolation == Interpolation::Area) require_held(placing);
    plan_axis(settings_.interpolation, placing.rows, placing.height, 1, rows_);
    plan_axis(settings_.interpolation, placing.columns, placing.width, channels, columns_);
    top_ = placing.top;
    left_ = placing.left;
    source_height_ = height;
    source_width_ = width;
    channels_ = channels;
    by_twos_ = rows_.linear && columns_.linear && rows_.apart();
    source_stride_ = kOffAlignment + (width * channels + kRowSlack + 63) / 64 * 64;
    source_rows_.resize(static_cast<size_t>(source_stride_ * 2));
    kept_stride_ = columns_.outputs * channels + kRowSlack;
    kept_.resize(static_cast<size_t>(kept_stride_ * rows_.taps));
    taps_.resize(static_cast<size_t>(rows_.taps));
    if (settings_.channels_first) interleaved_.resize(static_cast<size_t>(columns_.outputs * channels));
  }
  next_source_ = next_output_ = 0;
  if (settings_.aspect_ratio == AspectRatio::Pad)
    std::fill_n(out_, settings_.height * settings_.width * channels, 0.0f);
}

bool Resizer::wants_row() const {
  return next_output_ < rows_.outputs && next_source_ >= rows_.first[static_cast<size_t>(next_output_)];
}

void Resizer::row_done() {
  const bool wanted = wants_row();
  const int64_t y = next_source_++;
  if (!wanted) return;
  if (by_twos_) {
    const int64_t o = next_output_;
    if (y == rows_.first[static_cast<size_t>(o)]) return;
    float* to = place_of(o);
    linear_of_two_rows(columns_, channels_, source_row(y - 1), source_row(y), rows_.weights[static_cast<size_t>(o)],
                       to);
    put_row(o, to);
    ++next_output_;
    return;
  }
  resize_along_row(columns_, channels_, source_row(y), kept_row(y));
  while (next_output_ < rows_.outputs && rows_.first[static_cast<size_t>(next_output_)] + rows_.taps - 1 <= y)
    make_row(next_output_++);
}

void Resizer::make_row(int64_t o) {
  const int64_t count = columns_.outputs * channels_, first = rows_.first[static_cast<size_t>(o)];
  for (int64_t k = 0; k < rows_.taps; ++k) taps_[static_cast<size_t>(k)] = kept_row(first + k);
  if (only_second(o)) taps_[0] = taps_[1];
  float* to = place_of(o);
  resize_across_rows(rows_, o, taps_.data(), to, count);
  put_row(o, to);
}

// Below the last row's middle there is nothing to go on to: the row itself, not rounded on the way to it.
bool Resizer::only_second(int64_t o) const { return rows_.linear && rows_.weights[static_cast<size_t>(o)] == 1; }

float* Resizer::place_of(int64_t o) {
  return settings_.channels_first ? interleaved_.data() : out_ + ((top_ + o) * settings_.width + left_) * channels_;
}

void Resizer::put_row(int64_t o, const float* row) {
  if (!settings_.channels_first) return;
  for (int c = 0; c < channels_; ++c) {
    float* to = out_ + (c * settings_.height + top_ + o) * settings_.width + left_;
    for (int64_t x = 0; x < columns_.outputs; ++x) to[x] = row[x * channels_ + c];
  }
}

}  // namespace batchwise

// Taps and weights of one axis, in the float32 arithmetic of TensorFlow's resize operations.
#include "images/resize_axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace batchwise {
namespace {

// The taps of one output, in positions of what is resized: `first` on, one weight each.
struct Taps {
  int64_t first = 0;
  std::vector<float> weights;
};

float cubic_near(float x) { return ((1.5f * x) - 2.5f) * x * x + 1; }
float cubic_far(float x) { return ((-0.5f * x + 2.5f) * x - 4) * x + 2; }

void normalise(std::vector<float>& weights) {
  float sum = 0;
  for (float weight : weights) sum += weight;
  if (std::abs(sum) < 1000.0f * std::numeric_limits<float>::min()) return;
  const float scale = 1 / sum;
  for (float& weight : weights) weight *= scale;
}

// Keys's cubic with a = -0.5, at one of 1024 steps between two pixels; what lies outside counts nothing.
void bicubic(float scale, int64_t o, int64_t length, Taps& taps) {
  constexpr int kSteps = 1024;
  const float at = (static_cast<float>(o) + 0.5f) * scale - 0.5f;
  const auto left = static_cast<int64_t>(std::floor(at));
  const long step = std::lrintf((at - static_cast<float>(left)) * kSteps);
  const auto part = [](long steps) { return static_cast<float>(steps) / kSteps; };
  const float weights[] = {cubic_far(1 + part(step)), cubic_near(part(step)), cubic_near(part(kSteps - step)),
                           cubic_far(1 + part(kSteps - step))};
  taps.first = left - 1;
  for (int k = 0; k < 4; ++k) {
    const int64_t position = left - 1 + k;
    taps.weights.push_back(position >= 0 && position < length ? weights[k] : 0.0f);
  }
  normalise(taps.weights);
}

// The mean over the source's positions that the output covers, whole or in part.
void area(float scale, int64_t o, int64_t length, Taps& taps) {
  const float from = static_cast<float>(o) * scale, to = static_cast<float>(o + 1) * scale;
  taps.first = static_cast<int64_t>(std::floor(from));
  const auto end = static_cast<int64_t>(std::ceil(to));
  for (int64_t i = taps.first; i < end; ++i) {
    const auto position = static_cast<float>(i);
    const float covered = position < from ? (position + 1 > to ? scale : position + 1 - from)
                                          : (position + 1 > to ? to - position : 1.0f);
    // Rounding may lead one position past the end: it is the last one again.
    if (i < length || taps.weights.empty()) taps.weights.push_back(covered / scale);
    else taps.weights.back() += covered / scale;
  }
}

float lanczos(float x, float radius) {
  constexpr float kPi = 3.14159265358979f;
  if (x > radius) return 0;
  if (x <= 1e-3f) return 1;
  return radius * std::sin(kPi * x) * std::sin(kPi * x / radius) / (kPi * kPi * x * x);
}

float gaussian(float x) {
  constexpr float kRadius = 1.5f, kSigma = kRadius / 3;
  return x >= kRadius ? 0 : std::exp(-x * x / (2 * kSigma * kSigma));
}

float mitchell(float x) {
  if (x >= 2) return 0;
  if (x >= 1) return ((-7.0f / 18 * x + 2) * x - 10.0f / 3) * x + 16.0f / 9;
  return ((7.0f / 6 * x - 2) * x) * x + 8.0f / 9;
}

template <class Kernel>
void spread(float scale, int64_t o, int64_t length, float radius, const Kernel& kernel, Taps& taps) {
  const float at = (static_cast<float>(o) + 0.5f) * scale;
  const auto first = static_cast<int64_t>(std::ceil(at - radius - 0.5f));
  const auto last = static_cast<int64_t>(std::floor(at + radius - 0.5f));
  taps.first = std::clamp<int64_t>(first, 0, length - 1);
  for (int64_t i = taps.first; i <= std::clamp<int64_t>(last, 0, length - 1); ++i)
    taps.weights.push_back(kernel(std::abs(static_cast<float>(i) + 0.5f - at)));
  normalise(taps.weights);
}

void taps_of(Interpolation interpolation, int64_t length, int64_t outputs, int64_t o, Taps& taps) {
  const float scale = static_cast<float>(length) / static_cast<float>(outputs);
  const float at = (static_cast<float>(o) + 0.5f) * scale;
  taps.weights.clear();
  switch (interpolation) {
    case Interpolation::Bilinear: {
      const float left = std::floor(at - 0.5f), t = at - 0.5f - left;
      taps.first = std::max<int64_t>(static_cast<int64_t>(left), 0);
      const int64_t second = std::min<int64_t>(static_cast<int64_t>(std::ceil(at - 0.5f)), length - 1);
      if (second > taps.first) taps.weights = {1 - t, t};
      else taps.weights = {1};
      return;
    }
    case Interpolation::Nearest:
      taps.first = std::clamp<int64_t>(static_cast<int64_t>(std::floor(at)), 0, length - 1);
      taps.weights = {1};
      return;
    case Interpolation::Bicubic: return bicubic(scale, o, length, taps);
    case Interpolation::Area: return area(scale, o, length, taps);
    case Interpolation::Lanczos3:
      return spread(
          scale, o, length, 3, [](float x) { return lanczos(x, 3); }, taps);
    case Interpolation::Lanczos5:
      return spread(
          scale, o, length, 5, [](float x) { return lanczos(x, 5); }, taps);
    case Interpolation::Gaussian: return spread(scale, o, length, 1.5f, gaussian, taps);
    case Interpolation::MitchellCubic: return spread(scale, o, length, 2, mitchell, taps);
  }
}

// Leaves out what lies outside, which weighs nothing.
void keep_inside(int64_t length, Taps& taps) {
  while (taps.first + static_cast<int64_t>(taps.weights.size()) > length) taps.weights.pop_back();
  if (taps.first >= 0) return;
  taps.weights.erase(taps.weights.begin(), taps.weights.begin() - taps.first);
  taps.first = 0;
}

}  // namespace

void plan_axis(Interpolation interpolation, const ResizeSpan& span, int64_t outputs, int64_t step, ResizeAxis& axis) {
  Taps taps;
  axis.outputs = outputs;
  axis.first.resize(static_cast<size_t>(outputs));
  const auto find = [&](int64_t o) {
    taps_of(interpolation, span.length, outputs, o, taps);
    keep_inside(span.length, taps);
  };
  axis.taps = 1;
  for (int64_t o = 0; o < outputs; ++o) {
    find(o);
    axis.taps = std::max(axis.taps, static_cast<int64_t>(taps.weights.size()));
  }
  axis.linear = interpolation == Interpolation::Bilinear && axis.taps == 2;
  axis.weights.assign(static_cast<size_t>(outputs * (axis.linear ? 1 : axis.taps)), 0.0f);
  for (int64_t o = 0; o < outputs; ++o) {
    find(o);
    const int64_t first = std::min(taps.first, span.length - axis.taps), late = taps.first - first;
    axis.first[static_cast<size_t>(o)] = static_cast<uint32_t>((span.first + first) * step);
    if (axis.linear)
      axis.weights[static_cast<size_t>(o)] = taps.weights.size() == 2 ? taps.weights[1] : static_cast<float>(late);
    else std::copy(taps.weights.begin(), taps.weights.end(), axis.weights.begin() + o * axis.taps + late);
  }
}

}  // namespace batchwise

// The weights of each way of resampling along an axis.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <numbers>

#include <batchwise/error.h>

#include "kernels/resampling.h"

namespace batchwise {
namespace {

// TensorFlow reads cubic weights from a table of 1024 steps: so do we, to agree with it.
constexpr int kSteps = 1024;

float cubic_near(float x) { return ((-0.5f + 2) * x - (-0.5f + 3)) * x * x + 1; }
float cubic_far(float x) { return ((-0.5f * x - 5 * -0.5f) * x + 8 * -0.5f) * x - 4 * -0.5f; }

float lanczos(float radius, float x) {
  const float pi = std::numbers::pi_v<float>;
  x = std::fabs(x);
  if (x > radius) return 0;
  if (x <= 1e-3f) return 1;
  return radius * std::sin(pi * x) * std::sin(pi * x / radius) / (pi * pi * x * x);
}

struct Tap {
  int64_t position;
  float weight;
};

std::vector<Tap> cubic_taps(float centre, int64_t inputs) {
  const float below = std::floor(centre);
  const auto step = static_cast<float>(std::lrint((centre - below) * kSteps)) / kSteps;
  const float weights[] = {cubic_far(step + 1), cubic_near(step), cubic_near(1 - step), cubic_far(2 - step)};
  std::vector<Tap> taps;
  for (int k = 0; k < 4; ++k) {
    const int64_t position = static_cast<int64_t>(below) - 1 + k;
    if (position >= 0 && position < inputs) taps.push_back({position, weights[k]});
  }
  return taps;
}

std::vector<Tap> lanczos_taps(float centre, int64_t inputs, float radius) {
  const int64_t first =
      std::clamp<int64_t>(static_cast<int64_t>(std::ceil(centre + 0.5f - radius - 0.5f)), 0, inputs - 1);
  const int64_t last =
      std::clamp<int64_t>(static_cast<int64_t>(std::floor(centre + 0.5f + radius - 0.5f)), 0, inputs - 1);
  std::vector<Tap> taps;
  for (int64_t p = first; p <= last; ++p) taps.push_back({p, lanczos(radius, static_cast<float>(p) - centre)});
  return taps;
}

void normalise(std::vector<Tap>& taps) {
  float sum = 0;
  for (const Tap& tap : taps) sum += tap.weight;
  if (std::fabs(sum) < 1000 * FLT_MIN) return;
  for (Tap& tap : taps) tap.weight /= sum;
}

}  // namespace

ResamplingAxis resampling_axis(std::string_view method, int64_t inputs, int64_t outputs) {
  require(method == "nearest" || method == "bilinear" || method == "bicubic" || method == "lanczos3" ||
              method == "lanczos5",
          "resampling",
          "interpolation must be \"nearest\", \"bilinear\", \"bicubic\", \"lanczos3\" or \"lanczos5\". Got \"", method,
          "\".");
  const float scale = static_cast<float>(inputs) / static_cast<float>(outputs);
  std::vector<std::vector<Tap>> all;
  size_t most = 1;
  for (int64_t o = 0; o < outputs; ++o) {
    const float centre = (static_cast<float>(o) + 0.5f) * scale - 0.5f;
    std::vector<Tap> taps;
    if (method == "nearest") {
      taps = {{std::min(static_cast<int64_t>(std::floor((static_cast<float>(o) + 0.5f) * scale)), inputs - 1), 1}};
    } else if (method == "bilinear") {
      const float below = std::floor(centre), share = centre - below;
      const auto at = [&](int64_t p) { return std::clamp<int64_t>(p, 0, inputs - 1); };
      taps = {{at(static_cast<int64_t>(below)), 1 - share}, {at(static_cast<int64_t>(below) + 1), share}};
    } else {
      taps = method == "bicubic" ? cubic_taps(centre, inputs)
                                 : lanczos_taps(centre, inputs, method == "lanczos3" ? 3.0f : 5.0f);
      normalise(taps);
    }
    most = std::max(most, taps.size());
    all.push_back(std::move(taps));
  }
  ResamplingAxis axis{inputs, outputs, static_cast<int64_t>(most), {}, {}};
  for (std::vector<Tap>& taps : all) {
    taps.resize(most, {taps.front().position, 0.0f});
    for (const Tap& tap : taps) {
      axis.positions.push_back(tap.position);
      axis.weights.push_back(tap.weight);
    }
  }
  return axis;
}

}  // namespace batchwise

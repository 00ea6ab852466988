// Random numbers for first values.
#include "model/initializers/draws.h"

#include <array>
#include <cmath>

#include "base/random.h"

namespace batchwise {
namespace {

constexpr double kTurn = 6.283185307179586;

struct Pair {
  double first, second;
};

// Box-Muller: two independent standard normals from 64 random bits.
Pair normals(uint32_t radius_bits, uint32_t angle_bits) {
  const double u = (static_cast<double>(radius_bits) + 0.5) * 0x1p-32,
               angle = kTurn * (static_cast<double>(angle_bits) * 0x1p-32);
  const double radius = std::sqrt(-2 * std::log(u));
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace

uint64_t weight_key(const Config& config, uint64_t seed, uint64_t key) {
  const Config* own = config.find("seed");
  return mix(own && !own->is_null() ? static_cast<uint64_t>(own->as_int("initializer.seed")) : seed, key);
}

void draw_uniform(uint64_t key, double low, double high, std::span<float> values) {
  for (size_t i = 0; i < values.size(); i += 4) {
    const std::array<uint32_t, 4> bits = philox(key, 0, i / 4);
    for (size_t k = 0; k < 4 && i + k < values.size(); ++k)
      values[i + k] = static_cast<float>(low + (high - low) * static_cast<double>(unit_float(bits[k])));
  }
}

void draw_normal(uint64_t key, double mean, double deviation, std::span<float> values) {
  for (size_t i = 0; i < values.size(); i += 4) {
    const std::array<uint32_t, 4> bits = philox(key, 0, i / 4);
    const Pair a = normals(bits[0], bits[1]), b = normals(bits[2], bits[3]);
    const double drawn[] = {a.first, a.second, b.first, b.second};
    for (size_t k = 0; k < 4 && i + k < values.size(); ++k)
      values[i + k] = static_cast<float>(mean + deviation * drawn[k]);
  }
}

void draw_truncated_normal(uint64_t key, double mean, double deviation, std::span<float> values) {
  const auto inside = [](double x) { return std::fabs(x) <= 2; };
  for (size_t i = 0; i < values.size(); ++i) {
    double drawn = 3;
    for (uint64_t attempt = 0; !inside(drawn); ++attempt) {
      const std::array<uint32_t, 4> bits = philox(key, attempt, i);
      for (size_t k = 0; k < 4 && !inside(drawn); k += 2) {
        const Pair pair = normals(bits[k], bits[k + 1]);
        drawn = inside(pair.first) ? pair.first : pair.second;
      }
    }
    values[i] = static_cast<float>(mean + deviation * drawn);
  }
}

}  // namespace batchwise

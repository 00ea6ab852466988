// STFT: the waves of a short-time Fourier transform under a window, as the kernel of a convolution over time.
#include <cmath>
#include <map>

#include "base/known_keys.h"

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "STFT";
constexpr double kPi = 3.14159265358979323846;

// Windows that are sums of cosines: a[0] - a[1] cos(x) + a[2] cos(2 x) - ..., x once around over the window.
const std::map<std::string, std::vector<double>>& cosine_windows() {
  static const std::map<std::string, std::vector<double>> all{
      {"hann", {0.5, 0.5}},
      {"hamming", {0.54, 0.46}},
      {"blackman", {0.42, 0.5, 0.08}},
      {"nuttall", {0.3635819, 0.4891775, 0.1365995, 0.0106411}},
      {"blackmanharris", {0.35875, 0.48829, 0.14128, 0.01168}},
      {"flattop", {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368}},
      {"boxcar", {1}},
  };
  return all;
}

bool is_window(const std::string& name) {
  return name == "bartlett" || name == "cosine" || cosine_windows().count(name) > 0;
}

// Place `i` of `count`; a periodic window is the beginning of one that is one longer.
double window_at(const std::string& name, int64_t i, int64_t count, bool periodic) {
  if (count == 1) return 1;
  const double last = static_cast<double>(periodic ? count : count - 1), at = static_cast<double>(i) / last;
  if (name == "bartlett") return 1 - std::fabs(2 * at - 1);
  if (name == "cosine") return std::sin(kPi * (static_cast<double>(i) + 0.5) / (last + 1));
  double sum = 0, sign = 1;
  const std::vector<double>& parts = cosine_windows().at(name);
  for (size_t k = 0; k < parts.size(); ++k, sign = -sign)
    sum += sign * parts[k] * std::cos(2 * kPi * static_cast<double>(k) * at);
  return sum;
}

class StftInitializer : public Initializer {
 public:
  explicit StftInitializer(const Config& config)
      : side_(config.get("side", "real")), periodic_(config.get("periodic", false)) {
    require_known_keys(config, kClass, {"side", "window", "scaling", "periodic"});
    require(side_ == "real" || side_ == "imag", kClass, "side must be real or imag. Got \"", side_, "\".");
    const auto word = [&](const char* key, const char* otherwise) {
      const Config* value = config.find(key);
      return !value ? std::string(otherwise) : value->is_null() ? "" : value->as_string(key);
    };
    window_ = word("window", "hann");
    scaling_ = word("scaling", "density");
    require(scaling_.empty() || scaling_ == "density" || scaling_ == "spectrum", kClass,
            "scaling must be density, spectrum or null. Got \"", scaling_, "\".");
    if (window_.empty() || is_window(window_)) return;
    std::string known = "bartlett, cosine";
    for (const auto& [name, parts] : cosine_windows()) known += ", " + name;
    fail(kClass, "window must be null or one of ", known, ". Got \"", window_, "\".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    return Config::object({{"side", side_},
                           {"window", window_.empty() ? Config() : Config(window_)},
                           {"periodic", periodic_},
                           {"scaling", scaling_.empty() ? Config() : Config(scaling_)}});
  }
  void fill(std::span<const int64_t> shape, uint64_t, uint64_t, std::span<float> values) const override {
    require(shape.size() == 3 && shape[2] >= 2, kClass,
            "the weight must be (frame, channels, frequencies) with two frequencies or more. Got ", shape.size(),
            " dimensions.");
    const int64_t frame = shape[0], channels = shape[1], frequencies = shape[2];
    double scale = 1;
    if (!window_.empty() && !scaling_.empty()) {
      double sum = 0;
      for (int64_t t = 0; t < frame; ++t) {
        const double w = window_at(window_, t, frame, periodic_);
        sum += scaling_ == "density" ? w * w : std::fabs(w);
      }
      scale = scaling_ == "density" ? std::sqrt(sum) : sum;
    }
    const int64_t around = (frequencies - 1) * 2;
    for (int64_t t = 0; t < frame; ++t) {
      const double weight = window_.empty() ? 1 : window_at(window_, t, frame, periodic_) / scale;
      for (int64_t f = 0; f < frequencies; ++f) {
        const double angle = -2 * kPi * static_cast<double>(t * f % around) / static_cast<double>(around);
        const float value = static_cast<float>(weight * (side_ == "real" ? std::cos(angle) : std::sin(angle)));
        for (int64_t c = 0; c < channels; ++c)
          values[static_cast<size_t>((t * channels + c) * frequencies + f)] = value;
      }
    }
  }

 private:
  std::string side_, window_, scaling_;  // empty: none
  bool periodic_;
};

const Register<Initializer, StftInitializer> registered{kClass, {"stft", "STFTInitializer"}};

}  // namespace

namespace initializers {
Spec STFT(const STFTOptions& options) {
  const auto word = [](const std::string& name) { return name.empty() ? Config() : Config(name); };
  return {kClass, Config::object({{"side", options.side},
                                  {"window", word(options.window)},
                                  {"scaling", word(options.scaling)},
                                  {"periodic", options.periodic}})};
}
}  // namespace initializers

}  // namespace batchwise

// MelSpectrogram: the energy of a signal in bands as wide as they are heard, in decibels.
#include "kernels/band_energies.h"
#include "kernels/reduction.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

#include <algorithm>
#include <cmath>

namespace batchwise {
namespace {

constexpr std::string_view kName = "MelSpectrogram";
constexpr double kPi = 3.14159265358979323846;

double mel(double hertz) { return 1127.0 * std::log(1.0 + hertz / 700.0); }

class MelSpectrogramLayer final : public Layer {
 public:
  explicit MelSpectrogramLayer(const Config& config) {
    require_known_keys(kName, config,
                       {"fft_length", "sequence_stride", "sequence_length", "window", "sampling_rate", "num_mel_bins",
                        "min_freq", "max_freq", "power_to_db", "top_db", "mag_exp", "min_power", "ref_power"});
    fft_length_ = config.get("fft_length", 2048);
    require(fft_length_ >= 2 && fft_length_ < int64_t{1} << 24, kName, "fft_length must be in [2, 2^24). Got ",
            fft_length_, ".");
    stride_ = positive(config, "sequence_stride", 512);
    const Config* length = config.find("sequence_length");
    length_ = length && !length->is_null() && length->as_int() != 0 ? length->as_int() : fft_length_;
    require(length_ > 0 && length_ <= fft_length_, kName, "sequence_length must be in [1, fft_length]. Got ", length_,
            ".");
    const Config* window = config.find("window");
    window_ = window ? *window : Config("hann");
    require(window_.is_null() || window_ == Config("hann") || window_ == Config("hamming"), kName,
            "window must be hann, hamming or null. Got ", window_.text().substr(0, 100), ".");
    sampling_rate_ = positive(config, "sampling_rate", 16000);
    bins_ = positive(config, "num_mel_bins", 128);
    min_freq_ = config.get("min_freq", 20.0);
    const Config* most = config.find("max_freq");
    max_freq_ = most && !most->is_null() && most->as_number() != 0 ? most->as_number()
                                                                   : static_cast<double>(sampling_rate_ / 2);
    require(min_freq_ >= 0 && max_freq_ > min_freq_, kName, "frequencies must satisfy 0 <= min_freq < max_freq. Got ",
            min_freq_, " and ", max_freq_, ".");
    to_decibels_ = config.get("power_to_db", true);
    top_db_ = config.get("top_db", 80.0);
    exponent_ = config.get("mag_exp", 2.0);
    min_power_ = config.get("min_power", 1e-10);
    require(!to_decibels_ || min_power_ > 0, kName, "min_power must be positive. Got ", min_power_, ".");
    ref_power_ = config.get("ref_power", 1.0);
  }
  std::string_view class_name() const override { return kName; }
  Config config() const override {
    return Config::object({{"fft_length", fft_length_},
                           {"sequence_stride", stride_},
                           {"sequence_length", length_},
                           {"window", window_},
                           {"sampling_rate", sampling_rate_},
                           {"num_mel_bins", bins_},
                           {"min_freq", min_freq_},
                           {"max_freq", max_freq_},
                           {"power_to_db", to_decibels_},
                           {"top_db", top_db_},
                           {"mag_exp", exponent_},
                           {"min_power", min_power_},
                           {"ref_power", ref_power_}});
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& signal = one_input(kName, inputs);
    require(signal.rank() == 1, kName, "each sample must have shape (samples). Got ", signal, ".");
    require(signal[0] > fft_length_ / 2, kName, "a signal must be longer than half of fft_length, ", fft_length_,
            ". Got ", signal[0], " samples.");
    return {{bins_, frames(signal[0])}};
  }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value signal = lowering.plain(inputs[0]);
    const int64_t samples = lowering.type(signal).shape[0];
    Value value = lowering.add1(make_band_energies_kernel({.samples = samples,
                                                           .stride = stride_,
                                                           .frames = frames(samples),
                                                           .window = window(),
                                                           .exponent = static_cast<float>(exponent_),
                                                           .bands = bands()},
                                                          lowering.grain()),
                                {signal});
    if (!to_decibels_) return {value};
    const double reference = 10 * std::log10(std::max(std::fabs(ref_power_), min_power_));
    value = through(lowering, "log10", with_constant(lowering, "maximum", value, static_cast<float>(min_power_)));
    value = with_constant(lowering, "multiply", value, 10.0f);
    value = with_constant(lowering, "subtract", value, static_cast<float>(reference));
    // Keras takes the loudest of all samples of a batch; here a sample does not depend on those beside it.
    const Value loudest =
        lowering.add1(make_reduction_kernel("max", lowering.type(value), 0, 1, lowering.grain()), {value});
    return {with_value(lowering, "maximum", value,
                       with_constant(lowering, "subtract", loudest, static_cast<float>(top_db_)))};
  }

 private:
  static int64_t positive(const Config& config, const char* key, int64_t otherwise) {
    const int64_t value = config.get(key, otherwise);
    require(value > 0, kName, key, " must be positive. Got ", value, ".");
    return value;
  }
  int64_t frames(int64_t samples) const { return 1 + (samples + fft_length_ / 2 * 2 - fft_length_) / stride_; }

  // As TensorFlow: periodic where the length is even. Zeros around it up to fft_length.
  std::vector<float> window() const {
    std::vector<float> all(static_cast<size_t>(fft_length_), 0.0f);
    const int64_t before = (fft_length_ - length_) / 2, turn = length_ % 2 == 0 ? length_ : length_ - 1;
    const double high = window_ == Config("hamming") ? 0.54 : 0.5;
    for (int64_t i = 0; i < length_; ++i) {
      const double at = turn == 0 ? 0.5 : static_cast<double>(i) / static_cast<double>(turn);
      const double value = window_.is_null() || length_ == 1 ? 1 : high - (1 - high) * std::cos(2 * kPi * at);
      all[static_cast<size_t>(before + i)] = static_cast<float>(value);
    }
    return all;
  }

  // Triangles over the mel scale with a peak of 1, each from the peak of the one before to that of the next. The
  // frequency 0 belongs to none.
  std::vector<FrequencyBand> bands() const {
    const int64_t frequencies = fft_length_ / 2 + 1;
    const double low = mel(min_freq_), step = (mel(max_freq_) - low) / static_cast<double>(bins_ + 1);
    std::vector<FrequencyBand> all;
    for (int64_t b = 0; b < bins_; ++b) {
      const double begin = low + step * static_cast<double>(b);
      FrequencyBand band;
      for (int64_t k = 1; k < frequencies; ++k) {
        const double hertz =
            static_cast<double>(sampling_rate_) / 2 * static_cast<double>(k) / static_cast<double>(frequencies - 1);
        const double at = (mel(hertz) - begin) / step, weight = std::min(at, 2 - at);
        if (weight <= 0) continue;
        if (band.weights.empty()) band.first = k;
        band.weights.push_back(static_cast<float>(weight));
      }
      all.push_back(std::move(band));
    }
    return all;
  }

  int64_t fft_length_ = 2048, stride_ = 512, length_ = 2048, sampling_rate_ = 16000, bins_ = 128;
  Config window_;
  double min_freq_ = 20, max_freq_ = 8000, top_db_ = 80, exponent_ = 2, min_power_ = 1e-10, ref_power_ = 1;
  bool to_decibels_ = true;
};

const RegisterLayer<MelSpectrogramLayer> registered{
    "MelSpectrogram",
    {},
    {Config::object(
         {{"fft_length", 4}, {"sequence_stride", 2}, {"sampling_rate", 40}, {"num_mel_bins", 2}, {"min_freq", 1.0}}),
     Config::object({{"fft_length", 5},
                     {"sequence_stride", 1},
                     {"sequence_length", 4},
                     {"sampling_rate", 40},
                     {"num_mel_bins", 3},
                     {"min_freq", 0.0},
                     {"power_to_db", false},
                     {"mag_exp", 1.0},
                     {"window", "hamming"}})}};

}  // namespace
}  // namespace batchwise

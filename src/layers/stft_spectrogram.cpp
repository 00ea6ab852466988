// STFTSpectrogram: short-time Fourier transforms as convolutions with waves under a window, which may learn.
#include "kernels/concatenate.h"
#include "kernels/convolution.h"
#include "kernels/each_step.h"
#include "kernels/rearrange.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"
#include "layers/window_arguments.h"

#include <algorithm>
#include <bit>

namespace batchwise {
namespace {

constexpr std::string_view kName = "STFTSpectrogram";
constexpr float kEpsilon = 1e-7f;  // Keras's: nothing smaller goes into a square root or a logarithm

class StftSpectrogramLayer final : public Layer {
 public:
  explicit StftSpectrogramLayer(const Config& config) {
    require_known_keys(kName, config,
                       {"mode", "frame_length", "frame_step", "fft_length", "window", "periodic", "scaling", "padding",
                        "data_format", "expand_dims"});
    const auto optional = [&](const char* key, int64_t otherwise) {
      const Config* value = config.find(key);
      return value && !value->is_null() ? value->as_int(key) : otherwise;
    };
    mode_ = config.get("mode", "log");
    const std::vector<std::string> modes{"log", "magnitude", "psd", "real", "imag", "angle", "stft"};
    require(std::find(modes.begin(), modes.end(), mode_) != modes.end(), kName,
            "mode must be log, magnitude, psd, real, imag, angle or stft. Got \"", mode_, "\".");
    frame_length_ = config.get("frame_length", 256);
    require(frame_length_ >= 2, kName, "frame_length must be 2 or more. Got ", frame_length_, ".");
    frame_step_ = optional("frame_step", 0);
    require(frame_step_ >= 0 && frame_step_ <= frame_length_, kName, "frame_step must be in [1, frame_length]. Got ",
            frame_step_, ".");
    fft_length_ = optional("fft_length", 0);
    require(fft_length_ == 0 || (fft_length_ >= frame_length_ && fft_length_ < int64_t{1} << 24), kName,
            "fft_length must be at least frame_length, ", frame_length_, ", and below 2^24. Got ", fft_length_, ".");
    window_ = config.find("window") ? config.at("window") : Config("hann");
    periodic_ = config.get("periodic", false);
    scaling_ = config.find("scaling") ? config.at("scaling") : Config("density");
    window_arguments_ = {
        {frame_length_}, {frame_step_ ? frame_step_ : frame_length_ / 2}, {1}, padding_of(kName, config)};
    channels_first_ = is_channels_first(kName, config);
    expand_dims_ = config.get("expand_dims", false);
  }
  std::string_view class_name() const override { return kName; }
  Config config() const override {
    const auto optional = [](int64_t value) { return value ? Config(value) : Config(); };
    return Config::object({{"mode", mode_},
                           {"frame_length", frame_length_},
                           {"frame_step", optional(frame_step_)},
                           {"fft_length", optional(fft_length_)},
                           {"window", window_},
                           {"periodic", periodic_},
                           {"scaling", scaling_},
                           {"padding", name_of(window_arguments_.padding)},
                           {"data_format", data_format_name(channels_first_)},
                           {"expand_dims", expand_dims_}});
  }

  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape signal = channels_last(one_input(kName, inputs), channels_first_);
    require_spatial(kName, signal, 1);
    const int64_t steps = one_signal(signal).width.output, channels = signal[1], bins = this->bins();
    if (!expand_dims_) return {as_given({steps, channels * bins}, channels_first_)};
    return {channels_first_ ? Shape{channels, steps, bins} : Shape{steps, bins, channels}};
  }

  std::vector<VariableSpec> variables(const Shapes&) const override {
    std::vector<VariableSpec> all;
    for (const char* side : {"real", "imag"})
      if (mode_ == side || (mode_ != "real" && mode_ != "imag"))
        all.push_back(
            {.name = std::string(side) + "_kernel",
             .shape = {frame_length_, 1, frequencies()},
             .initializer = Spec(
                 "STFT", Config::object(
                             {{"side", side}, {"window", window_}, {"scaling", scaling_}, {"periodic", periodic_}}))});
    return all;
  }

  // The channels stand before the steps: each is a signal of its own.
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value signals = by_channel(lowering, lowering.plain(inputs[0]));
    if (mode_ == "real" || mode_ == "imag") return {in_order(lowering, waves(lowering, signals, mode_))};
    const Value real = waves(lowering, signals, "real"), imaginary = waves(lowering, signals, "imag");
    if (mode_ == "angle") return {in_order(lowering, with_value(lowering, "arctan2", imaginary, real))};
    if (mode_ == "stft") {
      const TensorType type = lowering.type(real);
      return {in_order(lowering,
                       lowering.add1(make_concatenate_kernel({type, type}, 2, lowering.grain()), {real, imaginary}))};
    }
    const Value power =
        with_value(lowering, "add", through(lowering, "square", real), through(lowering, "square", imaginary));
    if (mode_ == "psd") return {in_order(lowering, both_sides(lowering, power))};
    const Value magnitude = through(lowering, "sqrt", with_constant(lowering, "maximum", power, kEpsilon));
    if (mode_ == "magnitude") return {in_order(lowering, magnitude)};
    return {in_order(lowering, through(lowering, "log", with_constant(lowering, "maximum", magnitude, kEpsilon)))};
  }

 private:
  int64_t frequencies() const {
    const int64_t whole =
        fft_length_ ? fft_length_ : static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(frame_length_)));
    return whole / 2 + 1;
  }
  int64_t bins() const { return frequencies() * (mode_ == "stft" ? 2 : 1); }
  Window one_signal(const Shape& signal) const { return window_on(kName, Shape{signal[0], 1}, window_arguments_); }

  Value by_channel(Lowering& lowering, Value value) const {
    const TensorType type = lowering.type(value);
    const int64_t steps = type.shape[channels_first_ ? 1 : 0], channels = type.shape[channels_first_ ? 0 : 1];
    const bool first = channels_first_;
    return lowering.add1(make_rearrange_kernel("signals", type,
                                               rearrangement({channels, steps, 1},
                                                             [=](std::span<const int64_t> at) {
                                                               return first ? at[0] * steps + at[1]
                                                                            : at[1] * channels + at[0];
                                                             }),
                                               lowering.grain()),
                         {value});
  }

  // (channels, steps, frequencies): a convolution of each signal with the waves of one side.
  Value waves(Lowering& lowering, Value signals, const std::string& side) const {
    const Shape& shape = lowering.type(signals).shape;
    auto kernel = make_convolution_kernel({.channels = 1,
                                           .filters = frequencies(),
                                           .window = one_signal({shape[1], 1}),
                                           .grain = lowering.grain() * shape[0],
                                           .bias = false,
                                           .learns = lowering.learns(),
                                           .input_gradient = lowering.wants_gradient(signals)});
    return lowering.add1(make_each_step_kernel(std::move(kernel), Shape{shape[0]}), {signals}, {side + "_kernel"});
  }

  // A frequency and its mirror image add up; the first and the last have none.
  Value both_sides(Lowering& lowering, Value power) const {
    std::vector<float> factors(static_cast<size_t>(frequencies()), 2.0f);
    factors.front() = factors.back() = 1;
    const ElementwiseOperand twice{{Shape{1, 1, frequencies()}}, factors};
    return lowering.add1(make_binary_kernel("multiply", {lowering.type(power), {}}, twice, lowering.grain()), {power});
  }

  Value in_order(Lowering& lowering, Value value) const {
    const TensorType type = lowering.type(value);
    const int64_t channels = type.shape[0], steps = type.shape[1], bins = type.shape[2];
    const auto source = [=](int64_t c, int64_t t, int64_t f) { return (c * steps + t) * bins + f; };
    Shape to = channels_first_ ? Shape{channels, steps, bins} : Shape{steps, bins, channels};
    std::function<int64_t(std::span<const int64_t>)> from = [=, first = channels_first_](std::span<const int64_t> at) {
      return first ? source(at[0], at[1], at[2]) : source(at[2], at[0], at[1]);
    };
    if (!expand_dims_) {
      to = channels_first_ ? Shape{channels * bins, steps} : Shape{steps, channels * bins};
      from = [=, first = channels_first_](std::span<const int64_t> at) {
        const int64_t both = at[first ? 0 : 1];
        return source(both / bins, at[first ? 1 : 0], both % bins);
      };
    }
    return lowering.add1(make_rearrange_kernel("spectrogram", type, rearrangement(to, from), lowering.grain()),
                         {value});
  }

  std::string mode_;
  int64_t frame_length_ = 256, frame_step_ = 0, fft_length_ = 0;  // 0: Keras's choice
  Config window_, scaling_;
  bool periodic_ = false, channels_first_ = false, expand_dims_ = false;
  WindowArguments window_arguments_;
};

Config example(const char* mode, Config::Object rest = {}) {
  Config config = Config::object({{"mode", mode}, {"frame_length", 3}, {"frame_step", 2}});
  for (auto& [key, value] : rest) config.set(key, std::move(value));
  return config;
}

const RegisterLayer<StftSpectrogramLayer> registered{
    "STFTSpectrogram",
    {},
    {example("log"), example("magnitude", {{"data_format", "channels_first"}}), example("psd", {{"padding", "same"}}),
     example("real", {{"expand_dims", true}}), example("imag", {{"fft_length", 8}}),
     example("angle", {{"data_format", "channels_first"}, {"expand_dims", true}}),
     example("stft", {{"periodic", true}, {"scaling", "spectrum"}})}};

}  // namespace
}  // namespace batchwise

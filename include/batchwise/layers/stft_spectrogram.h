// STFTSpectrogram: short-time Fourier transforms of signals, as convolutions that may learn.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct STFTSpectrogramOptions {
  std::string mode = "log";  // or "magnitude", "psd", "real", "imag", "angle", "stft"
  int64_t frame_length = 256;
  std::optional<int64_t> frame_step;  // half of frame_length when not given
  std::optional<int64_t> fft_length;  // the next power of two when not given
  Config window = "hann";             // a window of SciPy that is a sum of cosines, or null
  bool periodic = false;
  Config scaling = "density";     // or "spectrum", or null
  std::string padding = "valid";  // or "same"
  bool expand_dims = false;       // frequencies on an axis of their own
};

inline LayerRef STFTSpectrogram(const STFTSpectrogramOptions& options = {}) {
  return make_layer(
      {"STFTSpectrogram", Config::object({{"mode", options.mode},
                                          {"frame_length", options.frame_length},
                                          {"frame_step", options.frame_step ? Config(*options.frame_step) : Config()},
                                          {"fft_length", options.fft_length ? Config(*options.fft_length) : Config()},
                                          {"window", options.window},
                                          {"periodic", options.periodic},
                                          {"scaling", options.scaling},
                                          {"padding", options.padding},
                                          {"expand_dims", options.expand_dims}})});
}

}  // namespace batchwise

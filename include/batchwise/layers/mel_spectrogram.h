// MelSpectrogram: energies of a signal in bands as wide as they are heard.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct MelSpectrogramOptions {
  int64_t fft_length = 2048;
  int64_t sequence_stride = 512;
  std::optional<int64_t> sequence_length;  // fft_length when not given
  Config window = "hann";                  // or "hamming", or null
  int64_t sampling_rate = 16000;
  int64_t num_mel_bins = 128;
  double min_freq = 20;
  std::optional<double> max_freq;  // half of sampling_rate when not given
  bool power_to_db = true;
  double top_db = 80;
  double mag_exp = 2;
  double min_power = 1e-10;
  double ref_power = 1;
};

inline LayerRef MelSpectrogram(const MelSpectrogramOptions& options = {}) {
  return make_layer(
      {"MelSpectrogram",
       Config::object({{"fft_length", options.fft_length},
                       {"sequence_stride", options.sequence_stride},
                       {"sequence_length", options.sequence_length ? Config(*options.sequence_length) : Config()},
                       {"window", options.window},
                       {"sampling_rate", options.sampling_rate},
                       {"num_mel_bins", options.num_mel_bins},
                       {"min_freq", options.min_freq},
                       {"max_freq", options.max_freq ? Config(*options.max_freq) : Config()},
                       {"power_to_db", options.power_to_db},
                       {"top_db", options.top_db},
                       {"mag_exp", options.mag_exp},
                       {"min_power", options.min_power},
                       {"ref_power", options.ref_power}})});
}

}  // namespace batchwise

// The energy of a signal in bands of frequencies, frame by frame.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// A band: weights of neighbouring frequencies, from `first` on.
struct FrequencyBand {
  int64_t first = 0;
  std::vector<float> weights;
};

struct BandEnergies {
  int64_t samples = 0, stride = 1, frames = 0;
  std::vector<float> window;  // one per element of a frame; frames begin half of one before the signal, mirrored there
  float exponent = 2;         // of the magnitudes that are added up
  std::vector<FrequencyBand> bands;
};

// (samples) -> (bands, frames). REQUIRES: half a frame is less than the signal.
std::unique_ptr<Kernel> make_band_energies_kernel(BandEnergies options, int64_t grain);

}  // namespace batchwise

// Windows over a series as samples.
#pragma once

#include <batchwise/dataset.h>

namespace batchwise {

// Keras's words and defaults.
struct TimeseriesOptions {
  int64_t sequence_stride = 1;  // steps between the starts of windows
  int64_t sampling_rate = 1;    // steps between the values of a window
  int64_t batch_size = 128;     // 0: samples instead of batches
  bool shuffle = false;
  uint64_t seed = 0;
  int64_t start_index = 0;
  int64_t end_index = 0;  // values from here on are not used; 0: all are
};

// Sample i: the `sequence_length` values of `data` from i * sequence_stride on, and targets[i * sequence_stride] (which
// belongs to the window that begins there). Empty targets: samples without.
Dataset timeseries_dataset_from_array(const Array& data, const Array& targets, int64_t sequence_length,
                                      const TimeseriesOptions& options = {});

}  // namespace batchwise

// Pieces of the progress bar's text, in Keras's words.
#pragma once

#include <string>

#include <batchwise/callback.h>

namespace batchwise {

std::string value_text(double value);        // "0.4512", "1.2346e-04"
std::string step_time_text(double seconds);  // "5ms/step"
std::string remaining_text(double seconds);  // "12s", "2:05", "1:02:05"
std::string elapsed_text(double seconds);    // "12s", rounded

std::string noise_scale_text(const NoiseScale& scale);  // "812 (700-960)", in samples

}  // namespace batchwise

// One number for the outcome of a run: equal exactly when weights and optimizer state have the same bits.
#pragma once

#include <string>

#include <batchwise/model.h>

namespace batchwise {

// SHA-256 over the bytes of all weights in model.weights order (float32, little-endian), then of Keras's
// optimizer.variables: iterations as int64, the learning rate (float32; not there with a schedule), the slots.
std::string weights_sha256(const Model& model);

}  // namespace batchwise

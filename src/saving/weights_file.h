// The arrays of a model in Keras's weight files: weights by layer, and the optimizer's variables.
#pragma once

#include <string>

#include <batchwise/model.h>

#include "formats/hdf5/hdf5_reader.h"
#include "formats/hdf5/hdf5_writer.h"

namespace batchwise {

// REQUIRES: all weights have values. The optimizer's variables are written when the model is compiled.
void write_weights(Hdf5Writer& out, const Model& model);

// Fills all weights, or throws Error(Input) naming the first layer that does not fit; then the model is as before.
void read_weights(const Hdf5Reader& in, const Model& model);

// The optimizer's variables; an empty state when the file has none or only those of an optimizer that never ran, and
// one that says why when they are those of other weights.
OptimizerState read_optimizer_state(const Hdf5Reader& in, const Model& model, const std::string& where);

}  // namespace batchwise

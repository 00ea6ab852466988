// Whole models in HDF5 files, as Keras wrote them before .keras files.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

#include "formats/hdf5/hdf5_reader.h"
#include "formats/hdf5/hdf5_writer.h"

namespace batchwise {

// What a legacy .h5 file holds: the model with its weights, compile settings and the optimizer's state.
struct LegacyModel {
  Model model;
  std::optional<CompileOptions> compiled;
  OptimizerState state;
};
LegacyModel read_legacy(const Hdf5Reader& in, const std::string& where);

// Weights alone: the groups by layer that lie at `group` ("model_weights", or "" where the file holds nothing else).
void read_legacy_weights(const Hdf5Reader& in, const std::string& group, const Model& model);

// REQUIRES: all weights have values.
void write_legacy(Hdf5Writer& out, const Model& model, const std::string& keras_version);

}  // namespace batchwise

// Weights of tokens (output_mode "tf_idf"), which Keras keeps among the arrays of a layer and not in its assets.
#pragma once

#include <string>
#include <vector>

#include "formats/hdf5/hdf5_reader.h"
#include "formats/hdf5/hdf5_writer.h"
#include "saving/weight_tree.h"

namespace batchwise {

// Where they lie for a layer: TextVectorization keeps them a second time with the lookup inside it. Empty: nowhere.
std::vector<std::string> idf_paths(const WeightGroup& group);

void write_idf_weights(Hdf5Writer& out, const WeightGroup& group);

// What a file holds of them, as the asset that a layer takes; empty when it holds none.
std::vector<Asset> read_idf_weights(const Hdf5Reader& in, const WeightGroup& group);

// Gives layers that have vocabularies the weights that a file of weights holds.
void replace_idf_weights(const Hdf5Reader& in, const WeightGroup& group);

}  // namespace batchwise

// .npz archives as data sets: arrays `x`, `y`, `sample_weight`, or one array per input and output of a model.
#pragma once

#include <string>
#include <vector>

#include <batchwise/dataset.h>

namespace batchwise {

// By name when all of `inputs` are there, else as x, y. Outputs may be missing altogether (for predict). Stored members
// are streamed from the archive, compressed ones are unpacked once into the cache. Where not all are there, those of
// `asked` do.
Dataset open_npz_data(const std::string& path, const std::vector<std::string>& inputs,
                      const std::vector<std::string>& outputs, const std::vector<std::string>& asked = {});

}  // namespace batchwise

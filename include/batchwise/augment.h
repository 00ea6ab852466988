// Layers as a stage of a pipeline: augmentation before the model instead of inside it.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/model.h>
#include <batchwise/stage_options.h>

namespace batchwise {

// What map calls to put each sample's first component through the layers, one after the other, as they behave in
// training; the other components stay as they are:
//   photos.map(augment({RandomFlip({.mode = "horizontal"}), RandomZoom({...})}), {.num_parallel_calls = kAutotune,
//   .seed = 7})
// What is drawn for a sample is a function of the stage's seed, the pass and the sample: any number of workers, and a
// resumed run, make the same pixels. Samples are numbers of one shape; they come out as float32. Throws Error(Input)
// unless there is a layer, and for layers with weights.
MapFunction augment(std::vector<LayerRef> layers);

}  // namespace batchwise

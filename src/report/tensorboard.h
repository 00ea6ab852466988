// TensorBoard's event files of a run, with Keras's folders and tags.
#pragma once

#include <memory>
#include <string>

#include <batchwise/callback.h>

namespace batchwise {

// Writes `directory`/train and, when there is validation, `directory`/validation: epoch_<name> per epoch, counted from
// 0, and the noise scale when it is known. A resumed run adds a file; steps that are made again have the same values.
std::shared_ptr<Callback> make_tensorboard(const std::string& directory);

}  // namespace batchwise

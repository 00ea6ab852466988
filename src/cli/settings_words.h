// The words of a command line that give settings again: what a command tells a user to type.
#pragma once

#include <string>

#include "cli/settings.h"

namespace batchwise {

// As a shell takes it for one word: in quotes where it holds more than plain letters.
std::string shell_word(const std::string& word);

// MODEL, DATA and the options that train needs for the same network on the same data in the same order, each after a
// space; without the batch size, the learning rate and the epochs, and without what train would only remark on.
std::string training_words(const TrainSettings& settings);

}  // namespace batchwise

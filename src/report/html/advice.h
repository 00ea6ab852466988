// What was recommended: the choice, the reasons, the runner-up and what it costs, and how sure it is.
#pragma once

#include <string>

#include <batchwise/config.h>

namespace batchwise {

// The "recommendation" of a sweep or a tune; "" when there is none yet.
std::string advice_html(const Config& record);

// "batch size 128, learning rate 0.001, adam", of what is there.
std::string choice_text(const Config& choice);

}  // namespace batchwise

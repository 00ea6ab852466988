// What is known of Keras, drawn from the registries.
#pragma once

#include <string>

namespace batchwise {

std::string supported_text();  // Markdown

}  // namespace batchwise

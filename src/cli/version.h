// The version of the program: the project's in CMakeLists.txt.
#pragma once

namespace batchwise {

constexpr const char* kVersion = "0.1.0";

}  // namespace batchwise

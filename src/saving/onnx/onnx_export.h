// Models as ONNX files, for prediction elsewhere.
#pragma once

#include <string>

#include <batchwise/model.h>

namespace batchwise {

// The model as it predicts. REQUIRES: all weights have values. Throws Error(Input) that names the first layer or
// argument that ONNX operators cannot say.
void write_onnx(const Model& model, const std::string& path);

}  // namespace batchwise

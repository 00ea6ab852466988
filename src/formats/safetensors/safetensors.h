// safetensors files: named arrays of numbers, read and written.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <batchwise/shape.h>

#include "base/input_file.h"

namespace batchwise {

struct SafetensorsArray {
  std::string dtype;  // "F32"
  Shape shape;
  int64_t offset = 0, bytes = 0;  // in the file
};

class SafetensorsReader {
 public:
  explicit SafetensorsReader(const std::string& path);  // throws Error(Input) unless the arrays tile the file

  const std::map<std::string, SafetensorsArray>& arrays() const { return arrays_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  // Throws unless the array is there, has this shape, and holds floats of some width.
  std::vector<float> floats(const std::string& name, const Shape& expected) const;

 private:
  InputFile file_;
  std::map<std::string, SafetensorsArray> arrays_;
  std::map<std::string, std::string> metadata_;
};

struct SafetensorsFloats {
  std::string name;  // unique
  Shape shape;
  std::span<const float> values;
};

// Atomically.
void write_safetensors(const std::string& path, const std::vector<SafetensorsFloats>& arrays,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace batchwise

// Fuzzes the JSON reader: any text is either refused with an Error or reads back from what is written.
#include <cstdlib>

#include <batchwise/error.h>

#include "formats/json/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  try {
    const Config value = parse_json({reinterpret_cast<const char*>(data), size}, "fuzz");
    const std::string text = value.text();
    // NaN differs from itself, so texts are compared.
    if (parse_json(text, "again").text() != text || parse_json(indented_json(value), "again").text() != text)
      std::abort();
  } catch (const Error&) {}
  return 0;
}

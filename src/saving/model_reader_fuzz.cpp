// Fuzzes what config.json may say: any JSON is a model, or is refused with an Error.
#include <cstdint>
#include <string>

#include <batchwise/error.h>

#include "formats/json/json.h"
#include "saving/compile_config.h"
#include "saving/legacy_config.h"
#include "saving/model_config.h"
#include "saving/model_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batchwise;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const Config config = parse_json(text, "fuzz");
    const Model model = read_model(model_config_of_legacy(config), {"fuzz", {}});
    read_compile_config(config.find("compile_config"), model, "fuzz");
    model_config(model);
  } catch (const Error&) {}
  return 0;
}

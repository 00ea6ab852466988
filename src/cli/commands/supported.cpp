// batchwise supported: what is known of Keras, as the text of docs/supported.md.
#include <iostream>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/supported.h"

namespace batchwise {

int run_supported(const std::vector<std::string>& words) {
  Arguments arguments("supported", "List the layers, losses, metrics, optimizers and more that files may name.",
                      {"batchwise supported > docs/supported.md"});
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  std::cout << supported_text();
  return kDone;
}

}  // namespace batchwise

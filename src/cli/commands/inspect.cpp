// batchwise inspect: what a file or run folder holds.
#include <filesystem>
#include <iostream>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/inspection.h"

namespace batchwise {

int run_inspect(const std::vector<std::string>& words) {
  std::string path;
  Arguments arguments(
      "inspect",
      "Say what a file holds: a model (.keras, .h5), weights (.weights.h5, .safetensors), .npy, .npz or IDX data, a\n"
      "checkpoint, or the folder of a run.",
      {"batchwise inspect model.keras", "batchwise inspect data.npz", "batchwise inspect runs/first"});
  arguments.positional("FILE", path, "A file, or the folder of a run");
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  std::cout << inspection(path);
  return kDone;
}

}  // namespace batchwise

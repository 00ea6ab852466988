// batchwise convert: a model from one format into another.
#include <iostream>

#include <batchwise/model.h>

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "saving/class_names.h"

namespace batchwise {
namespace {

enum class Target { Model, Weights, Onnx };

Target target_of(const std::string& path) {
  if (path.ends_with(".weights.h5") || path.ends_with(".safetensors")) return Target::Weights;
  if (path.ends_with(".keras") || path.ends_with(".h5") || path.ends_with(".hdf5")) return Target::Model;
  require(path.ends_with(".onnx"), "convert",
          "the target must end in .keras, .h5, .weights.h5, .safetensors or .onnx. Got \"", path, "\".");
  return Target::Onnx;
}

}  // namespace

int run_convert(const std::vector<std::string>& words) {
  std::string from, to, weights;
  Arguments arguments("convert",
                      "Write a model in another format: .keras and legacy .h5 hold all of it, .weights.h5 and "
                      ".safetensors its weights,\n"
                      ".onnx the model as it predicts. What the target cannot hold exactly is refused.",
                      {"batchwise convert old.h5 model.keras", "batchwise convert model.keras model.onnx",
                       "batchwise convert model.keras tuned.keras --weights tuned.safetensors"});
  arguments.positional("FROM", from, "A .keras file, or a legacy .h5 file of a whole model");
  arguments.positional("TO", to, "The file to write; its ending says the format");
  arguments.text("--weights", weights, "FILE",
                 "Weights to take in place of the model's: .weights.h5, .h5, .safetensors");
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  const Target target = target_of(to);
  Model model = Model::load(from);
  if (!weights.empty()) model.load_weights(weights);
  const std::vector<std::string> class_names = class_names_in(from);
  const bool keeps_names = to.ends_with(".keras");
  if (target == Target::Model) save_with_class_names(model, to, keeps_names ? class_names : std::vector<std::string>());
  else if (target == Target::Weights) model.save_weights(to);
  else model.save_onnx(to);
  if (!class_names.empty() && !keeps_names && target != Target::Weights)
    std::cerr << "note: the names of classes have no place in this format: only the .keras file has them.\n";
  return kDone;
}

}  // namespace batchwise

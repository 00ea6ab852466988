// batchwise predict: a model's outputs for every sample, streamed into a file.
#include <algorithm>
#include <iostream>
#include <memory>

#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/model_choice.h"
#include "formats/npy/npy.h"
#include "formats/npz/npz.h"

namespace batchwise {
namespace {

void predict_to_npy(const Model& model, const Dataset& data, const PredictOptions& options, const std::string& path) {
  const Symbol output = model.for_data(data).outputs().front();
  NpyWriter writer(path, output.dtype(), output.shape());
  model.predict_each(
      data, [&](int, int64_t, const Array& rows) { writer.append(rows.raw(), rows.rows()); }, options);
  writer.commit();
}

void predict_to_npz(const Model& model, const Dataset& data, const PredictOptions& options, const std::string& path) {
  const std::vector<std::string> names = model.output_names();
  const std::vector<Symbol> outputs = model.for_data(data).outputs();
  NpzWriter writer(path);
  for (size_t i = 0; i < outputs.size(); ++i) writer.add(names[i], outputs[i].dtype(), outputs[i].shape());
  model.predict_each(
      data,
      [&](int output, int64_t, const Array& rows) {
        writer.append(static_cast<size_t>(output), rows.raw(), rows.rows());
      },
      options);
  writer.commit();
}

}  // namespace

int run_predict(const std::vector<std::string>& words) {
  std::string name, out;
  DataChoice choice;
  CompileChoice compile;
  int64_t batch_size = 0, lanes = 0, memory = 0;
  Arguments arguments("predict",
                      "Write a model's outputs for every sample, in order. They have the same bits for any batch size, "
                      "memory and lanes, and the memory\n"
                      "needed does not grow with the number of samples.",
                      {"batchwise predict runs/first/model.keras fashion-mnist --out y.npy",
                       "batchwise predict two_outputs.keras x.npz --out y.npz --memory 256M"});
  arguments.positional("MODEL", name, "A .keras file");
  arguments.positional("DATA", choice.data, "As for train; labels are not looked at");
  arguments.text("--out", out, "FILE", "y.npy; for a model of several outputs y.npz, one array per output name", true);
  arguments.integer("--batch-size", batch_size, 1, "Taken as Keras takes it; the result does not depend on it", false,
                    Arguments::kMostSamples);
  declare_arithmetic(arguments, compile);
  arguments.integer("--lanes", lanes, 1, "Cores to use", false, Arguments::kMostLanes);
  arguments.size("--memory", memory, "Budget: bytes this process may use. Otherwise found");
  choice.declare(arguments);
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  choice.check({choice.data});
  require(choice.images.label_mode.empty(), "--label-mode", "labels are not looked at. Got \"",
          choice.images.label_mode, "\". Leave the option out.");
  require(is_model_file(name), "predict",
          "the model must be a trained one, from a .keras file. Got the built-in name \"", name, "\".");
  ModelAndData opened = open_model_and_data(name, choice, {.part = DataPart::Test, .labels = false, .memory = memory});
  set_arithmetic(opened.model, compile);
  const bool one = opened.model.outputs().size() == 1;
  require(out.ends_with(one ? ".npy" : ".npz"), "--out", "the file of a model with ", opened.model.outputs().size(),
          one ? " output ends in .npy" : " outputs ends in .npz", ". Got \"", out, "\".");
  PredictOptions options;
  options.batch_size = batch_size;
  options.memory = memory;
  options.lanes = static_cast<int>(lanes);
  if (one) predict_to_npy(opened.model, opened.data, options, out);
  else predict_to_npz(opened.model, opened.data, options, out);
  return kDone;
}

}  // namespace batchwise

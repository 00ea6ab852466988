// batchwise sweep: batch sizes, learning rates and optimizers compared over seeds.
#include <iostream>

#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/sweep_run.h"

namespace batchwise {

int run_sweep_command(const std::vector<std::string>& words) {
  SweepSettings settings;
  std::string out;
  bool overwrite = false, json = false;
  Arguments arguments(
      "sweep",
      "Train a model with several batch sizes, learning rates and optimizers, and say which to take and why. What does "
      "not fit\n"
      "the budget is answered, not tried. Cut off at any time, the same command or batchwise resume goes on.",
      {"batchwise sweep mlp mnist --batch-sizes 32,128,512,2048 --seeds 3 --epochs 5 --validation-data mnist --out "
       "runs/sizes",
       "batchwise sweep cnn photos/ --batch-sizes 32,64,128,256 --optimizers sgd,adam --epochs 10 --validation-split "
       "0.2",
       "batchwise sweep model.keras data.npz --batch-sizes 64,1024 --learning-rates 0.01,0.03,0.1 --epochs 8 --halving "
       "--out runs/rates"});
  arguments.positional(
      "MODEL", settings.train.model,
      "A .keras file, or a built-in name: mlp, cnn, lstm, resnet50, ... (batchwise --help lists them)");
  arguments.positional("DATA", settings.train.data.data,
                       "fashion-mnist, mnist, an .npz, .npy or .csv file, a folder of images, texts or IDX files, or "
                       "shards: .tar, .tfrecord");
  settings.declare(arguments);
  arguments.text("--out", out, "RUN", "Folder for sweep.json and what each run needs to go on");
  arguments.flag("--overwrite", overwrite, "Replace the sweep that the folder holds");
  arguments.flag("--json", json, "Events as JSON lines on standard output");
  arguments.needs("--overwrite", "--out");
  arguments.needs("--halving", "--out");
  arguments.needs("--checkpoint-every", "--out");
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  settings.check();
  return run_sweep_of(settings, out, overwrite, json);
}

}  // namespace batchwise

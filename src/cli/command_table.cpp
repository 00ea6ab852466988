// The table of commands, and the help drawn from it.
#include "cli/command_table.h"

#include <batchwise/error.h>
#include <batchwise/registry.h>

#include "cli/commands/commands.h"
#include "model/builtin/builtin.h"

namespace batchwise {

const std::vector<Command>& commands() {
  static const std::vector<Command> table{
      {"train", "Train a model on data, at the batch size you mean, in the memory you have", run_train},
      {"resume", "Continue a run that was stopped or killed, to the same bits", run_resume},
      {"evaluate", "Loss and metrics of a trained model on data", run_evaluate},
      {"predict", "Write a model's outputs for every sample to an .npy file", run_predict},
      {"plan", "Say where every byte would go, before training", run_plan},
      {"tune", "Find the batch size and learning rate to train with, by measurement", run_tune},
      {"sweep", "Compare batch sizes, learning rates and optimizers over seeds, and say which to take",
       run_sweep_command},
      {"report", "Write one HTML file with the pictures of a run, a sweep or a tune", run_report},
      {"inspect", "Say what a file or run folder holds", run_inspect},
      {"convert", "Write a model in another format: .keras, .h5, .safetensors, .onnx", run_convert},
      {"supported", "List the layers, losses, metrics and optimizers that files may name", run_supported},
  };
  return table;
}

const Command& command_named(const std::string& name) {
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (name == command.name) return command;
    names.emplace_back(command.name);
  }
  const std::string near = nearest_name(name, names);
  std::string list;
  for (const std::string& known : names) list += (list.empty() ? "" : ", ") + known;
  fail("batchwise", "the command must be one of ", list, ". Got \"", name, "\".",
       near.empty() ? "" : " Did you mean \"" + near + "\"?");
}

std::string program_help() {
  std::string text =
      "Trains neural networks at the batch size you mean, in the memory you have.\n\n"
      "Usage: batchwise COMMAND [ARGUMENTS]\n\nCommands:\n";
  for (const Command& command : commands())
    text += "  " + std::string(command.name) + std::string(10 - std::string(command.name).size(), ' ') + command.help +
            "\n";
  text += "\nModels: a .keras file, or a built-in name\n";
  size_t widest = 0;
  for (const auto& [name, model] : builtin_models()) widest = std::max(widest, name.size());
  for (const auto& [name, model] : builtin_models())
    text += "  " + name + std::string(widest + 2 - name.size(), ' ') + model.summary + "\n";
  return text +
         "\nData: fashion-mnist, mnist, an .npz with arrays x and y, an .npy, a .csv with --target, a folder of IDX "
         "files,\n"
         "      a folder of class folders of images or texts, tar shards (also 'shard-*.tar'), or TFRecord files\n"
         "\nStart with:\n"
         "  batchwise train mlp fashion-mnist --batch-size 8192 --epochs 5 --memory 64M --out runs/first\n"
         "  batchwise evaluate runs/first/model.keras fashion-mnist\n"
         "  batchwise COMMAND --help\n";
}

}  // namespace batchwise

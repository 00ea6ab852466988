// The lists of docs/supported.md, drawn from the registries.
#include "cli/supported.h"

#include <sstream>
#include <vector>

#include <batchwise/layer.h>
#include <batchwise/loss.h>
#include <batchwise/metric.h>
#include <batchwise/optimizer.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

template <class Base>
void list(std::ostringstream& text, const std::string& title, const std::string& said) {
  text << "\n## " << title << "\n" << said << "\n\n";
  for (const std::string& name : Registry<Base>::instance().names()) text << "- " << name << "\n";
}

}  // namespace

std::string supported_text() {
  std::ostringstream text;
  text << "# What is supported\n"
          "Made by `batchwise supported` from what is registered; a test keeps it current. Names and arguments are "
          "Keras's. "
          "A file that names anything\nelse is refused with the layer, the key and the value.\n"
          "\n## Layers\n`ops.` are the operations on tensors that Keras writes for arithmetic between layers. "
          "A model may also be a layer of another (Sequential, Functional).\n\n"
          "| layer | ONNX export |\n|---|---|\n";
  for (const std::string& name : Registry<Layer>::instance().names())
    text << "| " << name << " | " << (name == "InputLayer" || onnx_rules().count(name) ? "yes" : "no") << " |\n";
  list<Loss>(text, "Losses", "By class or by function name (`\"mse\"`).");
  list<Metric>(text, "Metrics", "By class or by function name (`\"accuracy\"`).");
  list<Optimizer>(text, "Optimizers", "With Keras's common arguments: clipping, EMA, weight decay, accumulation.");
  list<Schedule>(text, "Learning-rate schedules", "As the `learning_rate` of an optimizer.");
  list<Initializer>(text, "Initializers",
                    "Distributions are Keras's; the numbers are addressed by seed, layer and weight.");
  list<Regularizer>(text, "Regularizers", "On kernels, biases and activities.");
  return text.str();
}

}  // namespace batchwise

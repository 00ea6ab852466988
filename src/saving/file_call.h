// One call of a layer as a file states it: which tensors go in as which arguments.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <batchwise/call_form.h>
#include <batchwise/config.h>

namespace batchwise {

// A tensor of a file: an output of a call of a layer.
struct TensorName {
  std::string layer;
  int64_t call = 0, output = 0;
};

struct FileCall {
  std::vector<TensorName> tensors;
  Config structure;  // of the first argument; null: a list or one
  CallForm form;     // of the tensors, in Keras's order: by position, then keywords by their names
};

// An entry of inbound_nodes: {"args", "kwargs"}, or the list of tensors of Keras 2.
// A stated `training` is dropped, as Keras's fit, evaluate and predict replace it.
FileCall read_call(const Config& value, const std::string& where);

struct FileEnds {
  std::vector<TensorName> tensors;
  Config structure;  // as Ends has it
};

// input_layers or output_layers: one tensor, a list of them, names with tensors or other nestings; a single one may
// stand alone (Keras 3.11 and later) or in a list of one (before).
FileEnds read_ends(const Config& value, const std::string& where);

// The tensors in the form's places: {"args": [...], "kwargs": {...}}. `structure`: of the first argument.
Config call_object(const std::vector<Config>& tensors, const CallForm& form, const Config& structure);

// The same as Keras loads it of this class: operations that cannot do without arguments that are null get them, and
// those that take lists get lists of one.
Config as_keras_calls(std::string_view class_name, Config call);

}  // namespace batchwise

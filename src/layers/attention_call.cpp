// The call of an attention layer.
#include "layers/attention_call.h"

#include <array>

namespace batchwise {
namespace {

struct Argument {
  std::string_view name, position;
  int AttentionCall::*place;
};
constexpr std::array<Argument, 7> kTensors{{{"query", "0", &AttentionCall::query},
                                            {"value", "1", &AttentionCall::value},
                                            {"key", "2", &AttentionCall::key},
                                            {"query_mask", "3", &AttentionCall::query_mask},
                                            {"value_mask", "4", &AttentionCall::value_mask},
                                            {"key_mask", "5", &AttentionCall::key_mask},
                                            {"attention_mask", "6", &AttentionCall::attention_mask}}};

void read_list(std::string_view layer, const CallForm& form, size_t tensors, AttentionCall& call) {
  for (size_t i = 0; i < tensors; ++i)
    require(form.role(i).empty(), layer, "the tensors must be one list: query, value and perhaps key. Got one as ",
            form.role(i), ".");
  require(tensors == 2 || tensors == 3, layer, "the list must have a query, a value and perhaps a key. Got ", tensors,
          " tensors.");
  call.value = 1;
  if (tensors == 3) call.key = 2;
}

void read_roles(std::string_view layer, const CallForm& form, size_t tensors, AttentionCall& call) {
  for (size_t i = 0; i < tensors; ++i) {
    const std::string role = form.role(i).empty() && i < 3 && form.roles.empty() ? std::to_string(i) : form.role(i);
    if (role.empty()) {
      require(i == 0, layer, "only the query may be the first argument. Got another tensor there.");
      continue;
    }
    bool known = false;
    for (const Argument& argument : kTensors)
      if (role == argument.name || role == argument.position) {
        call.*argument.place = static_cast<int>(i);
        known = true;
      }
    require(known, layer, "a tensor must be the query, the value, the key or a mask. Got one as ", role, ".");
  }
  require(call.value >= 0, layer, "the call must have a value besides the query. Got none.");
}

}  // namespace

AttentionCall read_attention_call(std::string_view layer, const CallForm& form, size_t tensors, bool list) {
  AttentionCall call;
  list ? read_list(layer, form, tensors, call) : read_roles(layer, form, tensors, call);
  for (const auto& [key, value] : form.arguments.as_object()) {
    if (value.is_null()) continue;
    if (key == "return_attention_scores" || (key == "7" && !list)) call.scores = value.as_bool(key);
    else if (key == "use_causal_mask" || (key == "9" && !list)) call.causal = value.as_bool(key);
    else fail(layer, "the call has no argument ", key, ". Got ", value.text().substr(0, 100), ".");
  }
  return call;
}

}  // namespace batchwise

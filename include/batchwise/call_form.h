// How a layer is called: which argument each tensor is, and the arguments that are not tensors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/config.h>

namespace batchwise {

// The plain form, layer(x) or layer([a, b]), is the empty one.
struct CallForm {
  // Per tensor: "" for the first argument (or an element of the list that it is), "1" for the second argument by
  // position, else the keyword: "initial_state". Several tensors may have one role: a list. Empty: all of the first.
  std::vector<std::string> roles;
  Config arguments = Config(Config::Object{});  // those that are no tensors: {"use_causal_mask": true, "1": 2.0}
  std::optional<bool> training;                 // as the call states it, whatever the model does

  const std::string& role(size_t tensor) const;
  int find(std::string_view role, int nth = 0) const;  // the nth tensor of the role; -1: none
  bool plain() const;                                  // tensors of the first argument only; `training` may be stated
  CallForm without(std::string_view role) const;       // the form of the other tensors
};

}  // namespace batchwise

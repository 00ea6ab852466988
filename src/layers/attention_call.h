// The call of an attention layer: which tensor is the query, the value, the key, a mask, and what is asked for.
#pragma once

#include <string_view>

#include <batchwise/layer.h>

namespace batchwise {

// Places in the call's tensors; -1: not given.
struct AttentionCall {
  int query = 0, value = -1, key = -1;
  int query_mask = -1, value_mask = -1, key_mask = -1, attention_mask = -1;
  bool scores = false, causal = false;
};

// Throws for tensors and arguments that the call has not. A layer that takes a list has query, value and key in it.
AttentionCall read_attention_call(std::string_view layer, const CallForm& form, size_t tensors, bool list);

}  // namespace batchwise

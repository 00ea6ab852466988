// Dtype policies by name.
#include <batchwise/dtype_policy.h>

#include <batchwise/error.h>

namespace batchwise {

std::string_view name_of(DTypePolicy policy) {
  return policy == DTypePolicy::MixedBfloat16 ? "mixed_bfloat16" : "float32";
}

DTypePolicy dtype_policy_named(std::string_view name, std::string_view where) {
  for (const DTypePolicy policy : {DTypePolicy::Float32, DTypePolicy::MixedBfloat16})
    if (name == name_of(policy)) return policy;
  fail(where, "dtype must be \"float32\" or \"mixed_bfloat16\". Got \"", name, "\".");
}

std::optional<std::string> dtype_word(const Config* dtype) {
  if (!dtype) return std::nullopt;
  const Config* inside = dtype->is_object() ? dtype->find("config") : nullptr;
  const Config* name = inside && inside->is_object() ? inside->find("name") : dtype;
  return name && name->is_string() ? std::optional(name->as_string()) : std::nullopt;
}

std::optional<DTypePolicy> dtype_policy_of(const Config* dtype, std::string_view where) {
  if (!dtype || dtype->is_null()) return std::nullopt;
  const std::optional<std::string> word = dtype_word(dtype);
  require(word.has_value(), where, "dtype must be \"float32\" or \"mixed_bfloat16\". Got ",
          dtype->text().substr(0, 200), ".");
  return dtype_policy_named(*word, where);
}

}  // namespace batchwise

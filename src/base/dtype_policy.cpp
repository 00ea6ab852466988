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

namespace {

// A policy that is its name and nothing else: those of quantized layers say more.
bool is_plain_policy(const Config& policy) {
  const Config *class_name = policy.find("class_name"), *config = policy.find("config");
  if (!class_name || !config || !config->is_object()) return false;
  bool known = false;
  for (const char* name : {"DTypePolicy", "FloatDTypePolicy", "Policy"}) known |= *class_name == Config(name);
  for (const auto& [key, value] : config->as_object()) known &= key == "name" || value.is_null();
  return known;
}

}  // namespace

std::optional<std::string> dtype_word(const Config* dtype) {
  if (!dtype || (dtype->is_object() && !is_plain_policy(*dtype))) return std::nullopt;
  const Config* name = dtype->is_object() ? dtype->at("config").find("name") : dtype;
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

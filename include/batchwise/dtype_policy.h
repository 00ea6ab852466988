// What type a layer computes in: Keras's dtype policies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <batchwise/config.h>

namespace batchwise {

// Variables, sums and statistics are float32 in both.
enum class DTypePolicy : uint8_t {
  Float32,
  MixedBfloat16  // operands of products are rounded to bfloat16
};

std::string_view name_of(DTypePolicy policy);                                             // "float32", "mixed_bfloat16"
DTypePolicy dtype_policy_named(std::string_view name, std::string_view where = "dtype");  // throws naming the two

// The name in a layer's "dtype", in either form; none where there is no name.
std::optional<std::string> dtype_word(const Config* dtype);

// As a layer's "dtype" states it: a name, Keras's {"class_name": "DTypePolicy", "config": {"name": ...}}, or null for
// none. Throws for every other policy.
std::optional<DTypePolicy> dtype_policy_of(const Config* dtype, std::string_view where);

}  // namespace batchwise

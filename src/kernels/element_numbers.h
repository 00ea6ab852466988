// Elements to numbers, each by itself: lookups, hashes, bins.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <batchwise/kernel.h>

#include "text/token_index.h"

namespace batchwise {

// Text -> int32 numbers of the same shape.
std::unique_ptr<Kernel> make_token_lookup_kernel(std::shared_ptr<const TokenIndex> index, const TensorType& type,
                                                 int64_t grain);
// int32, or float32 cut to whole numbers -> int32 numbers of the same shape.
std::unique_ptr<Kernel> make_integer_lookup_kernel(std::shared_ptr<const IntegerIndex> index, const TensorType& type,
                                                   int64_t grain);

// Keras's Hashing: FarmHash's fingerprint, or SipHash with a key, of text or of integers in decimal.
struct HashRules {
  int64_t bins = 1;
  std::optional<std::pair<uint64_t, uint64_t>> key;
  std::variant<std::monostate, std::string, int64_t> mask;  // gets bin 0, all others 1 to bins - 1
};
std::unique_ptr<Kernel> make_hashing_kernel(const HashRules& rules, const TensorType& type, int64_t grain);

// float32 -> the number of boundaries that are not above. REQUIRES: the boundaries rise.
std::unique_ptr<Kernel> make_discretization_kernel(std::vector<float> boundaries, const TensorType& type,
                                                   int64_t grain);

// Numbers -> the words or integers that they stand for; those beyond the list become `otherwise`.
std::unique_ptr<Kernel> make_word_kernel(std::shared_ptr<const std::vector<std::string>> words, std::string otherwise,
                                         const TensorType& type, int64_t grain);
std::unique_ptr<Kernel> make_value_kernel(std::vector<int64_t> values, int64_t otherwise, const TensorType& type,
                                          int64_t grain);

}  // namespace batchwise

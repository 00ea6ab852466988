// Which instructions the kernels use.
#include "kernels/instruction_set.h"

#include "kernels/product/bfloat16_product.h"
#include "kernels/simd/targets.h"

#include <hwy/targets.h>

#include <algorithm>
#include <cctype>

namespace batchwise {

std::string instruction_set() {
  // Highway's targets are bits, better ones lower: dispatch takes the lowest that was compiled and is supported.
  const int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
  std::string name = hwy::TargetName(usable & -usable);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name == "avx3" ? "avx512" : name == "avx3_dl" ? "avx512_icl" : name;
}

std::string instruction_set(bool bfloat16) {
  const std::string products = bfloat16 ? bfloat16_instructions() : "";
  return products.empty() ? instruction_set() : instruction_set() + "+" + products;
}

}  // namespace batchwise

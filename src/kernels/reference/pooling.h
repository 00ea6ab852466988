// Plain loops for pooling: what the kernels are tested against.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/window.h"

namespace batchwise::reference {

// Images (N, H, W, C), outputs (N, H', W', C). Of equal largest values the first wins.
std::vector<float> max_pool(const Window& window, int64_t channels, int64_t images, const std::vector<float>& input);
std::vector<float> max_pool_gradient(const Window& window, int64_t channels, int64_t images,
                                     const std::vector<float>& input, const std::vector<float>& output_gradient);
std::vector<float> average_pool(const Window& window, int64_t channels, int64_t images,
                                const std::vector<float>& input);
std::vector<float> average_pool_gradient(const Window& window, int64_t channels, int64_t images,
                                         const std::vector<float>& output_gradient);

}  // namespace batchwise::reference

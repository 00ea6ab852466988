// Average pooling of windows, compiled for each instruction set.
#include "kernels/pooling_passes.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/average_pooling_passes.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep

#include "kernels/window_taps-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

void average_forward(const Window& window, int64_t channels, const float* input, float* output) {
  for_outputs(window, [&](int64_t position, const Seen& seen) HWY_ATTR {
    const Vector number = hn::Set(Lanes(), static_cast<float>(seen.positions()));
    for_channels(channels, [&](int64_t c, int64_t count) HWY_ATTR {
      Vector sum = hn::Zero(Lanes());
      for_taps(window, channels, seen,
               [&](int64_t offset, int64_t) HWY_ATTR { sum = hn::Add(sum, load(input + offset + c, count)); });
      store(hn::Div(sum, number), output + position * channels + c, count);
    });
  });
}

void average_backward(const Window& window, int64_t channels, const float* output_gradient, float* input_gradient) {
  std::fill_n(input_gradient, window.inputs() * channels, 0.0f);
  for_outputs(window, [&](int64_t position, const Seen& seen) HWY_ATTR {
    const Vector number = hn::Set(Lanes(), static_cast<float>(seen.positions()));
    for_channels(channels, [&](int64_t c, int64_t count) HWY_ATTR {
      const Vector share = hn::Div(load(output_gradient + position * channels + c, count), number);
      for_taps(window, channels, seen, [&](int64_t offset, int64_t) HWY_ATTR {
        float* to = input_gradient + offset + c;
        store(hn::Add(load(to, count), share), to, count);
      });
    });
  });
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(average_forward);
HWY_EXPORT(average_backward);

void average_pool_forward(const Window& window, int64_t channels, const float* input, float* output) {
  HWY_DYNAMIC_DISPATCH(average_forward)(window, channels, input, output);
}
void average_pool_backward(const Window& window, int64_t channels, const float* output_gradient,
                           float* input_gradient) {
  HWY_DYNAMIC_DISPATCH(average_backward)(window, channels, output_gradient, input_gradient);
}

}  // namespace batchwise
#endif

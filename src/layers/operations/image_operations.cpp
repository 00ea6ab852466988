// Operations on images that are linear in their pixels, channels last: rgb_to_grayscale, gaussian_blur, sobel_edges.
#include <array>
#include <cmath>

#include "kernels/linear_map.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class ImageOperation : public Operation {
 public:
  ImageOperation(const std::string& key, const Config& config, std::vector<std::string> known)
      : Operation(key, config, known) {
    require_channels_last(key, config);
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    require_rank(key(), shape, 3, "(height, width, channels)");
    return {result(shape)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    const TensorType type = lowering.type(input);
    LinearMap map = linear_map(
        result(type.shape), [&](std::span<const int64_t> place, Terms& terms) { add_terms(type.shape, place, terms); });
    return {
        lowering.add1(make_linear_map_kernel(std::string(kind()), type, std::move(map), lowering.grain()), {input})};
  }

 private:
  virtual std::string_view kind() const = 0;
  virtual Shape result(const Shape& image) const = 0;
  virtual void add_terms(const Shape& image, std::span<const int64_t> place, Terms& terms) const = 0;
};

class GrayscaleOperation final : public ImageOperation {
 public:
  GrayscaleOperation(const std::string& key, const Config& config) : ImageOperation(key, config, {"data_format"}) {}

 private:
  std::string_view kind() const override { return "rgb_to_grayscale"; }
  Shape result(const Shape& image) const override {
    require(image[2] == 3 || image[2] == 1, key(), "images must have 3 channels, or 1. Got ", image, ".");
    return {image[0], image[1], 1};
  }
  void add_terms(const Shape& image, std::span<const int64_t> place, Terms& terms) const override {
    constexpr float kShares[] = {0.2989f, 0.5870f, 0.1140f};
    const int64_t pixel = (place[0] * image[1] + place[1]) * image[2];
    for (int64_t c = 0; c < image[2]; ++c) terms.add(pixel + c, image[2] == 1 ? 1.0f : kShares[c]);
  }
};

// Each channel by itself, with zeros around the image.
class GaussianBlurOperation final : public ImageOperation {
 public:
  GaussianBlurOperation(const std::string& key, const Config& config)
      : ImageOperation(key, config, {"kernel_size", "sigma", "data_format"}) {
    std::vector<int64_t> sizes{3, 3};
    if (const Config* stated = config.find("kernel_size")) sizes = number_list(key, *stated);
    std::array<double, 2> widths{1, 1};
    if (const Config* stated = config.find("sigma")) {
      require(stated->is_list() && stated->as_list().size() == 2, key, "sigma must be two numbers. Got ",
              stated->text(), ".");
      for (size_t a = 0; a < 2; ++a) widths[a] = stated->as_list()[a].as_number(key);
    }
    require(sizes.size() == 2 && sizes[0] > 0 && sizes[1] > 0 && widths[0] > 0 && widths[1] > 0, key,
            "kernel_size and sigma must be two positive numbers. Got ", config.text(), ".");
    require(sizes[0] <= 1000 && sizes[1] <= 1000, key, "kernel_size must be at most 1000. Got ", config.text(), ".");
    // Keras takes the columns' numbers for the rows' and the rows' for the columns'.
    sizes_ = {sizes[0], sizes[1]};
    std::array<std::vector<double>, 2> bells;
    for (size_t a = 0; a < 2; ++a) {
      double sum = 0;
      for (int64_t i = 0; i < sizes_[a]; ++i) {
        const double off = (static_cast<double>(i) - static_cast<double>(sizes_[a] - 1) / 2) / widths[a];
        bells[a].push_back(std::exp(-0.5 * off * off));
        sum += bells[a].back();
      }
      for (double& share : bells[a]) share /= sum;
    }
    for (int64_t i = 0; i < sizes_[0] * sizes_[1]; ++i)  // as Keras's reshape leaves them
      shares_.push_back(static_cast<float>(bells[1][static_cast<size_t>(i / sizes_[0])] *
                                           bells[0][static_cast<size_t>(i % sizes_[0])]));
  }

 private:
  std::string_view kind() const override { return "gaussian_blur"; }
  Shape result(const Shape& image) const override { return image; }
  void add_terms(const Shape& image, std::span<const int64_t> place, Terms& terms) const override {
    for (int64_t i = 0; i < sizes_[0]; ++i)
      for (int64_t j = 0; j < sizes_[1]; ++j) {
        const int64_t y = place[0] + i - (sizes_[0] - 1) / 2, x = place[1] + j - (sizes_[1] - 1) / 2;
        if (y >= 0 && y < image[0] && x >= 0 && x < image[1])
          terms.add((y * image[1] + x) * image[2] + place[2], shares_[static_cast<size_t>(i * sizes_[1] + j)]);
      }
  }
  std::array<int64_t, 2> sizes_;
  std::vector<float> shares_;
};

// Slopes down and to the right, with the image mirrored at its edges.
class SobelEdgesOperation final : public ImageOperation {
 public:
  SobelEdgesOperation(const std::string& key, const Config& config) : ImageOperation(key, config, {"data_format"}) {}

 private:
  std::string_view kind() const override { return "sobel_edges"; }
  Shape result(const Shape& image) const override {
    require(image[0] > 1 && image[1] > 1, key(), "images must have two rows and columns or more. Got ", image, ".");
    return {image[0], image[1], image[2], 2};
  }
  void add_terms(const Shape& image, std::span<const int64_t> place, Terms& terms) const override {
    constexpr float kAcross[] = {1, 2, 1}, kAlong[] = {-1, 0, 1};
    const auto mirrored = [](int64_t at, int64_t size) { return at < 0 ? -at : at < size ? at : 2 * size - 2 - at; };
    for (int64_t i = 0; i < 3; ++i)
      for (int64_t j = 0; j < 3; ++j) {
        const float factor = place[3] == 0 ? kAlong[i] * kAcross[j] : kAcross[i] * kAlong[j];
        const int64_t y = mirrored(place[0] + i - 1, image[0]), x = mirrored(place[1] + j - 1, image[1]);
        if (factor != 0) terms.add((y * image[1] + x) * image[2] + place[2], factor);
      }
  }
};

const bool registered =
    register_operations<GrayscaleOperation>({"ops.image.RGBToGrayscale"}) &&
    register_operations<GaussianBlurOperation>(
        {"ops.image.GaussianBlur"}, {Config(Config::Object{}), Config::object({{"kernel_size", Config::List{3, 5}},
                                                                               {"sigma", Config::List{0.5, 2.0}}})}) &&
    register_operations<SobelEdgesOperation>({"ops.image.SobelEdges"});

}  // namespace
}  // namespace batchwise

// inceptionv3: Keras's InceptionV3, with its layer names, so that weights can be exchanged.
#include "model/builtin/blocks.h"

namespace batchwise::builtin {
namespace {

class Builder {
 public:
  Symbol conv(const Symbol& x, int64_t filters, int64_t height, int64_t width, int64_t strides = 1,
              const std::string& padding = "same") {
    Symbol y = convolution(x, names_("conv2d"), {filters, Config::List{height, width}, strides, padding});
    y = built("BatchNormalization", {{"axis", 3}, {"scale", false}}, names_("batch_normalization"))(y);
    return activation(y, names_("activation"));
  }
  Symbol pool(const Symbol& x) { return max_pooling(x, names_("max_pooling2d"), 3, 2); }
  Symbol average(const Symbol& x) {
    return built("AveragePooling2D", {{"pool_size", 3}, {"strides", 1}, {"padding", "same"}},
                 names_("average_pooling2d"))(x);
  }
  Symbol joined(std::vector<Symbol> branches, const std::string& name) {
    return built("Concatenate", {{"axis", 3}}, name)(branches);
  }
  std::string unnamed_join() { return names_("concatenate"); }

  // Images of 35 x 35.
  Symbol large(const Symbol& x, int64_t pooled, const std::string& name) {
    const Symbol one = conv(x, 64, 1, 1);
    const Symbol five = conv(conv(x, 48, 1, 1), 64, 5, 5);
    const Symbol three = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
    return joined({one, five, three, conv(average(x), pooled, 1, 1)}, name);
  }
  // Images of 17 x 17.
  Symbol middle(const Symbol& x, int64_t n, const std::string& name) {
    const Symbol one = conv(x, 192, 1, 1);
    const Symbol seven = conv(conv(conv(x, n, 1, 1), n, 1, 7), 192, 7, 1);
    Symbol twice = conv(conv(conv(x, n, 1, 1), n, 7, 1), n, 1, 7);
    twice = conv(conv(twice, n, 7, 1), 192, 1, 7);
    return joined({one, seven, twice, conv(average(x), 192, 1, 1)}, name);
  }
  // Images of 8 x 8.
  Symbol small(const Symbol& x, int index) {
    const Symbol one = conv(x, 320, 1, 1);
    const Symbol before = conv(x, 384, 1, 1);
    const Symbol wide = conv(before, 384, 1, 3), high = conv(before, 384, 3, 1);
    const Symbol three = joined({wide, high}, "mixed9_" + std::to_string(index));
    const Symbol twice = conv(conv(x, 448, 1, 1), 384, 3, 3);
    const Symbol wide2 = conv(twice, 384, 1, 3), high2 = conv(twice, 384, 3, 1);
    const Symbol both = joined({wide2, high2}, unnamed_join());
    return joined({one, three, both, conv(average(x), 192, 1, 1)}, "mixed" + std::to_string(9 + index));
  }

 private:
  Numbered names_;
};

Model make(const BuiltinInput& input) {
  require_images("inceptionv3", input, 75);
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Builder b;
  Symbol x = b.conv(image, 32, 3, 3, 2, "valid");
  x = b.pool(b.conv(b.conv(x, 32, 3, 3, 1, "valid"), 64, 3, 3));
  x = b.pool(b.conv(b.conv(x, 80, 1, 1, 1, "valid"), 192, 3, 3, 1, "valid"));
  x = b.large(x, 32, "mixed0");
  x = b.large(x, 64, "mixed1");
  x = b.large(x, 64, "mixed2");
  {
    const Symbol three = b.conv(x, 384, 3, 3, 2, "valid");
    const Symbol twice = b.conv(b.conv(b.conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3, 2, "valid");
    x = b.joined({three, twice, b.pool(x)}, "mixed3");
  }
  x = b.middle(x, 128, "mixed4");
  x = b.middle(x, 160, "mixed5");
  x = b.middle(x, 160, "mixed6");
  x = b.middle(x, 192, "mixed7");
  {
    const Symbol three = b.conv(b.conv(x, 192, 1, 1), 320, 3, 3, 2, "valid");
    Symbol seven = b.conv(b.conv(b.conv(x, 192, 1, 1), 192, 1, 7), 192, 7, 1);
    seven = b.conv(seven, 192, 3, 3, 2, "valid");
    x = b.joined({three, seven, b.pool(x)}, "mixed8");
  }
  x = b.small(x, 0);
  x = b.small(x, 1);
  x = built("GlobalAveragePooling2D", {}, "avg_pool")(x);
  return Model(image, classes(x, input.classes), "inceptionv3");
}

const RegisterBuiltin registered{"inceptionv3", {"Keras's InceptionV3", {{299, 299, 3}, DType::Float32, 1000}, make}};

}  // namespace
}  // namespace batchwise::builtin

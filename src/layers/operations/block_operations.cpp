// Operations between depth and space, channels last: depth_to_space and space_to_depth.
#include <array>

#include "kernels/rearrange.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class BlockOperation final : public Operation {
 public:
  BlockOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"block_size", "data_format"}),
        spreads_(last_word(key) == "DepthToSpace"),
        size_(config.at("block_size").as_int(key)) {
    require(size_ > 1, key, "block_size must be 2 or more. Got ", size_, ".");
    require_channels_last(key, config);
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    require_rank(key(), shape, 3, "(height, width, channels)");
    if (spreads_) {
      require(shape[2] % (size_ * size_) == 0, key(), "the channels must be a multiple of block_size squared, ",
              size_ * size_, ". Got ", shape, ".");
      return {Shape{shape[0] * size_, shape[1] * size_, shape[2] / (size_ * size_)}};
    }
    require(shape[0] % size_ == 0 && shape[1] % size_ == 0, key(), "height and width must be multiples of block_size, ",
            size_, ". Got ", shape, ".");
    return {Shape{shape[0] / size_, shape[1] / size_, shape[2] * size_ * size_}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Shape to = call_shapes({type.shape}, {})[0];
    const int64_t channels = spreads_ ? to[2] : type.shape[2];
    const Rearrangement elements = rearrangement(to, [&](std::span<const int64_t> place) {
      const int64_t y = place[0], x = place[1], c = place[2];
      if (spreads_) {
        const int64_t inside = y % size_ * size_ + x % size_;
        return element_of(type.shape, std::array{y / size_, x / size_, inside * channels + c});
      }
      const int64_t inside = c / channels;
      return element_of(type.shape, std::array{y * size_ + inside / size_, x * size_ + inside % size_, c % channels});
    });
    return {lowering.add1(
        make_rearrange_kernel(spreads_ ? "depth_to_space" : "space_to_depth", type, elements, lowering.grain()),
        {input})};
  }

 private:
  bool spreads_;
  int64_t size_;
};

const bool registered = register_operations<BlockOperation>({"ops.nn.DepthToSpace", "ops.nn.SpaceToDepth"},
                                                            {Config::object({{"block_size", 2}})});

}  // namespace
}  // namespace batchwise

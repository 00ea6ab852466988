// What the global pooling layers share: one value per channel, of a line, an image or a volume.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

class GlobalPoolingLayer : public Layer {
 public:
  std::string_view class_name() const final { return name_; }
  Config config() const final;
  Shapes output_shapes(const Shapes& inputs) const final;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const final;

  static std::vector<Config> examples();

 protected:
  using MakeKernel = std::unique_ptr<Kernel> (*)(const Shape& input, const Shape& output, int64_t grain);
  // `masked`: the kernel for an input with a mask, which it reads second; null: masks mean nothing here.
  GlobalPoolingLayer(std::string_view name, int rank, MakeKernel make_kernel, const Config& config,
                     MakeKernel masked = nullptr);

 private:
  Shape output_of(const Shape& channels_last) const;

  std::string_view name_;
  int rank_;
  MakeKernel make_kernel_, masked_;
  bool channels_first_ = false, keep_dimensions_ = false;
};

}  // namespace batchwise

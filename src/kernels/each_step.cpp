// Steps as samples: only the number of rows and their addresses differ.
#include "kernels/each_step.h"

#include <batchwise/error.h>

namespace batchwise {
namespace {

class EachStepKernel final : public Kernel {
 public:
  EachStepKernel(std::unique_ptr<Kernel> kernel, const Shape& leading)
      : kernel_(std::move(kernel)), leading_(leading), steps_(leading.count()) {
    const Statistics statistics = kernel_->statistics();
    require(statistics.forward == 0 && statistics.backward == 0, "TimeDistributed",
            "a layer with statistics over the batch must be the wrapped layer itself. Got one inside of it: ",
            kernel_->kind(), ".");
  }
  std::string_view kind() const override { return kernel_->kind(); }
  std::vector<TensorType> outputs() const override {
    std::vector<TensorType> types = kernel_->outputs();
    for (TensorType& type : types) {
      std::vector<int64_t> dims(leading_.begin(), leading_.end());
      dims.insert(dims.end(), type.shape.begin(), type.shape.end());
      type.shape = Shape(dims);
    }
    return types;
  }
  KernelMemory memory() const override { return kernel_->memory(); }
  KernelNeeds needs() const override { return kernel_->needs(); }
  KernelCost cost() const override { return kernel_->cost(); }
  WeightLayoutPtr forward_layout(int index) const override { return kernel_->forward_layout(index); }
  WeightLayoutPtr backward_layout(int index) const override { return kernel_->backward_layout(index); }
  WeightLayoutPtr gradient_layout(int index) const override { return kernel_->gradient_layout(index); }
  bool adds_to_gradient(int index) const override { return kernel_->adds_to_gradient(index); }
  bool backward_reads_weight(int index) const override { return kernel_->backward_reads_weight(index); }
  void prepare(int lanes) override { kernel_->prepare(lanes); }
  void forward(const ForwardCall& call) const override { kernel_->forward(by_steps(call)); }
  void backward(const BackwardCall& call) const override { kernel_->backward(by_steps(call)); }
  void commit(const void* shared, std::span<float* const> weights) const override { kernel_->commit(shared, weights); }

 private:
  template <class Call>
  Call by_steps(Call call) const {
    call.rows *= steps_;
    call.address.first_sample *= static_cast<uint64_t>(steps_);
    return call;
  }
  std::unique_ptr<Kernel> kernel_;
  Shape leading_;
  int64_t steps_;
};

}  // namespace

std::unique_ptr<Kernel> make_each_step_kernel(std::unique_ptr<Kernel> kernel, const Shape& leading) {
  return std::make_unique<EachStepKernel>(std::move(kernel), leading);
}

}  // namespace batchwise

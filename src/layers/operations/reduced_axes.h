// The axes that an operation reduces, as Keras names them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

class ReducedAxes {
 public:
  ReducedAxes(const std::string& key,
              const Config& config);  // "axis": a number or a list; throws where it is not named

  size_t count() const { return axes_.size(); }
  std::vector<int> of(const Shape& sample) const;        // of one sample, rising
  Shape reduced(const Shape& sample, bool keeps) const;  // the axes at size 1, or gone
  // "sum", "mean", "max", ... as make_reduction_kernel has them, or for whole numbers make_whole_reduction_kernel; the
  // axes stay at size 1.
  Value along(Lowering& lowering, std::string_view function, Value value) const;
  // What along gave of a tensor of this shape, without the axes unless the operation keeps them.
  Value finish(Lowering& lowering, Value value, const Shape& sample, bool keeps) const;

 private:
  std::string key_;
  std::vector<int64_t> axes_;
};

}  // namespace batchwise

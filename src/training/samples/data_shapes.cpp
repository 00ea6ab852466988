// Models whose inputs leave sizes open, for the data at hand.
#include <algorithm>

#include <batchwise/dataset.h>
#include <batchwise/model.h>

namespace batchwise {

Model Model::for_data(const Dataset& data) const {
  Shapes shapes;
  for (const Symbol& input : inputs()) shapes.push_back(input.shape());
  if (std::all_of(shapes.begin(), shapes.end(), [](const Shape& shape) { return shape.known(); })) return *this;
  require(!data.empty() && data.num_inputs() == static_cast<int>(shapes.size()), name(), "the model has ",
          shapes.size(), " inputs, some of open size: the data must bring them. Got ",
          data.empty() ? 0 : data.num_inputs(), ".");
  for (size_t i = 0; i < shapes.size(); ++i)
    if (!shapes[i].known()) {
      shapes[i] = data.input(static_cast<int>(i)).shape;
      // Images of one channel may come without their channel axis.
      const Shape& stated = inputs()[i].shape();
      if (shapes[i].rank() + 1 == stated.rank() && stated.back() == 1) {
        std::vector<int64_t> dims(shapes[i].begin(), shapes[i].end());
        dims.push_back(1);
        shapes[i] = Shape(std::span<const int64_t>(dims));
      }
    }
  return for_shapes(shapes);
}

}  // namespace batchwise

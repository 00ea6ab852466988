// A model as one layer of another.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

// How a file states a model: said by saving/, which may not be asked from here.
using ModelStatement = Config (*)(const Model&);
void set_model_statement(ModelStatement statement);

class ModelLayer final : public Layer {
 public:
  explicit ModelLayer(Model model);

  std::string_view class_name() const override { return model_.is_sequential() ? "Sequential" : "Functional"; }
  Config config() const override;  // Keras's of a whole model: its layers, and how they are connected
  Shapes output_shapes(const Shapes& inputs) const override;
  bool takes_text() const override;
  std::vector<DType> output_dtypes(DType, size_t) const override;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override;
  std::vector<Part> parts() const override { return parts_; }

  const Model& model() const { return model_; }
  Model sized_for(const Shapes& inputs) const;  // the model, with `inputs` where its own shapes are open

 private:
  Model model_;
  std::vector<Part> parts_;  // the model's layers without its inputs: "layers/dense_1"
};

}  // namespace batchwise

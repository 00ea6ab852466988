// Small models with their data, one for each way a step can go: what the tests of the laws train.
#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <batchwise/batchwise.h>

namespace batchwise {

// The same samples, read as from a file: nothing of them counts as held.
class StreamedRows final : public Source {
 public:
  explicit StreamedRows(Dataset data) : data_(std::move(data)) {}
  int64_t size() const override { return data_.size(); }
  const std::vector<Column>& columns() const override { return data_.source().columns(); }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    data_.source().fetch(column, rows, out);
  }

 private:
  Dataset data_;
};

inline Dataset streamed(const Dataset& data) {
  return Dataset(std::make_shared<StreamedRows>(data), data.num_inputs(), data.num_targets());
}

inline Array waves(const Shape& shape, double phase) {
  Array array(DType::Float32, shape);
  for (int64_t i = 0; i < array.count(); ++i)
    array.data<float>()[i] = static_cast<float>(std::sin(0.7 * static_cast<double>(i) + phase) *
                                                std::cos(0.011 * static_cast<double>(i * i % 1009)));
  return array;
}

inline Array labels(int64_t n, int64_t classes) {
  Array array(DType::Int64, {n});
  for (int64_t i = 0; i < n; ++i) array.data<int64_t>()[i] = (i * i + 3 * i) % classes;
  return array;
}

inline Array sample_weights(int64_t n) {
  Array array(DType::Float32, {n});
  for (int64_t i = 0; i < n; ++i) array.data<float>()[i] = static_cast<float>((7 * i) % 5) * 0.5f;
  return array;
}

struct SmallModel {
  std::string name;
  std::function<Model()> layers;
  CompileOptions settings;
  std::function<Dataset(int64_t n)> data;

  Model make(uint64_t seed = 5) const {
    Model model = layers();
    model.compile(settings);
    model.initialize(seed);
    return model;
  }
};

// The same model with every layer in mixed_bfloat16.
inline SmallModel in_bfloat16(SmallModel subject) {
  const auto layers = subject.layers;
  subject.name += " in mixed_bfloat16";
  subject.layers = [layers] {
    Model model = layers();
    model.set_dtype_policy("mixed_bfloat16");
    return model;
  };
  return subject;
}

inline Spec classes_loss(bool from_logits) { return SparseCategoricalCrossentropy({.from_logits = from_logits}); }

inline SmallModel small_mlp() {
  return {"mlp",
          [] {
            return Sequential({Input({20}), Dense({.units = 24, .activation = "relu"}),
                               Dense({.units = 6, .activation = "softmax"})});
          },
          {.optimizer = Adam({.learning_rate = 0.01f}),
           .loss = classes_loss(false),
           .metrics = {"accuracy"},
           .weighted_metrics = {"accuracy"}},
          [](int64_t n) {
            return Dataset(waves({n, 20}, 0.1), labels(n, 6), sample_weights(n));
          }};
}

inline SmallModel small_cnn_dropout() {
  return {"cnn with dropout",
          [] {
            return Sequential(
                {Input({8, 8, 2}), Conv2D({.filters = 8, .kernel_size = 3, .padding = "same", .activation = "relu"}),
                 MaxPooling2D(), Dropout(0.3), Conv2D({.filters = 8, .kernel_size = 3, .activation = "relu"}),
                 Flatten(), Dropout(0.5), Dense({.units = 5})});
          },
          {.optimizer = SGD({.learning_rate = 0.05f, .momentum = 0.9f, .nesterov = true, .common = {.clipnorm = 1.0f}}),
           .loss = classes_loss(true),
           .metrics = {"accuracy"}},
          [](int64_t n) {
            return Dataset(waves({n, 8, 8, 2}, 0.2), labels(n, 5));
          }};
}

inline Model normalised_cnn(int64_t ghost) {
  return Sequential({Input({8, 8, 2}), Conv2D({.filters = 8, .kernel_size = 3, .padding = "same"}),
                     BatchNormalization({.ghost = ghost}), ReLU(),
                     Conv2D({.filters = 8, .kernel_size = 3, .padding = "same"}), BatchNormalization({.ghost = ghost}),
                     ReLU(), GlobalAveragePooling2D(), Dense({.units = 5})});
}

inline SmallModel small_cnn_exact() {
  return {"cnn with exact batch statistics",
          [] { return normalised_cnn(0); },
          {.optimizer = RMSprop({.learning_rate = 0.002f, .momentum = 0.5f}),
           .loss = classes_loss(true),
           .metrics = {"accuracy"}},
          [](int64_t n) {
            return Dataset(waves({n, 8, 8, 2}, 0.3), labels(n, 5));
          }};
}

inline SmallModel small_cnn_ghost() {
  return {"cnn with ghost batch statistics",
          [] { return normalised_cnn(4); },
          {.optimizer = AdamW({.learning_rate = 0.005f}), .loss = classes_loss(true)},
          [](int64_t n) {
            return Dataset(waves({n, 8, 8, 2}, 0.4), labels(n, 5));
          }};
}

// Deep enough that what is computed again may be chosen block by block.
inline SmallModel small_residual() {
  const auto layers = [] {
    const Symbol input = Input({8, 8, 2});
    Symbol x = Conv2D({.filters = 8, .kernel_size = 3, .padding = "same"})(input);
    for (int block = 0; block < 6; ++block) {
      Symbol y = Activation("relu")(BatchNormalization()(x));
      y = Conv2D({.filters = 8, .kernel_size = 3, .padding = "same"})(y);
      y = Activation("relu")(BatchNormalization()(y));
      x = Add()({x, Conv2D({.filters = 8, .kernel_size = 3, .padding = "same"})(Dropout({.rate = 0.1})(y))});
    }
    return Model(input, Dense({.units = 5})(GlobalAveragePooling2D()(x)));
  };
  return {"deep residual network",
          layers,
          {.optimizer = Adam({.learning_rate = 0.005f}), .loss = classes_loss(true)},
          [](int64_t n) {
            return Dataset(waves({n, 8, 8, 2}, 0.5), labels(n, 5));
          }};
}

// A residual graph of two inputs and two outputs, with a layer that is used twice.
inline SmallModel small_graph() {
  const auto layers = [] {
    const Symbol left = Input({12}), right = Input({12});
    const LayerRef shared = Dense({.units = 16, .activation = "tanh"});
    const Symbol a = shared(left), b = shared(right);
    Symbol x = Add()({a, b});
    x = Add()({x, Dense({.units = 16, .activation = "relu"})(LayerNormalization()(x))});
    const Symbol all = Concatenate()({x, a});
    return Model(std::vector{left, right},
                 std::vector{Dense({.units = 4, .activation = "softmax"})(all), Dense({.units = 1})(x)});
  };
  return {"graph",
          layers,
          {.optimizer = Nadam({.learning_rate = 0.01f}),
           .losses = {classes_loss(false), "mean_squared_error"},
           .loss_weights = {1.0, 0.3}},
          [](int64_t n) {
            return Dataset({waves({n, 12}, 0.5), waves({n, 12}, 1.5)}, {labels(n, 4), waves({n, 1}, 2.5)},
                           {sample_weights(n)});
          }};
}

inline SmallModel small_frozen() {
  const auto layers = [] {
    Model model = Sequential({Input({8, 8, 1}), Conv2D({.filters = 4, .kernel_size = 3, .activation = "relu"}),
                              BatchNormalization(), Flatten(), Dense({.units = 3})});
    model.layer("conv2d")->set_trainable(false);
    model.layer("batch_normalization")->set_trainable(false);
    return model;
  };
  return {
      "frozen",
      layers,
      {.optimizer = Adagrad({.learning_rate = 0.05f, .common = {.global_clipnorm = 0.5f}}), .loss = classes_loss(true)},
      [](int64_t n) {
        return Dataset(waves({n, 8, 8, 1}, 0.6), labels(n, 3), sample_weights(n));
      }};
}

inline SmallModel small_penalised() {
  const auto layers = [] {
    return Sequential({Input({15}),
                       Dense({.units = 20,
                              .activation = "relu",
                              .kernel_regularizer = regularizers::L2(0.01f),
                              .activity_regularizer = regularizers::L2(0.001f)}),
                       Dropout(0.2), Dense({.units = 3, .kernel_regularizer = regularizers::L1L2(0.001f, 0.002f)})});
  };
  return {"penalised",
          layers,
          {.optimizer = Lion({.learning_rate = 0.002f, .common = {.use_ema = true, .ema_momentum = 0.9f}}),
           .loss = "mean_squared_error",
           .metrics = {"mae"}},
          [](int64_t n) {
            return Dataset(waves({n, 15}, 0.7), waves({n, 3}, 1.7));
          }};
}

// A loss over the whole batch, weights that are constrained and penalised as a whole, an optimizer that looks at norms.
inline SmallModel small_coupled() {
  const auto layers = [] {
    return Sequential(
        {Input({8, 8, 2}), Conv2D({.filters = 6, .kernel_size = 3, .activation = "relu"}), Flatten(),
         make_layer(Spec(
             "Dense", Config::object({{"units", 10},
                                      {"kernel_constraint", config_of(constraints::MaxNorm(1.0f))},
                                      {"kernel_regularizer", config_of(regularizers::OrthogonalRegularizer(0.1f))}}))),
         Dense({.units = 4, .activation = "softmax"})});
  };
  return {"coupled",
          layers,
          {.optimizer = Lamb({.learning_rate = 0.01f}),
           .loss = Dice(),
           .metrics = {metrics::AUC(), metrics::F1Score(), metrics::R2Score()}},
          [](int64_t n) {
            Array y(DType::Float32, {n, 4});
            for (int64_t i = 0; i < n; ++i) y.data<float>()[i * 4 + (i * i + i / 5) % 4] = 1;
            return Dataset(waves({n, 8, 8, 2}, 0.8), y);
          }};
}

}  // namespace batchwise

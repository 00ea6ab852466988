// Builders of Keras's losses: bw::Huber({.delta = 0.5f}).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/config.h>

namespace batchwise {

struct LossOptions {
  std::string reduction = "sum_over_batch_size";  // or "sum", "mean", "mean_with_sample_weight", "none"
  std::string name;                               // empty: Keras's
};

struct HuberOptions {
  float delta = 1;
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

struct CosineSimilarityOptions {
  int64_t axis = -1;  // counted with the batch, as in Keras; 0: one value per feature, over the whole batch
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

struct BinaryCrossentropyOptions {
  bool from_logits = false;
  float label_smoothing = 0;
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

struct CategoricalCrossentropyOptions {
  bool from_logits = false;
  float label_smoothing = 0;
  int64_t axis = -1;
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

struct SparseCategoricalCrossentropyOptions {
  bool from_logits = false;
  std::optional<int64_t> ignore_class;  // left out of sums and means
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

struct BinaryFocalCrossentropyOptions {
  bool apply_class_balancing = false;
  float alpha = 0.25f, gamma = 2;
  bool from_logits = false;
  float label_smoothing = 0;
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

struct CategoricalFocalCrossentropyOptions {
  float alpha = 0.25f, gamma = 2;
  bool from_logits = false;
  float label_smoothing = 0;
  int64_t axis = -1;
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

struct CategoricalGeneralizedCrossEntropyOptions {
  float q = 0.5f;  // in (0, 1)
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

// `axis` counts the batch as 0; nothing: all axes, one value for the whole batch however it is cut into grains.
struct DiceOptions {
  std::optional<std::vector<int64_t>> axis;
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

struct TverskyOptions {
  float alpha = 0.5f, beta = 0.5f;
  std::optional<std::vector<int64_t>> axis;
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

struct CircleOptions {
  float gamma = 80, margin = 0.4f;
  bool remove_diagonal = true;
  std::string reduction = "sum_over_batch_size";
  std::string name;
};

Spec MeanSquaredError(const LossOptions& options = {});
Spec MeanAbsoluteError(const LossOptions& options = {});
Spec MeanAbsolutePercentageError(const LossOptions& options = {});
Spec MeanSquaredLogarithmicError(const LossOptions& options = {});
Spec Huber(const HuberOptions& options = {});
Spec LogCosh(const LossOptions& options = {});
Spec Poisson(const LossOptions& options = {});
Spec KLDivergence(const LossOptions& options = {});
Spec Hinge(const LossOptions& options = {});
Spec SquaredHinge(const LossOptions& options = {});
Spec CategoricalHinge(const LossOptions& options = {});
Spec CosineSimilarity(const CosineSimilarityOptions& options = {});
Spec BinaryCrossentropy(const BinaryCrossentropyOptions& options = {});
Spec CategoricalCrossentropy(const CategoricalCrossentropyOptions& options = {});
Spec SparseCategoricalCrossentropy(const SparseCategoricalCrossentropyOptions& options = {});
Spec BinaryFocalCrossentropy(const BinaryFocalCrossentropyOptions& options = {});
Spec CategoricalFocalCrossentropy(const CategoricalFocalCrossentropyOptions& options = {});
Spec CategoricalGeneralizedCrossEntropy(const CategoricalGeneralizedCrossEntropyOptions& options = {});
Spec Dice(const DiceOptions& options = {});
Spec Tversky(const TverskyOptions& options = {});
Spec Circle(const CircleOptions& options = {});
Spec CTC(const LossOptions& options = {});

}  // namespace batchwise

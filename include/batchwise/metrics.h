// Builders of Keras's metrics: bw::metrics::AUC({.curve = "PR"}). Names such as "accuracy" or "mae" need no builder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/config.h>

namespace batchwise::metrics {

struct NameOptions {
  std::string name;
};  // empty: Keras's
struct BinaryAccuracyOptions {
  float threshold = 0.5f;
  std::string name;
};
struct TopKOptions {
  int64_t k = 5;
  std::string name;
};
struct CrossentropyOptions {
  bool from_logits = false;
  float label_smoothing = 0;
  std::string name;
};
struct SparseCrossentropyOptions {
  bool from_logits = false;
  std::string name;
};
struct ThresholdOptions {
  float threshold = 0.5f;
  std::string name;
};

struct ConfusionOptions {
  std::optional<float> threshold;  // 0.5, or none with top_k
  std::optional<int64_t> top_k, class_id;
  std::string name;
};

struct AUCOptions {
  int64_t num_thresholds = 200;
  std::string curve = "ROC";                       // or "PR"
  std::string summation_method = "interpolation";  // or "minoring", "majoring"
  std::vector<float> thresholds;                   // instead of num_thresholds
  bool from_logits = false;
  std::string name;
};

Spec Accuracy(const NameOptions& options = {});
Spec BinaryAccuracy(const BinaryAccuracyOptions& options = {});
Spec CategoricalAccuracy(const NameOptions& options = {});
Spec SparseCategoricalAccuracy(const NameOptions& options = {});
Spec TopKCategoricalAccuracy(const TopKOptions& options = {});
Spec SparseTopKCategoricalAccuracy(const TopKOptions& options = {});
Spec MeanSquaredError(const NameOptions& options = {});
Spec RootMeanSquaredError(const NameOptions& options = {});
Spec MeanAbsoluteError(const NameOptions& options = {});
Spec MeanAbsolutePercentageError(const NameOptions& options = {});
Spec MeanSquaredLogarithmicError(const NameOptions& options = {});
Spec CosineSimilarity(const NameOptions& options = {});
Spec LogCoshError(const NameOptions& options = {});
Spec Hinge(const NameOptions& options = {});
Spec SquaredHinge(const NameOptions& options = {});
Spec CategoricalHinge(const NameOptions& options = {});
Spec KLDivergence(const NameOptions& options = {});
Spec Poisson(const NameOptions& options = {});
Spec BinaryCrossentropy(const CrossentropyOptions& options = {});
Spec CategoricalCrossentropy(const CrossentropyOptions& options = {});
Spec SparseCategoricalCrossentropy(const SparseCrossentropyOptions& options = {});
Spec Precision(const ConfusionOptions& options = {});
Spec Recall(const ConfusionOptions& options = {});
Spec TruePositives(const ThresholdOptions& options = {});
Spec TrueNegatives(const ThresholdOptions& options = {});
Spec FalsePositives(const ThresholdOptions& options = {});
Spec FalseNegatives(const ThresholdOptions& options = {});
Spec AUC(const AUCOptions& options = {});

}  // namespace batchwise::metrics

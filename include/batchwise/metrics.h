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
// With `thresholds`, the metric gives a number for each: "recall_0", "recall_1", ... in logs.
struct ThresholdOptions {
  float threshold = 0.5f;
  std::vector<float> thresholds;
  std::string name;
};

struct ConfusionOptions {
  std::optional<float> threshold;  // 0.5, or none with top_k
  std::vector<float> thresholds;
  std::optional<int64_t> top_k, class_id;
  std::string name;
};

struct AUCOptions {
  int64_t num_thresholds = 200;
  std::string curve = "ROC";                       // or "PR", "PRGAIN"
  std::string summation_method = "interpolation";  // or "minoring", "majoring"
  std::vector<float> thresholds;                   // instead of num_thresholds
  bool multi_label = false;                        // the mean of a curve for each label
  std::vector<float> label_weights;
  bool from_logits = false;
  std::string name;
};

struct BestAtOptions {
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id;
  std::string name;
};

// `average`: "micro", "macro", "weighted", or empty for a number of each class ("f1_score_0", ... in logs).
struct FBetaOptions {
  std::string average;
  float beta = 1;
  std::optional<float> threshold;  // nothing: the class of the greatest score is the predicted one
  std::string name;
};
struct F1Options {
  std::string average;
  std::optional<float> threshold;
  std::string name;
};

struct IoUOptions {
  int64_t num_classes = 0;
  std::optional<int64_t> ignore_class;
  std::optional<bool> sparse_y_true, sparse_y_pred;  // false: a score for each class instead of a class
  std::string name;
};
struct BinaryIoUOptions {
  std::vector<int64_t> target_class_ids = {0, 1};
  float threshold = 0.5f;
  std::string name;
};

struct R2Options {
  std::string class_aggregation = "uniform_average";  // "variance_weighted_average"; empty: a number of each output
  int64_t num_regressors = 0;
  std::string name;
};
struct AxisOptions {
  int64_t axis = -1;
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
Spec SensitivityAtSpecificity(float specificity, const BestAtOptions& options = {});
Spec SpecificityAtSensitivity(float sensitivity, const BestAtOptions& options = {});
Spec PrecisionAtRecall(float recall, const BestAtOptions& options = {});
Spec RecallAtPrecision(float precision, const BestAtOptions& options = {});
Spec FBetaScore(const FBetaOptions& options = {});
Spec F1Score(const F1Options& options = {});
Spec IoU(const std::vector<int64_t>& target_class_ids, const IoUOptions& options);
Spec MeanIoU(const IoUOptions& options);
Spec BinaryIoU(const BinaryIoUOptions& options = {});
Spec OneHotIoU(const std::vector<int64_t>& target_class_ids, const IoUOptions& options);
Spec OneHotMeanIoU(const IoUOptions& options);
Spec R2Score(const R2Options& options = {});
Spec PearsonCorrelation(const AxisOptions& options = {});
Spec ConcordanceCorrelation(const AxisOptions& options = {});

}  // namespace batchwise::metrics

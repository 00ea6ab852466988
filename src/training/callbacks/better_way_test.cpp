// Which way is better follows from a metric's own word, whatever stands around its name in logs.
#include "training/callbacks/better_way.h"

#include <gtest/gtest.h>

#include <batchwise/callbacks.h>
#include <batchwise/error.h>

namespace batchwise {
namespace {

TEST(BetterWay, OfEveryRegisteredMetricIsKnownByAllItsNames) {
  const auto& registry = Registry<Metric>::instance();
  ASSERT_GT(registry.names().size(), 30u);
  for (const std::string& word : registry.names_and_aliases()) {
    const auto metric = registry.make(Spec(word, registry.find(word)->examples.front()), "metric");
    const auto* named = dynamic_cast<const NamedMetric*>(metric.get());
    ASSERT_NE(named, nullptr) << word;
    for (const std::string& name : {word, named->name()})
      for (const std::string& log : {name, "val_" + name, "val_head_" + name, name + "_0", name + "_1_2"})
        EXPECT_EQ(better_way(log), named->better()) << log;
  }
}

TEST(BetterWay, IsLargerForShareOfWhatIsRightAndSmallerForErrors) {
  for (const char* log : {"accuracy", "val_acc", "io_u", "val_mean_io_u", "binary_io_u", "one_hot_io_u", "f1_score_0",
                          "accuracy_1", "weighted_auc_2", "pearson_correlation", "concordance_correlation",
                          "sensitivity_at_specificity", "specificity_at_sensitivity", "true_positives",
                          "true_negatives", "r2_score", "cosine_similarity", "top_k_categorical_accuracy"})
    EXPECT_EQ(better_way(log), Better::Larger) << log;
  for (const char* log : {"loss", "val_loss", "digit_loss", "mae", "root_mean_squared_error", "false_positives",
                          "val_false_negatives_1", "crossentropy", "kl_divergence", "hinge"})
    EXPECT_EQ(better_way(log), Better::Smaller) << log;
}

TEST(BetterWay, OfOtherNamesIsNotGuessed) {
  for (const char* log : {"", "_", "1", "learning_rate", "score", "precisions", "allowance", "inaccuracy"})
    EXPECT_FALSE(better_way(log).has_value()) << log;
}

TEST(BetterWay, OfTwoValuesOneIsBetterWhereTheNameTells) {
  EXPECT_TRUE(is_better("val_accuracy", 2, 1));
  EXPECT_FALSE(is_better("val_accuracy", 1, 1));
  EXPECT_TRUE(is_better("val_loss", 1, 2));
  EXPECT_FALSE(is_better("score", 1, 2) || is_better("score", 2, 1));
}

TEST(Monitor, RefusesToGuessAndTakesWhatItIsTold) {
  try {
    Monitor("score", "auto", 0, "EarlyStopping");
    ADD_FAILURE() << "a way was guessed";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "[EarlyStopping] mode auto needs the name of a loss or of a metric that says which way is better. Got "
              "\"score\". Give mode min or max.");
  }
  EXPECT_TRUE(Monitor("score", "max", 0, "EarlyStopping").better(2, 1));
  EXPECT_TRUE(Monitor("score", "min", 0, "EarlyStopping").better(1, 2));
  EXPECT_TRUE(Monitor("accuracy", "min", 0, "EarlyStopping").better(1, 2));
}

}  // namespace
}  // namespace batchwise

// Test support: small runs whose every step is known, to tell what a failed run must leave behind.
#pragma once

#include <atomic>
#include <cstring>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {

// Weights, iterations and, after the first update, everything the optimizer remembers: equal exactly when the bits are.
inline std::string state_of(const Model& model) {
  std::string state;
  const auto put = [&](const void* data, size_t bytes) { state.append(static_cast<const char*>(data), bytes); };
  for (const Array& weight : model.get_weights()) put(weight.raw(), static_cast<size_t>(weight.bytes()));
  const OptimizerState& optimizer = model.optimizer_state();
  put(&optimizer.iterations, 8);
  if (optimizer.iterations == 0) return state;
  put(&optimizer.samples, 8);
  for (const auto& [name, values] : optimizer.slots) put(values.data(), values.size() * 4);
  return state;
}

// Throws at the n-th fetch counted over all lanes.
class FailingSource final : public Source {
 public:
  FailingSource(Array x, Array y, int64_t resident) : x_(std::move(x)), y_(std::move(y)), resident_(resident) {
    columns_ = {{"x", x_.shape().without_batch(), x_.dtype()}, {"y", y_.shape().without_batch(), y_.dtype()}};
  }
  int64_t size() const override { return x_.rows(); }
  const std::vector<Column>& columns() const override { return columns_; }
  int64_t resident_bytes() const override { return resident_; }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    if (left > 0 && left.fetch_sub(1) == 1) throw std::runtime_error("the disk is gone");
    const Array& from = column == 0 ? x_ : y_;
    const size_t bytes = static_cast<size_t>(from.bytes() / from.rows());
    for (size_t r = 0; r < rows.size(); ++r)
      std::memcpy(static_cast<std::byte*>(out) + r * bytes, from.raw() + static_cast<size_t>(rows[r]) * bytes, bytes);
  }
  mutable std::atomic<int64_t> left{0};

 private:
  Array x_, y_;
  int64_t resident_;
  std::vector<Column> columns_;
};

enum class Net { Mlp, Cnn };

struct FailingRun : testing::Test {
  static constexpr int64_t kSamples = 44, kBatch = 10, kEpochs = 2,
                           kSteps = 10;  // 5 steps per epoch, the last of 4 samples

  void SetUp() override {
    folder = testing::TempDir() + "batchwise_failing_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::mt19937 random(5);
    std::vector<float> values(kSamples * 36);
    std::vector<int32_t> labels(kSamples);
    for (float& value : values) value = static_cast<float>(random() % 2001) / 1000.0f - 1;
    for (int32_t& label : labels) label = static_cast<int32_t>(random() % 3);
    x = Array::from(values, {kSamples, 6, 6, 1});
    y = Array::from(labels, {kSamples});
    source = std::make_shared<FailingSource>(x, y, 1);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  static Model make(Net net) {
    Model model = net == Net::Mlp
                      ? Sequential({Input({6, 6, 1}), Flatten(), Dense({.units = 8, .activation = "relu"}),
                                    Dropout(0.25), Dense({.units = 3})})
                      : Sequential({Input({6, 6, 1}), Conv2D({.filters = 4, .kernel_size = 3}), BatchNormalization(),
                                    ReLU(), Dropout(0.25), Flatten(), Dense({.units = 3})});
    model.compile({.optimizer = net == Net::Mlp ? SGD({.learning_rate = 0.05f, .momentum = 0.9f})
                                                : Adam({.learning_rate = 1e-2f}),
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
    model.initialize(3);
    return model;
  }
  static FitOptions options(int lanes = 2) {
    FitOptions o;
    o.batch_size = kBatch;
    o.epochs = kEpochs;
    o.memory = MiB(512);
    o.lanes = lanes;
    o.grain = 2;
    o.seed = 21;
    o.verbose = 0;
    return o;
  }
  FitOptions with_checkpoints(int lanes = 2) const {
    FitOptions o = options(lanes);
    o.checkpoint.directory = folder;
    o.checkpoint.every_steps = 1;
    return o;
  }

  // What a run stopped after each number of steps leaves; the last is that of the whole run.
  std::vector<std::string> states(Net net, const Dataset& data) {
    struct Stop final : Callback {
      int64_t left = 0;
      void on_train_batch_end(int64_t, const Logs&, RunControl& run) override {
        if (--left == 0) run.stop();
      }
    };
    std::vector<std::string> all;
    {
      const Model model = make(net);
      all.push_back(state_of(model));
    }
    for (int64_t steps = 1; steps <= kSteps; ++steps) {
      Model model = make(net);
      auto stop = std::make_shared<Stop>();
      stop->left = steps;
      FitOptions o = options();
      o.callbacks = {stop};
      model.fit(data, o);
      all.push_back(state_of(model));
      EXPECT_EQ(model.optimizer_state().iterations, steps);
    }
    return all;
  }

  std::string folder;
  Array x, y;
  std::shared_ptr<FailingSource> source;
};

}  // namespace batchwise

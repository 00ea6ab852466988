// Memory that runs out at every single allocation of a run: an error, the model whole, and the next run as if nothing
// had been.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <new>
#include <thread>

#include <batchwise/data_loader.h>

#include "base/usable_cores.h"
#include "data/stages/read_ahead.h"
#include "tests/failing_run.h"

namespace {

std::atomic<int64_t> allocations_left{0};  // 0: none fails
std::atomic<int64_t> allocations{0};

void* allocate(std::size_t size, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (allocations_left.load(std::memory_order_relaxed) > 0 && allocations_left.fetch_sub(1) == 1)
    throw std::bad_alloc();
  void* at = alignment > alignof(std::max_align_t)
                 ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                 : std::malloc(size > 0 ? size : 1);
  if (!at) throw std::bad_alloc();
  return at;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, 1); }
void* operator new[](std::size_t size) { return allocate(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return allocate(size, 1);
  } catch (const std::bad_alloc&) { return nullptr; }
}
void* operator new[](std::size_t size, const std::nothrow_t& nothrow) noexcept { return operator new(size, nothrow); }
void operator delete(void* at, const std::nothrow_t&) noexcept { std::free(at); }
void operator delete[](void* at, const std::nothrow_t&) noexcept { std::free(at); }
void operator delete(void* at) noexcept { std::free(at); }
void operator delete[](void* at) noexcept { std::free(at); }
void operator delete(void* at, std::size_t) noexcept { std::free(at); }
void operator delete[](void* at, std::size_t) noexcept { std::free(at); }
void operator delete(void* at, std::align_val_t) noexcept { std::free(at); }
void operator delete[](void* at, std::align_val_t) noexcept { std::free(at); }
void operator delete(void* at, std::size_t, std::align_val_t) noexcept { std::free(at); }
void operator delete[](void* at, std::size_t, std::align_val_t) noexcept { std::free(at); }

namespace batchwise {
namespace {

struct FailingAllocation : FailingRun {
  // Lets the `at`-th allocation of `work` fail. False: there was none.
  template <class Work>
  static bool fails_at(int64_t at, const Work& work) {
    allocations_left = at;
    try {
      work();
    } catch (const std::bad_alloc&) {
    } catch (const Error& error) { EXPECT_TRUE(std::string(error.what()).starts_with("[")) << error.what(); }
    return allocations_left.exchange(0) <= 0;
  }
};

TEST_F(FailingAllocation, AtAnyPointOfFitLeavesACompletedStep) {
  const Dataset data(source, 1, 1);
  for (const Net net : {Net::Mlp, Net::Cnn}) {
    const std::vector<std::string> states = this->states(net, data);
    int64_t at = 1, during_steps = 0, failures = 0;
    for (;; at += net == Net::Mlp ? 1 : 1 + at % 9) {  // the longer run at every fifth or so
      SCOPED_TRACE("allocation " + std::to_string(at));
      Model model = make(net);
      FitOptions o = options(3);
      o.validation_data = data;
      const bool failed = fails_at(at, [&] { model.fit(data, o); });
      ASSERT_TRUE(model.initialized()) << "the weights are gone";
      const int64_t steps = model.optimizer_state().iterations;
      ASSERT_TRUE(steps >= 0 && steps <= kSteps);
      EXPECT_TRUE(state_of(model) == states[static_cast<size_t>(steps)]) << "not the state after " << steps << " steps";
      if (!failed) break;
      ++failures;
      during_steps += steps > 0 && steps < kSteps;
      if (steps > 0) continue;
      model.fit(data, o);
      EXPECT_TRUE(state_of(model) == states.back());
      if (HasFailure()) return;
    }
    std::cout << "  " << failures << " allocations failed, " << during_steps
              << " of them between the first step and the last\n";
    EXPECT_GT(at, 300);
  }
}

TEST_F(FailingAllocation, AtAnyPointOfARunWithCheckpointsIsResumedToTheSameBits) {
  const Dataset data(source, 1, 1);
  const std::vector<std::string> states = this->states(Net::Cnn, data);
  int64_t failures = 0;
  for (int64_t at = 1;; at += 3 + at % 17) {
    SCOPED_TRACE("allocation " + std::to_string(at));
    std::filesystem::remove_all(folder);
    FitOptions o = with_checkpoints();
    o.checkpoint.every_steps = 4;
    Model model = make(Net::Cnn);
    if (!fails_at(at, [&] { model.fit(data, o); })) break;
    ++failures;
    o.checkpoint.resume = true;
    Model resumed = make(Net::Cnn);
    const bool failed_again = fails_at(at, [&] { resumed.fit(data, o); });
    ASSERT_TRUE(resumed.initialized());
    if (failed_again) {
      resumed = make(Net::Cnn);
      resumed.fit(data, o);
    }
    EXPECT_TRUE(state_of(resumed) == states.back());
    if (HasFailure()) return;
  }
  EXPECT_GT(failures, 100);
}

TEST_F(FailingAllocation, InSaveLoadEvaluateAndPredictHarmsNothing) {
  const Dataset data(source, 1, 1);
  Model model = make(Net::Cnn);
  model.fit(data, options());
  const std::string before = state_of(model), path = folder + ".keras";
  EvaluateOptions evaluate;
  evaluate.memory = MiB(64);
  PredictOptions predict;
  predict.memory = MiB(64);
  model.save(path);
  int64_t failures = 0;
  const auto each = [&](const auto& work) {
    for (int64_t at = 1;; at += 1 + at / 40) {
      SCOPED_TRACE("allocation " + std::to_string(at));
      const bool failed = fails_at(at, work);
      EXPECT_TRUE(state_of(model) == before);
      failures += failed;
      if (!failed || HasFailure()) return;
    }
  };
  each([&] { model.evaluate(data, evaluate); });
  each([&] { model.predict(data, predict); });
  each([&] { Model::load(path); });
  EXPECT_TRUE(state_of(Model::load(path)).starts_with(before.substr(0, 400)));
  each([&] { model.save(path); });
  EXPECT_TRUE(state_of(Model::load(path)).starts_with(before.substr(0, 400)));
  std::filesystem::remove(path);
  EXPECT_GT(failures, 200);
}

// In workers nobody but the one who asks could catch it.
TEST_F(FailingAllocation, InALoaderIsThrownToTheOneWhoAsks) {
  const auto first_of = [](const std::vector<Element>& samples) { return samples.front(); };
  const Dataset numbers = Dataset::range(60);
  const Dataset rows(Array::from(std::vector<float>(60 * 3, 1.0f), {60, 3}));  // their batches' memory is used again
  for (const int64_t workers : {int64_t{1}, int64_t{3}, kAutotune})
    for (const bool collated : {false, true})
      for (const Dataset& data : {numbers, rows}) {
        DataLoaderOptions options{.batch_size = 4, .num_workers = workers, .prefetch_factor = 5};
        if (collated) options.collate = first_of;
        int64_t failures = 0;
        for (int64_t at = 1; at < 3000; ++at) {
          SCOPED_TRACE("allocation " + std::to_string(at));
          const DataLoader loader(data, options);  // with no memory of batches yet
          int64_t batches = 0;
          const bool failed = fails_at(at, [&] {
            for (auto batch = loader.begin(); batch != loader.end(); ++batch) ++batches;
          });
          failures += failed;
          if (failed) continue;
          EXPECT_EQ(batches, 15);
          break;
        }
        EXPECT_GT(failures, 30);
      }
}

// A worker more is an offer: the element that was asked for is handed over all the same.
TEST_F(FailingAllocation, WhereAWorkerIsAddedLosesNoElement) {
  for (int64_t at = 1; at < 100; ++at) {
    SCOPED_TRACE("allocation " + std::to_string(at));
    StageMeter meter("slow");
    int64_t left = 40;
    ReadAhead ahead(
        [&](Element&, int64_t) {
          std::this_thread::sleep_for(std::chrono::microseconds(300));
          return left-- > 0;
        },
        [](Element element, int64_t) { return element; }, kAutotune, kAutotune, meter);
    int64_t elements = 0;
    const bool failed = fails_at(at, [&] {
      for (Element element; ahead.next(element);) ++elements;
    });
    EXPECT_EQ(elements, 40);
    if (!failed) {
      EXPECT_GT(at, usable_cores() > 1 ? 1 : 0) << "nothing was allocated";
      return;
    }
  }
}

// Counted from the third batch on: the first makes what is kept, and logs get their names.
TEST_F(FailingAllocation, IsNotPossibleInSteps) {
  struct Counter final : Callback {
    std::vector<int64_t> seen;
    Counter() { seen.reserve(64); }
    void on_train_batch_end(int64_t, const Logs&, RunControl&) override { seen.push_back(allocations.load()); }
  };
  for (const Net net : {Net::Mlp, Net::Cnn}) {
    Model model = make(net);
    auto counter = std::make_shared<Counter>();
    FitOptions o = options(3);
    o.callbacks = {counter};
    model.fit(Dataset(source, 1, 1), o);
    ASSERT_EQ(counter->seen.size(), static_cast<size_t>(kSteps));
    for (size_t step : {2, 3, 4, 7, 8, 9}) EXPECT_EQ(counter->seen[step], counter->seen[step - 1]) << "step " << step;
  }
}

}  // namespace
}  // namespace batchwise

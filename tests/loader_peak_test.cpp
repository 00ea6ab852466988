// The peak of a process that trains from a folder does not grow with the loader's batch: a child process for each tells
// it.
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "plan/budget.h"
#include "tests/child_process.h"

namespace batchwise {
namespace {

// The pixels of the largest loader batch would take 216 MiB.
constexpr int64_t kSide = 96, kTimes = 29, kLargest = 2048;

std::string self;  // this program

Dataset brought(const Dataset& photos, const std::string& form, int64_t loader_batch) {
  if (form == "loader") return DataLoader(photos, {.batch_size = loader_batch, .num_workers = kAutotune});
  if (form == "batches") return photos.batch(loader_batch).prefetch();
  return photos.filter([](const Element&) { return true; }).batch(loader_batch).prefetch();  // "stream"
}

// The child: trains, and prints numbers by name.
int train(const std::string& form, int64_t loader_batch) {
  const Dataset photos =
      image_dataset_from_directory(std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder/photos",
                                   {.image_size = {kSide, kSide}})
          .repeat(kTimes);
  Model model = Sequential({Input({kSide, kSide, 3}), Conv2D({.filters = 4, .kernel_size = 3, .strides = 4}),
                            GlobalAveragePooling2D(), Dense({.units = 3})});
  model.compile(
      {.optimizer = SGD({.learning_rate = 1e-6f}), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  FitOptions options;
  options.batch_size = 64;
  options.memory = MiB(160);
  options.verbose = 0;
  const History history = model.fit(brought(photos, form, loader_batch), options);
  std::cout << "samples " << photos.size() << "\nplan " << history.plan.peak_bytes << "\nmeasured "
            << process_memory().peak << "\n";
  return 0;
}

std::map<std::string, int64_t> told_by(const std::string& form, int64_t loader_batch) {
  const std::string scratch = testing::TempDir() + "/loader_peak_" + std::to_string(::getpid());
  std::filesystem::create_directories(scratch);
  const ChildResult result = Child(self, {"--train", form, std::to_string(loader_batch)}, scratch).wait();
  std::filesystem::remove_all(scratch);
  EXPECT_EQ(result.code, 0) << result.err;
  std::map<std::string, int64_t> numbers;
  std::istringstream lines(result.out);
  std::string name;
  for (int64_t number; lines >> name >> number;) numbers[name] = number;
  return numbers;
}

TEST(LoaderPeak, IsThePlansAndTheSameForAllLoaderBatches) {
  for (const char* form : {"loader", "batches", "stream"}) {
    int64_t least = 0;
    for (const int64_t loader_batch : {int64_t{1}, int64_t{32}, int64_t{256}, kLargest}) {
      const auto told = told_by(form, loader_batch);
      ASSERT_TRUE(told.contains("measured"));
      EXPECT_GE(told.at("samples"), kLargest);
      const int64_t measured = told.at("measured"), plan = told.at("plan");
      std::cout << form << ", loader batch " << loader_batch << ": plan " << show_byte_size(plan) << ", process "
                << show_byte_size(measured) << "\n";
      EXPECT_LE(static_cast<double>(measured), 1.02 * static_cast<double>(plan) + static_cast<double>(MiB(16)));
      least = least == 0 ? measured : std::min(least, measured);
      // malloc has arenas for threads, in which elements on their way leave gaps: with one arena for all
      // (MALLOC_ARENA_MAX=1) the processes differ by 1 MiB.
      EXPECT_LE(measured, least + MiB(8)) << form << " " << loader_batch;
    }
  }
}

}  // namespace
}  // namespace batchwise

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "--train") == 0) return batchwise::train(argv[2], std::stoll(argv[3]));
  batchwise::self = std::filesystem::read_symlink("/proc/self/exe").string();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

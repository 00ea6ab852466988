// The peak of the whole process against the plan: a child process per configuration trains and tells both.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

#include "model/builtin/builtin.h"
#include "plan/budget.h"
#include "tests/child_process.h"
#include "tests/small_models.h"

namespace batchwise {
namespace {

std::string self;  // this program

// Images and labels that are made where they are asked for, so that no data lies in memory.
class MadeImages final : public Source {
 public:
  MadeImages(Shape shape, int64_t size)
      : size_(size), columns_{{"x", shape, DType::UInt8}, {"y", Shape{}, DType::UInt8}} {}
  int64_t size() const override { return size_; }
  const std::vector<Column>& columns() const override { return columns_; }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    uint8_t* to = static_cast<uint8_t*>(out);
    const int64_t count = columns_[static_cast<size_t>(column)].shape.count();
    for (const int64_t row : rows)
      for (int64_t i = 0; i < count; ++i)
        *to++ = static_cast<uint8_t>(column == 1 ? row % 10 : (row * 31 + i * (1 + row % 10)) % 251);
  }

 private:
  int64_t size_;
  std::vector<Column> columns_;
};

struct Trial {
  std::string model = "mlp", optimizer = "adam", data = "streamed", limit = "none";
  int64_t batch_size = 32, samples = 100, memory = 0, lanes = 2, overhead = 0;
  bool profile = false;
  std::vector<std::string> words() const {
    return {"--train",
            model,
            optimizer,
            data,
            limit,
            std::to_string(batch_size),
            std::to_string(samples),
            std::to_string(memory),
            std::to_string(lanes),
            std::to_string(overhead),
            std::to_string(profile)};
  }
  std::string text() const {
    std::string text;
    for (const std::string& word : words()) text += word + " ";
    return text;
  }
};

Model made(const std::string& name, Shape& shape) {
  shape = {28, 28, 1};
  if (name == "mlp" || name == "cnn") return builtin_model(name).make({shape, DType::UInt8, 10});
  if (name == "resnet50") {
    shape = {64, 64, 3};
    return builtin_model(name).make({shape, DType::UInt8, 10});
  }
  const Symbol input = Input(shape, {.dtype = DType::UInt8});
  Symbol x = Rescaling({.scale = 1 / 255.0f})(input);
  if (name == "wide") {  // weights and little else
    x = Dense({.units = 3000, .activation = "relu"})(Flatten()(x));
    x = Dense({.units = 3000, .activation = "relu"})(x);
    return Model(input, Dense({.units = 10, .activation = "softmax"})(x));
  }
  for (int filters : {16, 32})
    x = ReLU()(BatchNormalization()(
        Conv2D({.filters = filters, .kernel_size = 3, .strides = 2, .padding = "same"})(x)));  // "exact"
  return Model(input, Dense({.units = 10, .activation = "softmax"})(GlobalAveragePooling2D()(x)));
}

// The child: trains as its words say, and prints numbers by name.
int train(char** words) {
  const std::string model_name = words[0], optimizer = words[1], form = words[2], limit = words[3];
  const int64_t batch_size = std::stoll(words[4]), samples = std::stoll(words[5]), memory = std::stoll(words[6]),
                lanes = std::stoll(words[7]), overhead = std::stoll(words[8]), profile = std::stoll(words[9]);
  Shape shape;
  Model model = made(model_name, shape);
  CompileOptions settings = builtin_compile_options(true);
  settings.optimizer = optimizer;
  model.compile(settings);
  Dataset data(std::make_shared<MadeImages>(shape, samples), 1, 1);
  if (form == "held") {
    const Batch all = data.read(0, samples);
    data = Dataset(all.x, all.y);
  }
  FitOptions options;
  options.batch_size = batch_size;
  options.memory = memory;
  options.lanes = static_cast<int>(lanes);
  options.verbose = 0;
  options.profile = profile != 0;
  if (limit != "none") {
    const bool addresses = limit.starts_with("RLIMIT_AS");
    const rlim_t bytes = static_cast<rlim_t>(memory + overhead);
    const rlimit both{bytes, bytes};
    if (::setrlimit(addresses ? RLIMIT_AS : RLIMIT_DATA, &both) != 0) return 3;
    if (limit.ends_with("found")) options.memory = 0;
  }
  try {
    const History history = model.fit(data, options);
    const Plan& plan = history.plan;
    std::cout << "peak " << plan.peak_bytes << "\nmeasured " << process_memory().peak << "\narena " << plan.arena_bytes
              << "\nlibrary " << plan.bytes[ByteClass::Library] << "\npipeline " << plan.bytes[ByteClass::Pipeline]
              << "\nsmallest " << plan.smallest_budget << "\nrecomputed " << plan.recomputed.size() << "\nlanes "
              << plan.lanes << "\ngrain " << plan.grain << "\nblocks " << plan.blocks << "\nsums " << plan.gradient_sums
              << "\n";
  } catch (const BudgetError& refused) {
    std::cout << "refused " << refused.smallest_budget << "\n";
  } catch (const std::exception& error) {
    std::cout << "failed 1\n";
    std::cerr << error.what() << "\n";
  }
  return 0;
}

std::map<std::string, int64_t> told_by(const Trial& trial) {
  const std::string scratch = testing::TempDir() + "/process_peak_" + std::to_string(::getpid());
  std::filesystem::create_directories(scratch);
  const ChildResult result = Child(self, trial.words(), scratch).wait();
  std::filesystem::remove_all(scratch);
  EXPECT_EQ(result.code, 0) << trial.text() << result.err;
  std::map<std::string, int64_t> numbers;
  std::istringstream lines(result.out);
  std::string name;
  for (int64_t number; lines >> name >> number;) numbers[name] = number;
  EXPECT_FALSE(numbers.contains("failed")) << trial.text() << result.err;
  return numbers;
}

void expect_truth(const Trial& trial, const std::map<std::string, int64_t>& told) {
  if (!told.contains("peak")) {
    ADD_FAILURE() << trial.text() << (told.contains("refused") ? "was refused" : "told nothing");
    return;
  }
  const double plan = static_cast<double>(told.at("peak")), measured = static_cast<double>(told.at("measured"));
  std::cout << trial.text() << ": plan " << show_byte_size(told.at("peak")) << ", process "
            << show_byte_size(told.at("measured")) << " (" << 100 * (measured / plan - 1) << " %), library "
            << show_byte_size(told.at("library")) << ", arena " << show_byte_size(told.at("arena")) << "\n";
  EXPECT_LE(measured, 1.02 * plan + static_cast<double>(MiB(16))) << trial.text();
  EXPECT_LE(plan, 1.10 * measured) << trial.text();
}

TEST(ProcessPeak, IsThePlansInRoomyMemory) {
  for (const char* model : {"mlp", "cnn", "exact"})
    for (const char* optimizer : {"sgd", "adam"})
      for (int64_t batch_size : {1, 64, 512, 2048}) {
        Trial trial{.model = model,
                    .optimizer = optimizer,
                    .batch_size = batch_size,
                    .samples = std::min<int64_t>(5 * batch_size / 2 + 1, 2500),
                    .memory = GiB(4)};
        expect_truth(trial, told_by(trial));
      }
}

TEST(ProcessPeak, IsThePlansWhereWeightsAreLarge) {
  for (const char* optimizer : {"sgd", "adam"})
    for (int64_t batch_size : {8, 300}) {
      const Trial trial{
          .model = "wide", .optimizer = optimizer, .batch_size = batch_size, .samples = 700, .memory = GiB(4)};
      expect_truth(trial, told_by(trial));
    }
  const Trial deep{.model = "resnet50", .batch_size = 4, .samples = 9, .memory = GiB(8)};
  expect_truth(deep, told_by(deep));
}

TEST(ProcessPeak, IsThePlansWhereDataIsHeld) {
  const Trial trial{.model = "mlp", .data = "held", .batch_size = 512, .samples = 60000, .memory = GiB(4)};
  expect_truth(trial, told_by(trial));
}

TEST(ProcessPeak, IsThePlansWhereAProfileIsTaken) {
  for (int64_t batch_size : {32, 512}) {
    Trial trial{.model = "mlp", .batch_size = batch_size, .samples = 1500, .memory = GiB(4)};
    const auto plain = told_by(trial);
    trial.profile = true;
    const auto profiled = told_by(trial);
    expect_truth(trial, profiled);
    // Where the machine is measured: 1 MiB of each lane; and what its clock keeps of 2^14 calls of each.
    EXPECT_GE(profiled.at("library"), plain.at("library") + MiB(2)) << trial.text();
    EXPECT_LE(profiled.at("library"), plain.at("library") + MiB(4)) << trial.text();
  }
}

TEST(ProcessPeak, IsThePlansInTheSmallestBudgetWhichIsEnough) {
  for (const char* model : {"mlp", "cnn", "exact", "wide"})
    for (int64_t batch_size : {32, 1000}) {
      Trial trial{.model = model, .batch_size = batch_size, .samples = 1500, .memory = 1};
      const auto refused = told_by(trial);
      ASSERT_TRUE(refused.contains("refused")) << trial.text();
      trial.memory = parse_byte_size(byte_size_option(refused.at("refused")));  // as the message names it
      expect_truth(trial, told_by(trial));
      trial.memory = refused.at("refused");
      expect_truth(trial, told_by(trial));
    }
}

TEST(ProcessPeak, DoesNotGrowWithTheBatchWithoutBatchStatistics) {
  for (const char* model : {"mlp", "cnn"}) {
    Trial trial{.model = model, .batch_size = 512, .samples = 8192 + 700, .memory = GiB(1)};
    const auto small = told_by(trial);
    trial.batch_size = 8192;
    const auto large = told_by(trial);
    expect_truth(trial, large);
    // The process around differs by up to 1 MiB from run to run, whatever it trains; 7,680 samples more are at least 6
    // MB.
    const auto own = [](const auto& told) { return told.at("peak") - told.at("library"); };
    EXPECT_LE(static_cast<double>(own(large) - own(small)), 0.01 * static_cast<double>(small.at("peak"))) << model;
    EXPECT_LE(static_cast<double>(large.at("measured")),
              1.01 * static_cast<double>(small.at("measured")) + static_cast<double>(MiB(2)))
        << model;
  }
}

// Address space that the process needs besides the plan: code and libraries that are mapped but not read, stacks of 8
// MiB per thread and the allocator's regions of 64 MiB for each.
constexpr int64_t kAddresses = MiB(64), kAddressesPerLane = MiB(8 + 64);  // and the weights once more
// What RLIMIT_DATA counts of that: writable memory alone.
constexpr int64_t kWritable = MiB(16), kWritablePerLane = MiB(8);

TEST(ProcessPeak, StaysBelowALimitOfThePlanAndTheStatedOverhead) {
  for (const char* model : {"mlp", "cnn", "exact", "wide"})
    for (int64_t lanes : {1, 2, 3}) {
      Trial trial{.model = model, .batch_size = 256, .samples = 600, .memory = 1, .lanes = lanes};
      const auto refused = told_by(trial);
      ASSERT_TRUE(refused.contains("refused")) << trial.text();
      trial.memory = refused.at("refused") + MiB(1);
      const int64_t weights = std::string(model) == "wide" ? MiB(46) : MiB(1);
      for (const char* found : {"", ",found"}) {
        trial.limit = std::string("RLIMIT_AS") + found;
        trial.overhead = kAddresses + lanes * kAddressesPerLane + weights;
        expect_truth(trial, told_by(trial));
        trial.limit = std::string("RLIMIT_DATA") + found;
        trial.overhead = kWritable + lanes * kWritablePerLane;
        expect_truth(trial, told_by(trial));
      }
    }
}

}  // namespace
}  // namespace batchwise

int main(int argc, char** argv) {
  if (argc == 12 && std::strcmp(argv[1], "--train") == 0) return batchwise::train(argv + 2);
  batchwise::self = std::filesystem::read_symlink("/proc/self/exe").string();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

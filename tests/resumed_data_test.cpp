// What a resume says of data, and of validation data, that are not those the run began with.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "training/checkpoint/checkpoint.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSamples = 203, kWidth = 6;

Array sample_of(int64_t i) {
  Array x(DType::Float32, {kWidth});
  for (int64_t k = 0; k < kWidth; ++k)
    x.data<float>()[k] = static_cast<float>(((i + 1) * (k + 3) * 37) % 101) / 50.0f - 1.0f;
  return x;
}

FitOptions options_of() {
  FitOptions options;
  options.batch_size = 32;
  options.epochs = 3;
  options.seed = 11;
  options.verbose = 0;
  return options;
}

void trained(const Dataset& data, const FitOptions& options) {
  Model model = Sequential({Input({kWidth}), Dense({.units = 3})});
  model.compile({.optimizer = "adam", .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  model.initialize(3);
  model.fit(data, options);
}

Dataset numbers(float shift, int64_t changed = 101) {
  Array x(DType::Float32, {kSamples, kWidth}), y(DType::Int64, {kSamples});
  x.data<float>()[changed * kWidth] += shift;
  return Dataset(x, y);
}

struct ResumedData : ::testing::Test {
  void SetUp() override {
    folder = (fs::temp_directory_path() / ("batchwise-resumed-" + std::to_string(::getpid()))).string();
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  std::string folder;
};

template <class Run>
std::string refusal_of(const Run& run) {
  try {
    run();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Input);
    return error.what();
  }
  ADD_FAILURE() << "other data was taken";
  return "";
}

TEST_F(ResumedData, OtherDataIsRefusedAtAResume) {
  const auto of = [](float shift) {
    return from_samples(kSamples, [shift](int64_t i) {
      Array x = sample_of(i);
      x.data<float>()[0] += shift;
      return Element{x, Array::from<int64_t>({i % 3}, {})};
    });
  };
  const auto always = [](const Element&) { return true; };
  for (const bool streamed : {false, true}) {
    FitOptions options = options_of();
    options.epochs = 1;
    options.checkpoint = {.directory = folder + (streamed ? "/streamed" : "/rows"), .resume = true};
    trained(streamed ? of(0).filter(always) : of(0), options);
    options.epochs = 2;
    try {
      trained(streamed ? of(0.5f).filter(always) : of(0.5f), options);
      ADD_FAILURE() << "other data was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Input);
      EXPECT_NE(std::string(error.what()).find("other samples"), std::string::npos) << error.what();
    }
    EXPECT_NO_THROW(trained(streamed ? of(0).filter(always) : of(0), options));
  }
}

TEST_F(ResumedData, OneChangedRowOfManyIsSeenAtAResume) {
  FitOptions options = options_of();
  options.epochs = 1;
  options.checkpoint = {.directory = folder + "/rows", .resume = true};
  trained(numbers(0), options);
  options.epochs = 2;
  EXPECT_THROW(trained(numbers(1), options), Error);
  EXPECT_NO_THROW(trained(numbers(0), options));
}

// Interrupts a run after so many steps.
struct Stop final : Callback {
  explicit Stop(int steps) : left(steps) {}
  void on_train_batch_end(int64_t, const Logs&, RunControl&) override { now = --left == 0; }
  int left;
  std::atomic<bool> now{false};
};

TEST_F(ResumedData, MakesNoBatchAgainThatWasUsed) {
  for (const int64_t workers : {0, 2}) {
    std::mutex mutex;
    std::set<int64_t> read;
    int64_t collated = 0;
    const Dataset rows = from_samples(kSamples, [&](int64_t i) {
      const std::lock_guard lock(mutex);
      read.insert(i);
      return Element{sample_of(i), Array::from<int64_t>({i % 3}, {})};
    });
    const auto collate = [&](const std::vector<Element>& samples) {
      const auto count = static_cast<int64_t>(samples.size());
      Element batch = {Array(DType::Float32, {count, kWidth}), Array(DType::Int64, {count})};
      for (int64_t r = 0; r < count; ++r) {
        const Element& sample = samples[static_cast<size_t>(r)];
        std::copy_n(sample[0].data<float>(), kWidth, batch[0].data<float>() + r * kWidth);
        batch[1].data<int64_t>()[r] = sample[1].data<int64_t>()[0];
      }
      const std::lock_guard lock(mutex);
      ++collated;
      return batch;
    };
    FitOptions options = options_of();
    options.epochs = 1;
    options.checkpoint = {.directory = folder + "/run" + std::to_string(workers), .resume = true};
    const auto stop = std::make_shared<Stop>(4);
    options.callbacks = {stop};
    options.interrupt = &stop->now;
    EXPECT_THROW(trained(DataLoader(rows, {.batch_size = 8, .num_workers = workers, .collate = collate}), options),
                 Error);
    read.clear();
    collated = 0;
    options.callbacks.clear();
    options.interrupt = nullptr;
    trained(DataLoader(rows, {.batch_size = 8, .num_workers = workers, .collate = collate}), options);
    // 128 samples were used: the first batch is looked at, whether the data are the same, and those from there on made.
    for (int64_t i = 8; i < 128; ++i) EXPECT_FALSE(read.contains(i)) << i;
    for (int64_t i = 128; i < kSamples; ++i) EXPECT_TRUE(read.contains(i)) << i;
    EXPECT_LE(collated, 2 + (kSamples - 128 + 7) / 8);
  }
}

TEST_F(ResumedData, ACacheMayComeAndGo) {
  const std::vector<Dataset> ways = {numbers(0), numbers(0).cache(), numbers(0).cache(folder + "/cache")};
  for (size_t a = 0; a < ways.size(); ++a)
    for (size_t b = 0; b < ways.size(); ++b) {
      FitOptions options = options_of();
      options.epochs = 1;
      options.checkpoint = {.directory = folder + "/run" + std::to_string(a) + std::to_string(b), .resume = true};
      trained(ways[a], options);
      options.epochs = 2;
      EXPECT_NO_THROW(trained(ways[b], options)) << a << " to " << b;
    }
}

struct Messages final : Callback {
  std::string all;
  void on_message(const std::string& text) override { all += text + "\n"; }
};

struct ResumedPhotos : ResumedData {
  void SetUp() override {
    ResumedData::SetUp();
    for (const char* name : {"photos", "others"}) {
      fs::create_directories(path(name));
      fs::copy(std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder/photos/ants", path(name) + "/ants",
               fs::copy_options::recursive);
    }
  }
  std::string path(const std::string& name) const { return folder + "/" + name; }
  Dataset data(const std::string& name) const {
    return image_dataset_from_directory(path(name), {.image_size = {8, 8}});
  }
  // Trains on, to the end of so many epochs; what was told.
  std::string run(const Dataset& data, int64_t epochs, FitOptions options = options_of()) const {
    const auto messages = std::make_shared<Messages>();
    Model model = Sequential({Input({8, 8, 3}), Flatten(), Dense({.units = 1})});
    model.compile({.optimizer = SGD({.learning_rate = 1e-6f}), .loss = "mse"});
    model.initialize(1);
    options.epochs = epochs;
    options.callbacks = {messages};
    options.checkpoint.directory = folder + "/run";
    options.checkpoint.resume = true;
    model.fit(data, options);
    return messages->all;
  }
  // Which file it was.
  std::string touch(const std::string& name) const {
    for (const auto& entry : fs::recursive_directory_iterator(path(name)))
      if (entry.is_regular_file()) {
        fs::last_write_time(entry.path(), entry.last_write_time() - std::chrono::hours(1));
        return entry.path().string();
      }
    return "";
  }
};

TEST_F(ResumedPhotos, FilesThatChangedAreRefusedUnlessTheyWereOnlyCopied) {
  const auto plain = [](const Dataset& photos) { return photos; };
  const auto shuffled = [](const Dataset& photos) { return photos.shuffle().map([](const Element& x) { return x; }); };
  const auto streamed = [](const Dataset& photos) {
    return photos.filter([](const Element&) { return true; }).batch(5).prefetch();
  };
  using Form = std::function<Dataset(const Dataset&)>;
  for (const Form& form : {Form(plain), Form(shuffled), Form(streamed)}) {
    fs::remove_all(folder + "/run");
    run(form(data("photos")), 1);
    EXPECT_EQ(run(form(data("photos")), 2).find("times of change"), std::string::npos);
    const std::string changed = touch("photos");
    const std::string text = refusal_of([&] { run(form(data("photos")), 3); });
    EXPECT_NE(text.find("the files of " + path("photos")), std::string::npos) << text;
    EXPECT_NE(text.find("Changed since: " + changed + "."), std::string::npos) << text;
    FitOptions copied = options_of();
    copied.checkpoint.allow_changed_files = true;
    EXPECT_NE(run(form(data("photos")), 3, copied).find("have other sizes or times of change"), std::string::npos);
  }
}

TEST_F(ResumedPhotos, ValidationFilesThatChangedAreRefusedByName) {
  FitOptions options = options_of();
  options.validation_data = data("others");
  run(data("photos"), 1, options);
  EXPECT_EQ(run(data("photos"), 2, options).find("times of change"), std::string::npos);
  const std::string changed = touch("others");
  options.validation_data = data("others");
  const std::string text = refusal_of([&] { run(data("photos"), 3, options); });
  EXPECT_NE(text.find("the files of the validation data, " + path("others")), std::string::npos) << text;
  EXPECT_NE(text.find("--allow-changed-files"), std::string::npos) << text;
  EXPECT_NE(text.find("Changed since: " + changed + "."), std::string::npos) << text;
  options.checkpoint.allow_changed_files = true;
  EXPECT_NE(run(data("photos"), 3, options).find("validation data, " + path("others")), std::string::npos);
}

// Two that were damaged while the run stood still, and one that came.
TEST_F(ResumedPhotos, FilesThatWentBadAreNamed) {
  const auto skipping = [&] {
    return image_dataset_from_directory(path("photos"), {.image_size = {8, 8}, .on_bad_file = "skip"});
  };
  run(skipping(), 1);
  std::vector<std::string> bad;
  for (const auto& entry : fs::recursive_directory_iterator(path("photos")))
    if (entry.is_regular_file() && bad.size() < 2) bad.push_back(entry.path().string());
  std::sort(bad.begin(), bad.end());
  const std::string come = fs::path(bad[0]).parent_path().string() + "/come" + fs::path(bad[0]).extension().string();
  fs::copy_file(bad[0], come);
  for (const std::string& file : bad) fs::resize_file(file, 20);
  const std::string text = refusal_of([&] { run(skipping(), 2); });
  EXPECT_NE(text.find("the data must be what the run was started with"), std::string::npos) << text;
  EXPECT_NE(text.find("Gone since, or damaged: " + bad[0] + ", " + bad[1] + ". New: " + come + "."), std::string::npos)
      << text;
}

TEST_F(ResumedPhotos, AnImageLessForValidationIsRefused) {
  FitOptions options = options_of();
  options.validation_data = data("others");
  run(data("photos"), 1, options);
  for (const auto& entry : fs::recursive_directory_iterator(path("others")))
    if (entry.is_regular_file() && entry.path().extension() == ".jpg") {
      fs::remove(entry.path());
      break;
    }
  options.validation_data = data("others");
  const std::string text = refusal_of([&] { run(data("photos"), 2, options); });
  EXPECT_NE(text.find("the validation data must be what the run was started with"), std::string::npos) << text;
}

TEST_F(ResumedData, OtherValidationNumbersAreRefused) {
  FitOptions options = options_of();
  options.epochs = 1;
  options.checkpoint = {.directory = folder + "/run", .resume = true};
  options.validation_data = numbers(0);
  trained(numbers(0), options);
  options.epochs = 2;
  options.validation_data = numbers(1);
  EXPECT_NE(refusal_of([&] { trained(numbers(0), options); }).find("the validation data must be"), std::string::npos);
  options.validation_data = numbers(0);
  EXPECT_NO_THROW(trained(numbers(0), options));
  // Of one array, the end is for validation.
  options.validation_data = {};
  options.validation_split = 0.2f;
  options.epochs = 1;
  options.checkpoint.directory = folder + "/split";
  trained(numbers(0, kSamples - 1), options);
  options.epochs = 2;
  EXPECT_NE(refusal_of([&] { trained(numbers(1, kSamples - 1), options); }).find("the validation data must be"),
            std::string::npos);
}

TEST_F(ResumedData, ACheckpointThatSaysNothingOfValidationGoesOn) {
  FitOptions options = options_of();
  options.epochs = 1;
  options.checkpoint = {.directory = folder + "/run", .resume = true};
  options.validation_data = numbers(0);
  trained(numbers(0), options);
  // As it was written before validation was looked at.
  std::vector<std::string> messages;
  {
    const auto reader = newest_checkpoint(options.checkpoint.directory, messages);
    ASSERT_TRUE(reader);
    Config header(Config::Object{});
    for (const auto& [key, value] : reader->header().as_object())
      if (!key.starts_with("validation_") && key != "data_looks" && key != "stream_even") header.set(key, value);
    CheckpointWriter writer(folder + "/old", reader->step(), header);
    const std::vector<std::pair<std::string, int64_t>> tensors = {
        {"weight/0", kWidth * 3},    {"weight/1", 3},    {"optimizer/0", kWidth * 3},
        {"optimizer/1", kWidth * 3}, {"optimizer/2", 3}, {"optimizer/3", 3}};
    for (const auto& [name, count] : tensors) {
      std::vector<float> values(static_cast<size_t>(count));
      ASSERT_TRUE(reader->has(name)) << name;
      reader->tensor(name, values);
      writer.tensor(name, values);
    }
    writer.commit();
  }
  options.checkpoint.directory = folder + "/old";
  options.validation_data = numbers(1);
  options.epochs = 2;
  EXPECT_NO_THROW(trained(numbers(0), options));
  EXPECT_THROW(trained(numbers(1), options), Error);
}

}  // namespace
}  // namespace batchwise

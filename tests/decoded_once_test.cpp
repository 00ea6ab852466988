// A folder of images is decoded once where the budget has room for what was decoded, and the bits do not tell.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "base/usable_cores.h"
#include "data/open_data.h"
#include "formats/npz/npz.h"
#include "images/decoding_memory.h"
#include "images/flat_image_test.h"
#include "saving/weights_hash.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSide = 96;
constexpr int64_t kImageBytes = kSide * kSide * 3 * 4;

// Takes the files away at the end of the first epoch: whoever reads one again fails.
class TakesFilesAway : public Callback {
 public:
  explicit TakesFilesAway(std::string folder) : folder_(std::move(folder)) {}
  void on_epoch_end(int64_t epoch, Logs&, RunControl&) override {
    if (epoch == 0) fs::rename(folder_, folder_ + "-away");
  }

 private:
  std::string folder_;
};

struct DecodedOnce : ::testing::Test {
  void SetUp() override {
    folder = (fs::temp_directory_path() / ("batchwise-decoded-" + std::to_string(::getpid()))).string();
    TearDown();
    fs::copy(std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder/photos", folder,
             fs::copy_options::recursive);
  }
  void TearDown() override {
    fs::remove_all(folder);
    fs::remove_all(folder + "-away");
  }
  void put_back() const {
    if (fs::exists(folder + "-away")) fs::rename(folder + "-away", folder);
  }
  ImageDataset photos(const std::string& subset = "") const {
    ImageDatasetOptions options;
    options.image_size = kSide;
    if (!subset.empty()) options.validation_split = 0.3, options.subset = subset, options.seed = 5;
    return image_dataset_from_directory(folder, options);
  }
  static Model small() {
    Model model = Sequential({Input({kSide, kSide, 3}), Conv2D({.filters = 4, .kernel_size = 3, .strides = 4}),
                              GlobalAveragePooling2D(), Dense({.units = 3})});
    model.initialize(1);
    model.compile(
        {.optimizer = SGD({.learning_rate = 1e-4f}), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
    return model;
  }
  static FitOptions options(int64_t memory = GiB(1)) {
    FitOptions options;
    options.batch_size = 16;
    options.epochs = 3;
    options.seed = 7;
    options.verbose = 0;
    options.lanes = 2;
    options.memory = memory;
    return options;
  }
  FitOptions without_files(int64_t memory = GiB(1)) const {
    FitOptions given = options(memory);
    given.callbacks = {std::make_shared<TakesFilesAway>(folder)};
    return given;
  }
  std::string folder;
};

std::string reasons_of(const Plan& plan) {
  std::string text;
  for (const std::string& reason : plan.reasons) text += reason + "\n";
  return text;
}

using Form = std::pair<const char*, std::function<Dataset(const Dataset&)>>;

Element brighter(const Element& element, const Address& address) {
  Array x = element[0].clone();
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] += static_cast<float>(address.key() % 50);
  return {x, element[1]};
}

const std::vector<Form> kForms = {
    {"rows", [](const Dataset& data) { return data; }},
    {"some rows", [](const Dataset& data) { return data.take(50).shuffle({.seed = 3}); }},
    {"augmented", [](const Dataset& data) { return data.map(brighter, {.seed = 4}); }},
    {"loader", [](const Dataset& data) { return DataLoader(data, {.batch_size = 7, .num_workers = 2}); }},
    {"stream",
     [](const Dataset& data) { return data.filter([](const Element&) { return true; }).batch(9).prefetch(); }},
    {"buffer", [](const Dataset& data) { return data.shuffle(ShuffleOptions{.buffer_size = 10, .seed = 2}).batch(5); }},
    {"zipped and joined",
     [](const Dataset& data) { return Dataset::zip({data.concatenate(data.take(3))}).with_roles(1, 1); }},
};

TEST_F(DecodedOnce, WhereThereIsRoomFilesAreNotReadAgainHoweverTheyAreBrought) {
  for (const auto& [name, brought] : kForms) {
    SCOPED_TRACE(name);
    Model again = small(), once = small();
    // The mapped and shuffled forms are random by pass: both runs begin their passes anew.
    const History all = again.fit(brought(photos()), options());
    EXPECT_NE(reasons_of(all.plan).find("held in memory once they were read"), std::string::npos);
    once.fit(brought(photos()), without_files());
    EXPECT_EQ(weights_sha256(again), weights_sha256(once));
    put_back();
  }
}

TEST_F(DecodedOnce, ValidationImagesAreHeldToo) {
  Model again = small(), once = small();
  FitOptions given = options(), taken = without_files();
  given.validation_data = photos("validation");
  const History first = again.fit(photos("training"), given);
  taken.validation_data = photos("validation");
  const History second = once.fit(photos("training"), taken);
  EXPECT_EQ(first["val_loss"], second["val_loss"]);
  EXPECT_EQ(weights_sha256(again), weights_sha256(once));
}

TEST_F(DecodedOnce, BesideRowsOfAFileThatAreHeldAsWell) {
  const ImageDataset all = photos();
  const Batch batch = all.read(0, all.size());
  const std::string file = folder + ".npz";
  write_npz(file, {{"x", batch.x[0]}, {"y", batch.y[0]}});
  Model model = small();
  FitOptions given = without_files();
  given.validation_data = all;
  const Plan plan = model.fit(open_data(file), given).plan;
  EXPECT_GE(plan.bytes[ByteClass::Pipeline], 2 * all.size() * kImageBytes);
  fs::remove(file);
}

TEST_F(DecodedOnce, InLessMemoryFewerAreHeldOrNoneAndThePlanSaysHowMany) {
  Model roomy = small();
  const ImageDataset data = photos();
  const int64_t images = data.size();
  const Plan plan = roomy.fit(data, options()).plan;
  EXPECT_NE(reasons_of(plan).find("decoded samples: all " + std::to_string(images) + " are held"), std::string::npos)
      << reasons_of(plan);
  const int64_t held = images * kImageBytes;
  EXPECT_GE(plan.bytes[ByteClass::Pipeline], held);

  Model some = small(), none = small();
  const int64_t bare = plan.peak_bytes - held;
  const Plan part = some.fit(data, options(bare + MiB(4) + held / 2)).plan;
  EXPECT_NE(reasons_of(part).find(" of " + std::to_string(images) + " are held"), std::string::npos)
      << reasons_of(part);
  EXPECT_LE(part.peak_bytes, part.budget_bytes);
  const Plan small_plan = none.fit(data, options(plan.smallest_budget)).plan;
  EXPECT_LE(small_plan.peak_bytes, plan.smallest_budget);
  EXPECT_EQ(reasons_of(small_plan).find("are held"), std::string::npos) << reasons_of(small_plan);
  EXPECT_EQ(weights_sha256(roomy), weights_sha256(some));
  EXPECT_EQ(weights_sha256(roomy), weights_sha256(none));
}

TEST_F(DecodedOnce, ThePlanCountsWhatFitHolds) {
  const ImageDataset data = photos();
  const int64_t tight =
      small().plan({.batch_size = 16, .memory = GiB(1), .lanes = 2, .data = &data}).smallest_budget + MiB(6);
  for (const int64_t memory : {GiB(1), tight}) {
    Model model = small();
    const Plan planned = model.plan({.batch_size = 16, .memory = memory, .lanes = 2, .data = &data});
    const Plan fitted = model.fit(data, options(memory)).plan;
    // In little memory it is the rest of the budget: beside a process that has grown by a plan, less.
    const auto drift = static_cast<double>(memory == tight ? MiB(2) : 0);
    EXPECT_NEAR(static_cast<double>(planned.bytes[ByteClass::Pipeline]),
                static_cast<double>(fitted.bytes[ByteClass::Pipeline]), drift);
    EXPECT_LE(planned.peak_bytes, memory);
    EXPECT_LE(fitted.peak_bytes, memory);
  }
}

TEST_F(DecodedOnce, ImagesNeverTakeTheMemoryOfALane) {
  const ImageDataset data = photos();
  Model model = Sequential({Input({kSide, kSide, 3}), Conv2D({.filters = 32, .kernel_size = 3}),
                            Conv2D({.filters = 32, .kernel_size = 3}), GlobalAveragePooling2D(), Dense({.units = 3})});
  model.initialize(1);
  model.compile({.optimizer = SGD(), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  const auto planned = [&](int64_t memory) {
    return model.plan({.batch_size = 16, .memory = memory, .lanes = 2, .data = &data});
  };
  const Plan roomy = planned(GiB(1));
  int lanes = 1;
  bool some = false;
  for (int64_t memory = roomy.smallest_budget + MiB(1); memory < roomy.peak_bytes + MiB(16); memory += KiB(768)) {
    const Plan plan = planned(memory);
    EXPECT_GE(plan.lanes, lanes) << show_byte_size(memory);
    lanes = plan.lanes;
    some = some || reasons_of(plan).find(" of ") != std::string::npos;
  }
  EXPECT_EQ(lanes, 2);
  EXPECT_TRUE(some);
}

TEST_F(DecodedOnce, ARunThatReadsSamplesOnceHoldsNone) {
  Model model = small();
  FitOptions one = options();
  one.epochs = 1;
  EXPECT_EQ(reasons_of(model.fit(photos(), one).plan).find("are held"), std::string::npos);
  const History repeated = model.fit(photos().repeat(2), one);
  EXPECT_NE(reasons_of(repeated.plan).find("are held"), std::string::npos) << "an epoch that goes twice through them";
}

TEST_F(DecodedOnce, WhatWasHeldIsGivenBackAtTheEndOfTheRun) {
  const ImageDataset data = photos();
  Model model = small();
  model.fit(data, options());
  fs::rename(folder, folder + "-away");
  try {
    model.fit(data, options());
    FAIL() << "images that are gone were trained on";
  } catch (const Error& error) { EXPECT_NE(std::string(error.what()).find(folder), std::string::npos) << error.what(); }
}

TEST_F(DecodedOnce, ImagesHeldOutByASplitAreHeldToo) {
  Model again = small(), once = small();
  FitOptions given = options(), taken = without_files();
  given.validation_split = taken.validation_split = 0.3;
  const History first = again.fit(photos(), given);
  EXPECT_NE(reasons_of(first.plan).find("decoded samples: all "), std::string::npos) << reasons_of(first.plan);
  EXPECT_EQ(first["val_loss"], once.fit(photos(), taken)["val_loss"]);
}

// It has counted none of them.
TEST_F(DecodedOnce, ARunOfACopyFillsNoneOfThePlacesOfTheRun) {
  struct TriesACopy : Callback {
    TriesACopy(Dataset data_, std::string folder_) : data(std::move(data_)), folder(std::move(folder_)) {}
    void on_train_batch_end(int64_t, const Logs&, RunControl& run) override {
      if (run.progress().updates != 1) return;
      run.with_copy([&](Model& copy) {
        FitOptions one = options();
        one.epochs = 1;
        copy.fit(data, one);
      });
      fs::rename(folder, folder + "-away");
    }
    Dataset data;
    std::string folder;
  };
  Model model = small();
  const ImageDataset data = photos();
  FitOptions given = options();
  given.callbacks = {std::make_shared<TriesACopy>(data, folder)};
  EXPECT_THROW(model.fit(data, given), Error);
}

TEST_F(DecodedOnce, WhatIsHeldGivesWayToALargeImage) {
  constexpr int64_t kLarge = 4000, kLargeBytes = kLarge * kLarge * 3;
  std::ofstream(folder + "/café/zz.png", std::ios::binary) << flat_png(kLarge, true);
  ImageDatasetOptions o;
  o.image_size = kSide;
  o.shuffle = false;  // the last one is looked at: readers have kUsualImage for it
  Model roomy = small(), tight = small();
  const ImageDataset data = image_dataset_from_directory(folder, o);
  const Plan plan = roomy.fit(data, options()).plan;
  const int64_t bare = plan.peak_bytes - data.size() * kImageBytes;
  const int64_t readers = std::max(2, usable_cores());
  // Enough to decode it where nothing is held, and not beside what is.
  const int64_t spare = readers * (kLargeBytes + MiB(1) - kUsualImage);
  struct Ear : Callback {
    void on_message(const std::string& message) override { heard += message; }
    std::string heard;
  };
  const auto ear = std::make_shared<Ear>();
  FitOptions little = options(bare + spare);
  little.callbacks = {ear};
  const Plan held = tight.fit(data, little).plan;
  EXPECT_NE(reasons_of(held).find("are held"), std::string::npos) << reasons_of(held);
  EXPECT_LT(held.budget_bytes - held.peak_bytes, spare - MiB(5));
  EXPECT_NE(ear->heard.find("decoded samples are held no longer"), std::string::npos) << ear->heard;
  EXPECT_EQ(weights_sha256(roomy), weights_sha256(tight));
}

}  // namespace
}  // namespace batchwise

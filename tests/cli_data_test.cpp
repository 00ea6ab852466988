// The command line's DATA: options that it would not take are refused by name, shards and records are taken, and what
// is wrong with data is said.
#include <fstream>
#include <limits>

#include "data/sources/tar_member_test.h"
#include "formats/npy/npy.h"
#include "formats/tfrecord/example.h"
#include "formats/tfrecord/tfrecord.h"
#include "images/png_writer.h"
#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct CliData : Cli {};

TEST_F(CliData, OptionsThatTheDataDoesNotTakeAreRefusedByEveryCommand) {
  ASSERT_EQ(run(train({"--out", folder + "/run"})).code, 0);
  const std::string model = folder + "/run/model.keras";
  const std::vector<Words> commands = {
      train({}),
      {"evaluate", model, data},
      {"predict", model, data, "--out", folder + "/y.npy"},
      {"plan", "mlp", data, "--batch-size", "8"},
      {"tune", "mlp", data, "--samples", "2000"},
      {"sweep", "mlp", data, "--batch-sizes", "8,16", "--epochs", "1"},
  };
  const std::vector<Words> options = {{"--cache", folder},         {"--image-size", "12"}, {"--on-bad-file", "skip"},
                                      {"--color-mode", "rgb"},     {"--target", "y"},      {"--data-dir", "."},
                                      {"--interpolation", "area"}, {"--follow-links"},     {"--label-mode", "int"},
                                      {"--crop-to-aspect-ratio"}};
  for (const Words& command : commands)
    for (const Words& option : options) {
      Words words = command;
      words.insert(words.end(), option.begin(), option.end());
      const ChildResult result = run(words);
      expect_error(result, 2, "[" + option[0] + "] the option belongs to ");
      EXPECT_NE(result.err.find(data + ", an .npz file"), std::string::npos) << result.err;
    }
  expect_error(run({"plan", "mlp", "--batch-size", "8", "--image-size", "12"}), 2, "Got no data");
  expect_error(run({"plan", "mlp", "fashion-mnist", "--batch-size", "8", "--cache", folder}), 2, "a built-in data set");
}

TEST_F(CliData, AnOptionThatOnlyTheValidationDataTakesIsTaken) {
  std::ofstream csv(folder + "/v.csv");
  csv << "a,b,c,d,e,f,g,h,y\n1,2,3,4,5,6,7,8,0\n1,2,3,4,5,6,7,8,2\n";
  csv.close();
  const ChildResult result = run(train({"--validation-data", folder + "/v.csv", "--target", "y"}));
  EXPECT_EQ(result.code, 0) << result.err;
}

// Rows that tell their class, in a file of their own: the classes of some are not in it.
struct CliClasses : Cli {
  std::string table(const std::string& name, const Words& classes) const {
    std::ofstream csv(folder + '/' + name);
    csv << "a,b,c,kind\n";
    const Words all = {"red", "green", "blue"};
    for (int i = 0; i < 60; ++i) {
      const std::string kind = classes[static_cast<size_t>(i) % classes.size()];
      for (const std::string& one : all) csv << (one == kind ? 3 : 0) + i % 3 * 0.1 << ',';
      csv << kind << '\n';
    }
    return folder + '/' + name;
  }
  static double accuracy(const ChildResult& result) {
    EXPECT_EQ(result.code, 0) << result.err;
    return result.code == 0 ? json::parse(result.last_line())["accuracy"].get<double>() : 0;
  }
};

TEST_F(CliClasses, ClassesOfATableAreNumberedAsTheRunThatWasTrainedNumbersThem) {
  const std::string training = table("train.csv", {"red", "green", "blue"}), fewer = table("few.csv", {"red", "green"});
  const std::string out = folder + "/run";
  const ChildResult trained = run({"train", "mlp", training, "--target", "kind", "--batch-size", "10", "--epochs", "8",
                                   "--validation-data", fewer, "--out", out, "--json"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_GT(events_named("epoch", events(trained.out)).back()["val_accuracy"].get<double>(), 0.9) << trained.out;
  EXPECT_EQ(json::parse(text_of_file(out + "/run.json"))["settings"]["class_names"], json({"blue", "green", "red"}));
  const ChildResult evaluated = run({"evaluate", out + "/model.keras", fewer, "--target", "kind", "--json"});
  EXPECT_GT(accuracy(evaluated), 0.9);
  EXPECT_EQ(evaluated.err.find("note: neither the model"), std::string::npos);
  expect_error(run({"evaluate", out + "/model.keras", table("other.csv", {"red", "pink"}), "--target", "kind"}), 2,
               "numbered by, \"blue\", \"green\", \"red\". Got \"pink\"");
  // Away from its run, the model's file knows, unless it is a legacy one: that is said.
  fs::copy_file(out + "/model.keras", folder + "/copied.keras");
  EXPECT_GT(accuracy(run({"evaluate", folder + "/copied.keras", fewer, "--target", "kind", "--json"})), 0.9);
  const ChildResult converted = run({"convert", folder + "/copied.keras", folder + "/alone.h5"});
  EXPECT_EQ(converted.code, 0) << converted.err;
  EXPECT_NE(converted.err.find("note: the names of classes have no place in this format"), std::string::npos);
  const ChildResult alone = run({"evaluate", folder + "/alone.h5", fewer, "--target", "kind"});
  EXPECT_EQ(alone.code, 0) << alone.err;
  EXPECT_NE(alone.err.find("labels are those of this data: 0 green, 1 red"), std::string::npos) << alone.err;
}

TEST_F(CliClasses, InspectTellsTheColumnsOfATable) {
  const ChildResult named = run({"inspect", table("t.csv", {"red", "green", "blue"})});
  EXPECT_EQ(named.code, 0) << named.err;
  for (const char* part : {"60 records of 4 columns", "the first line names the columns", "0 a: 60 numbers, 0.1 to 3",
                           "3 kind: 60 texts, 3 different: blue (20), green (20), red (20)"})
    EXPECT_NE(named.out.find(part), std::string::npos) << part << named.out;
  std::ofstream(folder + "/n.csv") << "1,x\n2,\n?,y\n";
  const ChildResult plain = run({"inspect", folder + "/n.csv"});
  for (const char* part :
       {"3 records of 2 columns", "cannot be told", "0: 2 numbers, 1 to 2; 1 texts, the first in line 3",
        "1: 2 texts, 2 different: x (1), y (1); 1 missing"})
    EXPECT_NE(plain.out.find(part), std::string::npos) << part << plain.out;
  std::ofstream(folder + "/n.csv") << "a,b\n1\n";
  expect_error(run({"inspect", folder + "/n.csv"}), 2, "line 2: every record must have 2 fields. Got 1");
}

TEST_F(CliClasses, NamesToValidateOnANumberedTargetAreRefused) {
  std::ofstream(folder + "/numbers.csv") << "a,b,c,kind\n1,2,3,0\n3,2,1,1\n";
  expect_error(run({"train", "mlp", folder + "/numbers.csv", "--target", "kind", "--batch-size", "2", "--epochs", "1",
                    "--validation-data", table("names.csv", {"red", "green"})}),
               2, "[--validation-data] labels must be of one kind. Got names in ");
}

// Ten grey squares, dark for class 0 and bright for class 1, as WebDataset and TensorFlow keep them.
struct CliRecords : Cli {
  void SetUp() override {
    Cli::SetUp();
    std::string members;
    TfRecordWriter records(folder + "/train.tfrecord");
    for (int64_t i = 0; i < 10; ++i) {
      const std::string image = png_of(8, 8, std::vector<uint8_t>(8 * 8 * 3, static_cast<uint8_t>(i % 2 * 200 + i)));
      members +=
          tar_member(std::to_string(i) + ".png", image) + tar_member(std::to_string(i) + ".cls", std::to_string(i % 2));
      records.append(
          example_bytes({{"image", std::vector<std::string>{image}}, {"label", std::vector<int64_t>{i % 2}}}));
    }
    records.commit();
    fs::create_directories(folder + "/shards");
    std::ofstream(folder + "/shards/train-000.tar", std::ios::binary) << members << std::string(1024, '\0');
  }
};

TEST_F(CliRecords, ShardsAndRecordsAreTrainedEvaluatedPredictedAndInspected) {
  std::string first;
  for (const std::string& given :
       {folder + "/shards", folder + "/shards/train-{000..000}.tar", folder + "/train.tfrecord"}) {
    const std::string out = folder + "/run-" + std::to_string(given.size());
    const ChildResult trained = run({"train", "cnn", given, "--image-size", "12", "--batch-size", "5", "--epochs", "2",
                                     "--seed", "1", "--workers", "1", "--out", out, "--json"});
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_EQ(trained.err.find("note: --workers"), std::string::npos);
    if (first.empty()) first = hash(trained);
    EXPECT_EQ(hash(trained), first) << given;
    const ChildResult evaluated = run({"evaluate", out + "/model.keras", given, "--json"});
    EXPECT_EQ(evaluated.code, 0) << evaluated.err;
    const ChildResult predicted = run({"predict", out + "/model.keras", given, "--out", folder + "/y.npy"});
    EXPECT_EQ(predicted.code, 0) << predicted.err;
    EXPECT_EQ(read_npy(folder + "/y.npy").shape(), (Shape{10, 2}));
    const ChildResult shown = run({"inspect", given});
    EXPECT_NE(shown.out.find("10 "), std::string::npos) << shown.err;
    EXPECT_NE(shown.out.find("PNG"), std::string::npos) << shown.out;
    expect_error(run({"train", "cnn", given, "--cache", folder, "--batch-size", "5", "--epochs", "1"}), 2,
                 "[--cache] the option belongs to a folder of images. Got " + given);
  }
}

TEST_F(CliRecords, ARunOfShardsIsResumedFromAnotherFolder) {
  const ChildResult whole = run({"train", "cnn", folder + "/shards/*.tar", "--image-size", "12", "--batch-size", "5",
                                 "--epochs", "1", "--out", folder + "/run", "--json"});
  ASSERT_EQ(whole.code, 0) << whole.err;
  fs::remove(folder + "/run/history.json");
  EXPECT_EQ(hash(run({"resume", folder + "/run", "--json"})), hash(whole));
}

TEST_F(CliData, InspectOfAFolderWithoutDataAndAPictureOfAnotherFormatAreRefusedInWords) {
  fs::create_directories(folder + "/empty");
  expect_error(run({"inspect", folder + "/empty"}), 2, "Got an empty folder.");
  expect_error(run({"train", "cnn", folder + "/empty", "--batch-size", "8", "--epochs", "1"}), 2,
               "Got an empty folder.");
  expect_error(run({"inspect", folder}), 2, "Got one with other files only.");
  expect_error(run({"inspect", folder, "--out", folder + "/x.jpg"}), 2, "[--out] the picture is a PNG");
}

TEST_F(CliData, NumbersThatAreNotFiniteAreNamedByFileArrayAndSample) {
  std::vector<float> x(40 * 8, 1);
  x[33 * 8 + 2] = std::numeric_limits<float>::quiet_NaN();
  const std::string path = folder + "/nan.npz";
  write_npz(path, {{"x", Array::from(x, {40, 8})}, {"y", Array::from(std::vector<uint8_t>(40, 1), {40})}});
  for (const Words& more : {Words{}, Words{"--validation-split", "0.5"}, Words{"--no-shuffle"}}) {
    Words words{"train", "mlp", path, "--batch-size", "8", "--epochs", "1"};
    words.insert(words.end(), more.begin(), more.end());
    const ChildResult result = run(words);
    EXPECT_EQ(result.code, 2);
    EXPECT_NE(result.err.find("Got nan in sample 33 of " + path + ", array x."), std::string::npos) << result.err;
  }
}

}  // namespace
}  // namespace batchwise

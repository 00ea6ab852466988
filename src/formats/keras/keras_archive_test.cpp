// Facts of .keras archives: Keras's are read, ours come back, incomplete ones are refused by the missing name.
#include "formats/keras/keras_archive.h"

#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_keras_" + name)).string();
}

TEST(KerasArchive, EveryGoldenArchiveOpens) {
  int opened = 0;
  for (const char* folder : {"/tests/golden", "/tests/golden/fit", "/tests/golden/keras-files"})
    for (const auto& entry : std::filesystem::directory_iterator(std::string(BATCHWISE_SOURCE_DIR) + folder)) {
      if (entry.path().extension() != ".keras") continue;
      const KerasArchiveReader archive(entry.path().string());
      EXPECT_EQ(archive.metadata().at("keras_version").as_string().substr(0, 2), "3.");
      EXPECT_TRUE(archive.config().at("config").is_object());
      EXPECT_TRUE(archive.weights(0).has("layers")) << entry.path();
      ++opened;
    }
  EXPECT_EQ(opened, 23);
}

TEST(KerasArchive, OursComesBack) {
  const Config metadata = Config::object({{"keras_version", "3.0.0"}}),
               config = Config::object({{"class_name", "Sequential"}, {"config", Config(Config::Object{})}});
  KerasArchiveWriter writer(temporary("a.keras"), metadata, config, 1000);
  const std::vector<float> values(1000, 1.5f);
  writer.weights().floats("layers/dense/vars/0", {10, 100}, values);
  writer.commit();
  const KerasArchiveReader reader(temporary("a.keras"));
  EXPECT_EQ(reader.metadata(), metadata);
  EXPECT_EQ(reader.config(), config);
  std::vector<float> out(1000);
  reader.weights(0).read_floats("layers/dense/vars/0", {10, 100}, out);
  EXPECT_EQ(out, values);
}

TEST(KerasArchive, MissingMembersWrongJsonAndDamagedWeightsAreRefused) {
  const auto message_of = [](const std::vector<std::pair<std::string, std::string>>& members) -> std::string {
    AtomicFile file(temporary("bad.keras"));
    ZipWriter zip(file);
    for (const auto& [name, contents] : members) zip.add(name, contents);
    zip.finish();
    file.commit();
    try {
      KerasArchiveReader(temporary("bad.keras")).weights(1 << 20);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Input);
      return error.what();
    }
    return "accepted";
  };
  EXPECT_NE(message_of({{"config.json", "{}"}, {"model.weights.h5", ""}}).find("must hold metadata.json"),
            std::string::npos);
  EXPECT_NE(
      message_of({{"metadata.json", "{}"}, {"config.json", "{}"}, {"model.weights.npz", ""}}).find("Save it again"),
      std::string::npos);
  EXPECT_NE(message_of({{"metadata.json", "{}"}, {"config.json", "[]"}, {"model.weights.h5", ""}}).find("objects"),
            std::string::npos);
  EXPECT_NE(message_of({{"metadata.json", "{}"}, {"config.json", "{\"a\":}"}, {"model.weights.h5", ""}})
                .find(":config.json] the text must be JSON"),
            std::string::npos);
  EXPECT_NE(message_of({{"metadata.json", "{}"}, {"config.json", "{}"}, {"model.weights.h5", "no HDF5"}})
                .find("whole HDF5 file"),
            std::string::npos);

  std::string bytes = InputFile(BATCHWISE_SOURCE_DIR "/tests/golden/fit/mlp_small.keras").read_all(1 << 24);
  bytes[bytes.size() / 2] ^= 1;
  write_file_atomically(temporary("flip.keras"), bytes);
  EXPECT_THROW(KerasArchiveReader(temporary("flip.keras")).weights(0), Error);
}

}  // namespace
}  // namespace batchwise

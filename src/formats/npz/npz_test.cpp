// Facts of .npz files: ours and NumPy's read back, stored rows are found where they lie, hostile members are refused.
#include "formats/npz/npz.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/input_file.h"
#include "formats/json/json.h"
#include "formats/zip/zip_writer.h"

namespace batchwise {
namespace {

std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_npz_" + name)).string();
}

TEST(Npz, ArraysComeBackByName) {
  write_npz(temporary("a.npz"),
            {{"x", Array::from<float>({1, 2, 3, 4}, {2, 2})}, {"y", Array::from<int64_t>({7, 8}, {2})}});
  const NpzReader npz(temporary("a.npz"));
  EXPECT_EQ(npz.read("x").data<float>()[3], 4.0f);
  EXPECT_EQ(npz.read("y").data<int64_t>()[1], 8);
  EXPECT_EQ(npz.find("z"), nullptr);
  try {
    npz.read("z");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("Got the arrays: x, y."), std::string::npos);
  }
}

TEST(Npz, ArraysWrittenRowByRowGiveTheBytesOfArraysWrittenWhole) {
  const std::string folder = ::testing::TempDir() + "bw_npz_rows";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::string rows = folder + "/rows.npz", whole = folder + "/whole.npz";
  std::vector<float> many(3 * 30'000);
  for (size_t i = 0; i < many.size(); ++i) many[i] = static_cast<float>(i);
  const Array a = Array::from(many, {30'000, 3}), b = Array::from(std::vector<int64_t>{7, 8, 9}, {3});
  write_npz(whole, {{"heads/a", a}, {"b", b}});
  {
    NpzWriter writer(rows);
    writer.add("heads/a", DType::Float32, {3});
    writer.add("b", DType::Int64, {});
    writer.append(0, a.raw(), 10'000);
    writer.append(1, b.raw(), 1);
    writer.append(0, a.slice(10'000, 20'000).raw(), 20'000);
    writer.append(1, b.slice(1, 2).raw(), 2);
    EXPECT_FALSE(std::filesystem::exists(rows));
    writer.commit();
  }
  EXPECT_TRUE(InputFile(rows).read_all(1 << 20) == InputFile(whole).read_all(1 << 20));
  { NpzWriter(folder + "/none.npz").add("a", DType::Float32, {3}); }  // given up
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()), 2);
}

TEST(Npz, NumPysOwnFilesAreReadAndTheirRowsFoundInPlace) {
  const std::string path = BATCHWISE_SOURCE_DIR "/tests/golden/fit/final-cnn-sgd-32-cat.npz";
  const NpzReader npz(path);
  const NpzMember& w0 = npz.at("w0");
  ASSERT_TRUE(w0.stored);
  const Array whole = npz.read("w0");
  EXPECT_EQ(whole.shape().rank(), 4);
  std::vector<float> in_place(static_cast<size_t>(whole.count()));
  InputFile(path).read_at(w0.file_offset, in_place.data(), whole.bytes());
  EXPECT_TRUE(std::equal(in_place.begin(), in_place.end(), whole.data<float>()));
}

TEST(Npz, CompressedArraysAreReadAndUnpackedForStreaming) {
  // Written by numpy.savez_compressed(x=numpy.arange(20000, dtype="<i4").reshape(5000, 4) % 7, y=numpy.ones(3, ">f4")).
  const std::string path = BATCHWISE_SOURCE_DIR "/src/formats/npz/testdata/compressed.npz";
  const NpzReader npz(path);
  EXPECT_FALSE(npz.at("x").stored);
  const Array x = npz.read("x");
  ASSERT_EQ(x.shape(), Shape({5000, 4}));
  for (int64_t i = 0; i < x.count(); ++i) ASSERT_EQ(x.data<int32_t>()[i], i % 7);
  EXPECT_EQ(npz.read("y").data<float>()[2], 1.0f);
  npz.unpack(npz.at("x"), temporary("x.npy"));
  const NpyHeader header = open_npy(temporary("x.npy"));
  EXPECT_EQ(header.shape, x.shape());
  EXPECT_TRUE(std::equal(x.raw(), x.raw() + x.bytes(), read_npy(temporary("x.npy")).raw()));
}

TEST(Npz, MembersThatAreNoPlainArraysAreRefusedByName) {
  const auto message_of = [](const std::string& name, const std::string& contents) -> std::string {
    AtomicFile file(temporary("bad.npz"));
    ZipWriter zip(file);
    zip.add(name, contents);
    zip.finish();
    file.commit();
    try {
      NpzReader{temporary("bad.npz")};
    } catch (const Error& error) { return error.what(); }
    return "accepted";
  };
  const std::string good = npy_header(DType::Float32, {2}) + "12345678";
  EXPECT_EQ(message_of("x.npy", good), "accepted");
  EXPECT_NE(message_of("x.txt", good).find(":x.txt]"), std::string::npos);
  EXPECT_NE(message_of("x.npy", good.substr(0, good.size() - 1)).find(":x.npy] an array of shape (2,)"),
            std::string::npos);
  EXPECT_NE(message_of("x.npy", "").find(":x.npy]"), std::string::npos);
  std::string objects = good;
  objects.replace(objects.find("<f4"), 3, "|O4");
  EXPECT_NE(message_of("x.npy", objects).find("never loaded"), std::string::npos);
}

}  // namespace
}  // namespace batchwise

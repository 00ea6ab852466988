// Facts of IDX files: all types, plain and gzip; truncated, oversized and foreign files are refused.
#include "formats/idx/idx.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <zlib.h>

#include "formats/npy/npy.h"

namespace batchwise {
namespace {

std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_idx_" + name)).string();
}
void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::string idx_of(int type, const std::vector<uint32_t>& dims, const std::string& data) {
  std::string out{'\0', '\0', static_cast<char>(type), static_cast<char>(dims.size())};
  for (uint32_t dim : dims)
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(dim >> shift & 255);
  return out + data;
}

std::string zipped(const std::string& bytes) {
  const std::string path = temporary("tmp.gz");
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string message_of(const std::string& bytes) {
  put(temporary("bad"), bytes);
  try {
    read_idx(temporary("bad"));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Input) << error.what();
    EXPECT_THROW(unpack_idx(temporary("bad"), temporary("bad.npy")), Error);
    EXPECT_FALSE(std::filesystem::exists(temporary("bad.npy")));
    return error.what();
  }
  return "accepted";
}

TEST(Idx, AllTypesAreReadFromBigEndianElements) {
  put(temporary("a"), idx_of(0x0b, {2}, std::string("\x01\x02\xff\xfe", 4)));
  EXPECT_EQ(read_idx(temporary("a")).data<int16_t>()[0], 0x0102);
  EXPECT_EQ(read_idx(temporary("a")).data<int16_t>()[1], -2);
  put(temporary("a"), idx_of(0x0d, {1}, std::string("\x3f\xc0\0\0", 4)));
  EXPECT_EQ(read_idx(temporary("a")).data<float>()[0], 1.5f);
  put(temporary("a"), idx_of(0x0e, {1}, std::string("\x3f\xf8\0\0\0\0\0\0", 8)));
  EXPECT_EQ(read_idx(temporary("a")).data<double>()[0], 1.5);
  put(temporary("a"), idx_of(0x0c, {1, 1}, std::string("\xff\xff\xff\xfd", 4)));
  EXPECT_EQ(read_idx(temporary("a")).data<int32_t>()[0], -3);
  put(temporary("a"), idx_of(0x09, {1}, "\xff"));
  EXPECT_EQ(read_idx(temporary("a")).data<int8_t>()[0], -1);
  put(temporary("a"), idx_of(0x08, {2, 1, 2}, "abcd"));
  EXPECT_EQ(read_idx(temporary("a")).shape(), Shape({2, 1, 2}));
  EXPECT_EQ(read_idx(temporary("a")).data<uint8_t>()[3], 'd');
  EXPECT_EQ(open_idx(temporary("a")).data_offset, 16);
}

TEST(Idx, CompressedFilesAreRecognisedByTheirContents) {
  std::string pixels;
  for (int i = 0; i < 200'000; ++i) pixels += static_cast<char>(i % 251);
  put(temporary("plain-name"), zipped(idx_of(0x08, {2000, 100}, pixels)));
  const IdxHeader header = open_idx(temporary("plain-name"));
  EXPECT_TRUE(header.compressed);
  EXPECT_EQ(header.shape, Shape({2000, 100}));
  const Array array = read_idx(temporary("plain-name"));
  EXPECT_EQ(array.data<uint8_t>()[199'999], 199'999 % 251);
  unpack_idx(temporary("plain-name"), temporary("out.npy"));
  const Array unpacked = read_npy(temporary("out.npy"));
  EXPECT_EQ(unpacked.shape(), array.shape());
  EXPECT_TRUE(std::equal(array.raw(), array.raw() + array.bytes(), unpacked.raw()));
}

TEST(Idx, UnpackingTurnsElementsLittleEndian) {
  put(temporary("be"), idx_of(0x0c, {2}, std::string("\0\0\0\x05\0\0\x01\0", 8)));
  unpack_idx(temporary("be"), temporary("le.npy"));
  EXPECT_EQ(read_npy(temporary("le.npy")).data<int32_t>()[0], 5);
  EXPECT_EQ(read_npy(temporary("le.npy")).data<int32_t>()[1], 256);
}

TEST(Idx, EveryTruncationOfPlainAndCompressedFilesIsRefused) {
  for (const std::string& good : {idx_of(0x08, {2, 3}, "abcdef"), zipped(idx_of(0x08, {2, 3}, "abcdef"))}) {
    ASSERT_EQ(message_of(good), "accepted");
    for (size_t n = 0; n < good.size(); ++n) EXPECT_NE(message_of(good.substr(0, n)), "accepted") << n;
    EXPECT_NE(message_of(good + "x"), "accepted");
  }
  EXPECT_NE(message_of(zipped(idx_of(0x08, {2, 3}, "abcdefg"))).find("Got more bytes"), std::string::npos);
}

TEST(Idx, ForeignAndHostileHeadersAreRefused) {
  EXPECT_NE(message_of("\x93NUMPY").find("two zero bytes"), std::string::npos);
  EXPECT_NE(message_of(idx_of(0x0a, {1}, "a")).find("Got 10"), std::string::npos);
  EXPECT_NE(message_of(idx_of(0x08, {}, "")).find("1 to 8 dimensions"), std::string::npos);
  EXPECT_NE(message_of(idx_of(0x08, std::vector<uint32_t>(9, 1), "a")).find("Got 9"), std::string::npos);
  EXPECT_NE(message_of(idx_of(0x0e, {0xffffffff, 0xffffffff, 0xffffffff}, "")).find("63 bits"), std::string::npos);
  EXPECT_NE(message_of(idx_of(0x08, {0xffffffff, 0xffff}, "abc")).find("Got 3"), std::string::npos);
  EXPECT_NE(message_of(zipped(idx_of(0x08, {0xffffffff, 0xffff}, "abc"))).find("cannot be packed"), std::string::npos);
  std::string damaged = zipped(idx_of(0x08, {40}, std::string(40, 'q')));
  damaged[damaged.size() - 6] ^= 1;  // gzip's checksum
  EXPECT_NE(message_of(damaged).find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace batchwise

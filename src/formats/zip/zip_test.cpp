// Facts of ZIP archives: what is written comes back and is what others write; damaged and hostile ones are refused.
#include "formats/zip/zip_reader.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <zlib.h>

#include <batchwise/error.h>

#include "formats/zip/zip_fields.h"
#include "formats/zip/zip_writer.h"

namespace batchwise {
namespace {

std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_zip_" + name)).string();
}

std::string small_archive() {
  AtomicFile file(temporary("small.zip"));
  ZipWriter writer(file);
  writer.add("metadata.json", "{\"a\": 1}");
  writer.add("folder/b", std::string(100'000, 'b'));
  writer.add("empty", "");
  writer.finish();
  file.commit();
  return InputFile(temporary("small.zip")).read_all(1 << 20);
}

void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::string message_of(const std::string& bytes) {
  put(temporary("bad.zip"), bytes);
  try {
    const ZipReader zip(temporary("bad.zip"));
    for (const ZipMember& member : zip.members()) zip.read(member, 1 << 20);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Input) << error.what();
    return error.what();
  }
  return "accepted";
}

// One deflated member, as others write it.
std::string deflated_archive(const std::string& contents, uint64_t stated_bytes) {
  std::string packed(contents.size() + 1000, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(contents.data()));
  stream.avail_in = static_cast<uInt>(contents.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  const uint64_t crc = crc32(0, reinterpret_cast<const Bytef*>(contents.data()), static_cast<uInt>(contents.size()));
  std::string out, entry;
  zip_put(out, kLocalSignature, 4);
  for (int field : {20, 0, 8, 0, 33}) zip_put(out, static_cast<uint64_t>(field), 2);
  zip_put(out, crc, 4);
  zip_put(out, packed.size(), 4);
  zip_put(out, stated_bytes, 4);
  zip_put(out, 1, 2);
  zip_put(out, 0, 2);
  out += "d" + packed;
  const uint64_t start = out.size();
  zip_put(entry, kEntrySignature, 4);
  for (int field : {20, 20, 0, 8, 0, 33}) zip_put(entry, static_cast<uint64_t>(field), 2);
  zip_put(entry, crc, 4);
  zip_put(entry, packed.size(), 4);
  zip_put(entry, stated_bytes, 4);
  zip_put(entry, 1, 2);
  zip_put(entry, 0, 16);
  out += entry + "d";
  zip_put(out, kEndSignature, 4);
  zip_put(out, 0, 4);
  zip_put(out, 1, 2);
  zip_put(out, 1, 2);
  zip_put(out, entry.size() + 1, 4);
  zip_put(out, start, 4);
  zip_put(out, 0, 2);
  return out;
}

TEST(Zip, MembersComeBackInOrderAndByExactNameOnly) {
  small_archive();
  const ZipReader zip(temporary("small.zip"));
  ASSERT_EQ(zip.members().size(), 3u);
  EXPECT_EQ(zip.members()[1].name, "folder/b");
  EXPECT_EQ(zip.read(*zip.find("metadata.json"), 100), "{\"a\": 1}");
  EXPECT_EQ(zip.read(*zip.find("folder/b"), 100'000), std::string(100'000, 'b'));
  EXPECT_EQ(zip.read(*zip.find("empty"), 0), "");
  EXPECT_EQ(zip.find("Metadata.json"), nullptr);
  EXPECT_EQ(zip.find("./metadata.json"), nullptr);
  EXPECT_THROW(zip.read(*zip.find("folder/b"), 99'999), Error);
}

TEST(Zip, TheContentsOfAStoredMemberLieAtItsOffset) {
  const std::string bytes = small_archive();
  const ZipReader zip(temporary("small.zip"));
  EXPECT_EQ(bytes.substr(static_cast<size_t>(zip.data_offset(*zip.find("metadata.json"))), 8), "{\"a\": 1}");
}

TEST(Zip, KerassArchivesAreReadAndOursHaveTheSameFields) {
  const ZipReader keras(BATCHWISE_SOURCE_DIR "/tests/golden/fit/mlp_a.keras");
  ASSERT_EQ(keras.members().size(), 3u);
  EXPECT_EQ(keras.members()[0].name, "metadata.json");
  EXPECT_EQ(keras.read(keras.members()[0], 1000).substr(0, 17), "{\"keras_version\":");
  std::string theirs(30, '\0'), ours = small_archive();
  keras.file()->read_at(0, theirs.data(), 30);
  EXPECT_EQ(theirs.substr(0, 14), ours.substr(0, 14));  // signature, version, flags, method, time, date
  EXPECT_EQ(theirs.substr(26, 4), ours.substr(26, 4));  // name, no extra fields
}

TEST(Zip, DeflatedMembersAreUnpackedAndVerified) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * i) + "\n";
  EXPECT_EQ(message_of(deflated_archive(text, text.size())), "accepted");
  write_file_atomically(temporary("deflated.zip"), deflated_archive(text, text.size()));
  const ZipReader zip(temporary("deflated.zip"));
  EXPECT_FALSE(zip.members()[0].stored);
  EXPECT_EQ(zip.read(zip.members()[0], 1 << 20), text);
}

TEST(Zip, ABombIsStoppedAtTheSizeItStates) {
  const std::string zeros(900'000, '\0');
  EXPECT_NE(message_of(deflated_archive(zeros, 1000)).find("must unpack to 1000 bytes. Got more"), std::string::npos);
  EXPECT_NE(message_of(deflated_archive(zeros, 0xfffffff0)).find("1032 times"), std::string::npos);
  EXPECT_NE(message_of(deflated_archive(zeros, 900'001)).find("size and checksum"), std::string::npos);
}

TEST(Zip, EveryTruncationIsRefused) {
  std::string bytes = deflated_archive("some text that is long enough to deflate deflate deflate", 57);
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_NE(message_of(bytes.substr(0, n)), "accepted") << n;
}

TEST(Zip, FlippingAnyByteOfHeadersOrContentsNeverGivesOtherContents) {
  const std::string good = small_archive();
  const size_t b_start = good.find(std::string(100, 'b'));
  int refused = 0;
  for (size_t i = 0; i<good.size(); i += i> b_start && i < b_start + 99'000 ? 997 : 1) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x41);
    put(temporary("flip.zip"), bad);
    try {
      const ZipReader zip(temporary("flip.zip"));
      const ZipMember* member = zip.find("folder/b");
      if (!member) continue;
      EXPECT_EQ(zip.read(*member, 1 << 20), std::string(100'000, 'b')) << i;
    } catch (const Error&) { ++refused; }
  }
  EXPECT_GT(refused, 150);
}

TEST(Zip, DuplicatesOverlapsAndForeignBytesAreRefused) {
  const std::string good = small_archive();
  std::string twice = good;
  for (size_t at = twice.find("empty"); at != std::string::npos; at = twice.find("empty"))
    twice.replace(at, 5, "other");
  EXPECT_EQ(message_of(twice), "accepted");
  AtomicFile file(temporary("dup.zip"));
  ZipWriter writer(file);
  writer.add("aa", "1");
  writer.add("ab", "2");
  EXPECT_THROW(writer.add("ab", "3"), Error);
  writer.finish();
  file.commit();
  std::string duplicate = InputFile(temporary("dup.zip")).read_all(1 << 20);
  for (size_t at = duplicate.find("ab"); at != std::string::npos; at = duplicate.find("ab")) duplicate[at + 1] = 'a';
  EXPECT_NE(message_of(duplicate).find("unique"), std::string::npos);
  EXPECT_NE(message_of("MZ" + good).find("something before"), std::string::npos);
  EXPECT_NE(message_of(good + "x"), "accepted");

  // The second entry of the directory points at the first member.
  std::string overlap = good;
  const size_t second = overlap.rfind("folder/b") - kEntrySize;
  for (size_t i = 0; i < 4; ++i) overlap[second + 42 + i] = '\0';
  EXPECT_NE(message_of(overlap).find("overlap"), std::string::npos);
}

TEST(Zip, Zip64RecordsBesideTrueNumbersAreReadAsPythonWritesThem) {
  std::string bytes = small_archive();
  const size_t end = bytes.size() - 22;
  const uint64_t size = zip_u32(bytes, end + 12), offset = zip_u32(bytes, end + 16), count = zip_u16(bytes, end + 10);
  std::string records;
  zip_put(records, kEnd64Signature, 4);
  zip_put(records, 44, 8);
  zip_put(records, 45, 2);
  zip_put(records, 45, 2);
  zip_put(records, 0, 8);  // disks
  for (const uint64_t value : {count, count, size, offset}) zip_put(records, value, 8);
  zip_put(records, kLocatorSignature, 4);
  zip_put(records, 0, 4);
  zip_put(records, end, 8);
  zip_put(records, 1, 4);
  bytes.insert(end, records);
  EXPECT_EQ(message_of(bytes), "accepted");
}

TEST(Zip, LargeMembersAreWrittenWithZip64FieldsAndReadBack) {
  AtomicFile file(temporary("large.zip"));
  file.truncate(int64_t{1} << 32);  // a hole, which costs no disk space and moves what follows beyond 32 bits
  ZipWriter writer(file);
  writer.begin("big", true);
  file.write("announced as large");
  writer.end();
  writer.add("after", "found");
  writer.finish();
  file.commit();
  const ZipReader zip(temporary("large.zip"));
  EXPECT_EQ(zip.read(*zip.find("big"), 100), "announced as large");
  EXPECT_EQ(zip.read(*zip.find("after"), 100), "found");
  EXPECT_GT(zip.find("after")->header_offset, int64_t{1} << 32);
  std::filesystem::remove(temporary("large.zip"));
}

}  // namespace
}  // namespace batchwise

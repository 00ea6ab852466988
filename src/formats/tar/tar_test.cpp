// Facts of tar archives and of the samples in them.
#include <cstring>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include <batchwise/error.h>

#include "formats/tar/tar.h"

namespace batchwise {
namespace {

std::string header(const std::string& name, int64_t size, char type = '0', const std::string& prefix = "") {
  std::string block(512, '\0');
  std::memcpy(block.data(), name.data(), std::min<size_t>(name.size(), 100));
  std::snprintf(block.data() + 124, 12, "%011llo", static_cast<unsigned long long>(size));
  block[156] = type;
  std::memcpy(block.data() + 257,
              "ustar\0"
              "00",
              8);
  std::memcpy(block.data() + 345, prefix.data(), prefix.size());
  std::memset(block.data() + 148, ' ', 8);
  unsigned sum = 0;
  for (char c : block) sum += static_cast<unsigned char>(c);
  std::snprintf(block.data() + 148, 8, "%06o", sum);
  return block;
}

std::string member(const std::string& name, const std::string& contents, char type = '0',
                   const std::string& prefix = "") {
  std::string padded = contents;
  padded.resize((contents.size() + 511) / 512 * 512);
  return header(name, static_cast<int64_t>(contents.size()), type, prefix) + padded;
}

const std::string kEnd(1024, '\0');

class Tar : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = (std::filesystem::temp_directory_path() / ("batchwise-tar-" + std::to_string(::getpid()))).string();
  }
  void TearDown() override { std::filesystem::remove(path_); }
  std::vector<TarMember> index(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary) << bytes;
    return index_tar(InputFile(path_));
  }
  std::string refusal(const std::string& bytes) const {
    try {
      index(bytes);
    } catch (const Error& error) { return error.what(); }
    return "";
  }
  std::string contents(const TarMember& member) const {
    std::string text(static_cast<size_t>(member.bytes), '\0');
    InputFile(path_).read_at(member.offset, text.data(), member.bytes);
    return text;
  }
  std::string path_;
};

TEST_F(Tar, MembersAreFoundWithTheirContents) {
  const auto members = index(member("a.txt", "hello") + header("folder/", 0, '5') + member("b.txt", "") +
                             member("c", std::string(513, 'x'), '0', "deep/er") + kEnd + "rubbish");
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(contents(members[0]), "hello");
  EXPECT_EQ(members[1].name, "b.txt");
  EXPECT_EQ(members[2].name, "deep/er/c");
  EXPECT_EQ(contents(members[2]), std::string(513, 'x'));
}

TEST_F(Tar, LongNamesComeFromGnuAndPaxMembers) {
  const std::string name = std::string(150, 'n') + ".jpg";
  EXPECT_EQ(index(member("././@LongLink", name + '\0', 'L') + member("cut", "1") + kEnd).at(0).name, name);
  EXPECT_EQ(index(member("pax", "164 path=" + name + "\n", 'x') + member("cut", "1") + kEnd).at(0).name, name);
}

TEST_F(Tar, DamageIsRefusedByName) {
  std::string bytes = member("a.txt", "hello");
  bytes[0] = 'b';
  EXPECT_NE(refusal(bytes).find("checksum"), std::string::npos);
  EXPECT_NE(refusal(member("a", "hello").substr(0, 514)).find("inside the archive"), std::string::npos);
  EXPECT_NE(refusal("short").find("whole"), std::string::npos);
  EXPECT_NE(refusal(header("a", int64_t{1} << 32)).find("inside the archive"), std::string::npos);
  EXPECT_NE(refusal(member("a", "11 path=ab\n", 'x') + member("b", "", 'S')).find("type 'S'"), std::string::npos);
}

TEST_F(Tar, AnArchiveThatWasCutBetweenTwoMembersIsRefused) {
  const std::string whole = member("a.txt", "hello") + member("b.txt", "hello") + kEnd;
  EXPECT_EQ(index(whole).size(), 2u);
  EXPECT_EQ(index(whole.substr(0, whole.size() - 512)).size(), 2u);
  EXPECT_NE(refusal(whole.substr(0, whole.size() - 1024)).find("must end with blocks of zeros"), std::string::npos);
  EXPECT_NE(refusal(whole.substr(0, 1024)).find("Got none at byte 1024"), std::string::npos);
  EXPECT_NE(refusal("").find("must end with blocks of zeros"), std::string::npos);
}

TEST_F(Tar, MembersThatShareAKeyAreASample) {
  const auto samples = shard_samples({{"d.x/1.jpg", 0, 1},
                                      {"d.x/1.Seg.PNG", 1, 1},
                                      {"d.x/1.cls", 2, 1},
                                      {".hidden", 0, 0},
                                      {"README", 0, 0},
                                      {"d.x/2.jpg", 3, 1}},
                                     "t");
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].key, "d.x/1");
  ASSERT_NE(samples[0].find("seg.png"), nullptr);
  EXPECT_EQ(samples[0].find("cls")->offset, 2);
  EXPECT_EQ(samples[1].find("cls"), nullptr);
  EXPECT_THROW(shard_samples({{"1.a", 0, 1}, {"1.A", 1, 1}}, "t"), Error);
}

}  // namespace
}  // namespace batchwise

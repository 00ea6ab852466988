// Hashes have the published values at every range of lengths.
#include <gtest/gtest.h>

#include <string>

#include "text/fingerprint.h"

namespace batchwise {
namespace {

TEST(Fingerprint, FarmHashHasItsValuesAtEveryRangeOfLengths) {
  std::string text;
  for (int i = 0; i < 6; ++i) text += "The quick brown fox jumps over the lazy dog. ";
  const std::pair<size_t, uint64_t> known[] = {
      {0, 11160318154034397263u},   {1, 1366698271136253306u},   {5, 8805132910519014279u},
      {9, 5536152759197313107u},    {16, 4320848957565769301u},  {17, 14385391840113208765u},
      {25, 1503448500679765431u},   {32, 13139644296358924898u}, {33, 17464935208016327638u},
      {50, 9988562290040287121u},   {64, 10142713867129616544u}, {65, 8330986144681106620u},
      {100, 16455262689204363058u}, {128, 6548702730867532314u}, {129, 18093668623211604690u},
      {200, 640913882323733241u}};
  for (const auto& [length, value] : known) EXPECT_EQ(farm_fingerprint(text.substr(0, length)), value) << length;
}

TEST(Fingerprint, SipHashHasTheValueOfItsPaper) {
  std::string text;
  for (char c = 0; c < 15; ++c) text += c;
  EXPECT_EQ(sip_hash({0x0706050403020100, 0x0F0E0D0C0B0A0908}, text), 0xA129CA6149BE45E5u);
}

TEST(Fingerprint, Md5HasTheValuesOfItsStandard) {
  const auto hex = [](std::string_view text) {
    std::string digits;
    for (const uint8_t byte : md5(text)) {
      char two[3];
      std::snprintf(two, sizeof two, "%02x", byte);
      digits += two;
    }
    return digits;
  };
  EXPECT_EQ(hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex("abcdefghijklmnopqrstuvwxyz"), "c3fcd3d76192e4007dfb496cca67e13b");
  EXPECT_EQ(hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

}  // namespace
}  // namespace batchwise

#include "domain/text/cp932.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

TEST(Cp932, ReadsWhatWindowsWrites) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"ABC 123", "ABC 123"},
      {"\x5C\x7E", "\\~"},  // neither yen sign nor overline
      {"\x93\x8C\x8B\x9E", "東京"},
      {"\xB6\xC5\xDE", "ｶﾅﾞ"},                 // half-width kana
      {"\x83\x5C\x95\x5C", "ソ表"},            // second octets in ASCII
      {"\x87\x40\x87\x8A", "①㈱"},             // NEC's extensions
      {"\xFB\xFC\xFA\xB1\xED\x95", "髙﨑﨑"},  // IBM's, also where NEC put them
      {"\x81\x60\x81\x7C\x81\x61", "～－∥"},   // as Windows maps them, not as JIS does
      {"\xF0\x40", "\xEE\x80\x80"},            // user-defined: U+E000, for private use
      {"", ""},
  };
  for (const auto& [octets, text] : cases) EXPECT_EQ(Utf8FromCp932(octets), text);
}

TEST(Cp932, WhatStandsForNothingIsRefused) {
  for (const std::string_view octets : {
           "\x93",          // a pair that is cut
           "a\x93",         //
           "\x93\x20",      // a second octet that is none
           "\x85\x40",      // a row without characters
           "\xFC\xFC",      // past the last
           "\xFD", "\xFE",  // no first octets
       }) {
    EXPECT_EQ(Utf8FromCp932(octets), std::nullopt);
  }
}

TEST(Cp932, AFaultLeavesNothingBehind) {
  EXPECT_EQ(Utf8FromCp932("\x93"), std::nullopt);
  EXPECT_EQ(Utf8FromCp932("\x8C\x8B"), "結");
}

}  // namespace
}  // namespace kakunin

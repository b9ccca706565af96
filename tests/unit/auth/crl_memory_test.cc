#include "auth/crl_memory.h"

#include <gtest/gtest.h>

#include <limits>

#include "auth/card_verifier.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

constexpr int64_t kDay = 24 * 3600;

SerialNumber Long(uint8_t last) {
  std::array<uint8_t, 12> octets{1};
  octets.back() = last;
  return *SerialNumber::FromBigEndian(octets);
}

CrlPartition Crl(int64_t this_update, std::vector<uint64_t> serials,
                 std::vector<SerialNumber> long_serials = {}) {
  CrlPartition crl;
  crl.this_update = this_update;
  crl.next_update = this_update + kDay;
  crl.serials = std::move(serials);
  crl.long_serials = std::move(long_serials);
  return crl;
}

CrlMemory After(const std::vector<CrlPartition>& crls) {
  CrlMemory memory;
  for (const CrlPartition& crl : crls) memory = Remember(std::move(memory), crl);
  return memory;
}

const int64_t kStart = absl::ToUnixSeconds(Now());

TEST(CrlMemory, KeepsWhatVanishesWithTheEndOfTheCrlThatLeftItOut) {
  const CrlMemory memory =
      After({Crl(kStart, {1, 2, 3}, {Long(1), Long(2)}), Crl(kStart + kDay, {2, 3}, {Long(2)}),
             Crl(kStart + 2 * kDay, {3, 9}, {})});
  EXPECT_EQ(memory.serials, (std::vector<uint64_t>{3, 9}));
  EXPECT_EQ(memory.former.serials.serials, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(memory.former.serials.until,
            (std::vector<uint32_t>{static_cast<uint32_t>(kStart + 2 * kDay),
                                   static_cast<uint32_t>(kStart + 3 * kDay)}));
  EXPECT_EQ(memory.former.long_serials.serials, (std::vector<SerialNumber>{Long(1), Long(2)}));
}

TEST(CrlMemory, WhatIsListedAgainIsCurrent) {
  const CrlMemory memory =
      After({Crl(kStart, {1, 2}), Crl(kStart + kDay, {}), Crl(kStart + 2 * kDay, {1})});
  EXPECT_EQ(memory.serials, (std::vector<uint64_t>{1}));
  EXPECT_EQ(memory.former.serials.serials, (std::vector<uint64_t>{2}));
}

TEST(CrlMemory, AnOlderCrlChangesNothing) {
  const std::vector<CrlPartition> seen = {Crl(kStart, {1}), Crl(kStart + kDay, {2})};
  const CrlMemory memory = After(seen);
  const CrlMemory again = Remember(memory, seen[0]);
  EXPECT_EQ(EncodeCrlMemory(again), EncodeCrlMemory(memory));
  EXPECT_EQ(EncodeCrlMemory(Remember(memory, seen[1])), EncodeCrlMemory(memory));
}

// The certificate that ended last of those that a CRL may have left out ended with its nextUpdate.
TEST(CrlMemory, ForgetsWhenNoCertificateCanBeInGraceAnyMore) {
  const int64_t until = kStart + 2 * kDay;
  const int64_t end = absl::ToUnixSeconds(GraceEnd(absl::FromUnixSeconds(until)));
  for (const int64_t edge : {-1, 0, 1}) {
    const CrlMemory memory =
        After({Crl(kStart, {1}, {Long(1)}), Crl(kStart + kDay, {}), Crl(end + edge, {})});
    EXPECT_EQ(memory.former.entries(), edge < 0 ? 2u : 0u) << edge;
  }
}

TEST(CrlMemory, TellsOnceWhatItForgets) {
  const int64_t until = kStart + 2 * kDay;
  const int64_t end = absl::ToUnixSeconds(GraceEnd(absl::FromUnixSeconds(until)));
  const CrlMemory before =
      After({Crl(kStart, {1, 2}, {Long(1)}), Crl(kStart + kDay, {}), Crl(kStart + 2 * kDay, {2})});
  for (const int64_t edge : {-1, 0, 1}) {
    std::vector<ForgottenSerial> forgotten;
    const CrlMemory after = Remember(before, Crl(end + edge, {2}), &forgotten);
    Remember(after, Crl(end + edge + kDay, {2}), &forgotten);
    ASSERT_EQ(forgotten.size(), 2u) << edge;  // at -1 by the CRL of the next day
    EXPECT_EQ(forgotten[0].serial, SerialNumber(1));
    EXPECT_EQ(forgotten[1].serial, Long(1));
    EXPECT_EQ(forgotten[0].until, until);
    EXPECT_EQ(forgotten[1].until, until);
    EXPECT_EQ(after.former.entries(), edge < 0 ? 2u : 0u);
  }
}

TEST(CrlMemory, CountsForACertificateThatEndedBeforeTheCrlDid) {
  CrlPartition crl = Crl(kStart + kDay, {});
  crl.former = After({Crl(kStart, {1}, {Long(1)}), crl}).former;
  const int64_t until = crl.next_update;
  for (const SerialNumber& serial : {SerialNumber(1), Long(1)}) {
    EXPECT_TRUE(crl.ContainedBefore(serial, until - 1));
    EXPECT_FALSE(crl.ContainedBefore(serial, until));  // it lived on: it had been on hold
    EXPECT_FALSE(crl.ContainedBefore(serial, until + 1));
  }
  EXPECT_FALSE(crl.ContainedBefore(SerialNumber(2), until - 1));
  EXPECT_FALSE(crl.ContainedBefore(Long(2), until - 1));
}

TEST(CrlMemory, ReadsBackWhatItWrote) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  const CrlMemory memory = After({Crl(kStart, {1, 127, 128, kMost - 1, kMost}, {Long(1), Long(2)}),
                                  Crl(kStart + kDay, {128, kMost}, {Long(2)})});
  const auto read = DecodeCrlMemory(EncodeCrlMemory(memory));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->this_update, memory.this_update);
  EXPECT_EQ(read->serials, memory.serials);
  EXPECT_EQ(read->long_serials, memory.long_serials);
  EXPECT_EQ(read->former.serials.serials, memory.former.serials.serials);
  EXPECT_EQ(read->former.serials.until, memory.former.serials.until);
  EXPECT_EQ(read->former.long_serials.serials, memory.former.long_serials.serials);
  EXPECT_EQ(read->former.long_serials.until, memory.former.long_serials.until);
  EXPECT_TRUE(DecodeCrlMemory(EncodeCrlMemory({})).has_value());
}

TEST(CrlMemory, WhatWasSupersededStaysSoWhileItIsRememberedAndOtherwiseGoesByTheNewestList) {
  SerialSet superseded;
  CrlMemory memory;
  const auto see = [&](CrlPartition crl, SerialSet listed_so) {
    memory = Remember(std::move(memory), crl);
    crl.former = memory.former;
    crl.superseded = std::move(listed_so);
    superseded = StillSuperseded(superseded, crl);
  };
  see(Crl(kStart, {1, 2, 3}, {Long(1)}), {.serials = {1, 2}, .long_serials = {Long(1)}});
  // 1 vanishes, 2 is listed for something worse, 3 as superseded, the long one vanishes.
  see(Crl(kStart + kDay, {2, 3}, {}), {.serials = {3}, .long_serials = {}});
  EXPECT_EQ(superseded.serials, (std::vector<uint64_t>{1, 3}));
  EXPECT_EQ(superseded.long_serials, (std::vector<SerialNumber>{Long(1)}));
  // 1 comes back without a reason; 3 vanishes.
  see(Crl(kStart + 2 * kDay, {1, 2}, {}), {});
  EXPECT_EQ(superseded.serials, (std::vector<uint64_t>{3}));
  const int64_t forgotten = absl::ToUnixSeconds(GraceEnd(absl::FromUnixSeconds(kStart + 3 * kDay)));
  see(Crl(forgotten, {}), {});
  EXPECT_TRUE(superseded.empty());
}

TEST(CrlMemory, ReadsBackWhatWasSuperseded) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  const SerialSet set{.serials = {1, 128, kMost}, .long_serials = {Long(1), Long(2)}};
  const std::string octets = EncodeSuperseded({.this_update = kStart, .serials = set});
  const auto read = DecodeSuperseded(octets);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->this_update, kStart);
  EXPECT_EQ(read->serials.serials, set.serials);
  EXPECT_EQ(read->serials.long_serials, set.long_serials);
  EXPECT_EQ(EncodeSuperseded({.this_update = kStart, .serials = {}}), "");
  EXPECT_TRUE(DecodeSuperseded("")->serials.empty());
  for (size_t size = 1; size < octets.size(); ++size) {
    EXPECT_FALSE(DecodeSuperseded(std::string_view(octets).substr(0, size))) << size;
  }
  EXPECT_FALSE(DecodeSuperseded(octets + '\0'));
  EXPECT_FALSE(DecodeSuperseded("\x01" + octets.substr(1)));
}

TEST(CrlMemory, RefusesEveryTruncationAndWhatIsNone) {
  const std::string octets = EncodeCrlMemory(
      After({Crl(kStart, {1, 500}, {Long(1)}), Crl(kStart + kDay, {500}, {Long(2)})}));
  for (size_t size = 0; size < octets.size(); ++size) {
    EXPECT_FALSE(DecodeCrlMemory(std::string_view(octets).substr(0, size))) << size;
  }
  EXPECT_FALSE(DecodeCrlMemory(octets + '\0'));
  EXPECT_FALSE(DecodeCrlMemory("\x02" + octets.substr(1)));
  EXPECT_FALSE(DecodeCrlMemory(std::string("\1\0\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11)));
  EXPECT_FALSE(DecodeCrlMemory(std::string("\1\0\2\5\0\0\0\0", 8)));  // one serial twice
}

}  // namespace
}  // namespace kakunin::auth

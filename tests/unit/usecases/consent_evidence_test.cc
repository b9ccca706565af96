// How the certificate stands that a consent was given with: every branch, at its edges.
#include "server/usecases/consent_evidence.h"

#include <gtest/gtest.h>

#include <memory>

#include "auth/encoding.h"

namespace kakunin {
namespace {

using enum CertificateFinding;

constexpr int64_t kSerial = 7;
constexpr int64_t kLongSerial = 8;  // stands for one of 12 octets
constexpr absl::Duration kSecond = absl::Seconds(1);
const absl::Time kPublished = absl::FromUnixSeconds(1'800'000'000);
const absl::Time kNow = kPublished + absl::Hours(1);
const absl::Time kNotAfter = kNow + absl::Hours(24 * 30);

class ConsentEvidenceTest : public testing::Test {
 protected:
  ConsentEvidenceTest() {
    act_.method = ConsentMethod::kCard;
    act_.issuer_key_id = std::string(32, 9);
    act_.serial = OctetsOf(kSerial);
    act_.crl_partition = auth::PartitionIdOf("city");
    act_.certificate_not_after = kNotAfter;
    crl_.issuer.fill(9);
    crl_.name = "city";
    SetPublished(kPublished);
  }

  static std::string OctetsOf(int64_t serial) {
    return serial == kLongSerial ? std::string(12, 5) : std::string(1, static_cast<char>(serial));
  }
  static auth::SerialNumber SerialOf(int64_t serial) {
    const std::string octets = OctetsOf(serial);
    return *auth::SerialNumber::FromBigEndian(auth::AsBytes(octets));
  }
  void SetPublished(absl::Time at) {
    crl_.this_update = absl::ToUnixSeconds(at);
    crl_.next_update = absl::ToUnixSeconds(at + absl::Hours(24));
  }
  void ListSerial(int64_t serial) {
    const auth::SerialNumber number = SerialOf(serial);
    if (const auto value = number.ToUint64()) {
      crl_.serials.push_back(*value);
    } else {
      crl_.long_serials.push_back(number);
    }
  }
  // The serial was listed once, by a list that lasted to `until`.
  void ListFormer(absl::Time until) {
    crl_.former.serials = {.serials = {kSerial},
                           .until = {static_cast<uint32_t>(absl::ToUnixSeconds(until))}};
  }
  CertificateFinding Find(absl::Time now = kNow,
                          StoredCertificate stored = StoredCertificate::kCurrent) const {
    auth::RevocationSnapshot snapshot;
    snapshot.Put(std::make_shared<const auth::CrlPartition>(crl_));
    return FindCertificate(act_, stored, &snapshot, absl::Hours(26), now);
  }

  ConsentAct act_;
  auth::CrlPartition crl_{};
};

TEST_F(ConsentEvidenceTest, AnOralActHasNone) {
  act_.issuer_key_id.clear();
  EXPECT_EQ(Find(), kNoCertificate);
}

TEST_F(ConsentEvidenceTest, IsUntraceableWhenNothingTellsWhereToLook) {
  const ConsentAct whole = act_;
  act_.crl_partition.reset();
  EXPECT_EQ(Find(), kUntraceable);
  act_ = whole;
  act_.issuer_key_id.pop_back();
  EXPECT_EQ(Find(), kUntraceable);
  act_ = whole;
  for (const std::string& serial : {std::string(), std::string(2, '\0'), std::string(21, 1)}) {
    act_.serial = serial;
    EXPECT_EQ(Find(), kUntraceable) << serial.size();
  }
  act_ = whole;
  act_.crl_partition = auth::PartitionIdOf("another city");  // its issuer has lists, but not this
  EXPECT_EQ(Find(), kUntraceable);
}

TEST_F(ConsentEvidenceTest, IsUnknownWithoutAnyList) {
  EXPECT_EQ(FindCertificate(act_, StoredCertificate::kCurrent, nullptr, absl::Hours(26), kNow),
            kUnknown);
  const auth::RevocationSnapshot empty;
  EXPECT_EQ(FindCertificate(act_, StoredCertificate::kCurrent, &empty, absl::Hours(26), kNow),
            kUnknown);
}

TEST_F(ConsentEvidenceTest, IsGoodWhileTheListIsFresh) {
  const absl::Time end = kPublished + absl::Hours(24);
  EXPECT_EQ(Find(kPublished - kSecond), kUnknown);
  EXPECT_EQ(Find(kPublished), kGood);
  EXPECT_EQ(Find(end - kSecond), kGood);
  EXPECT_EQ(Find(end), kUnknown);
  EXPECT_EQ(Find(end + kSecond), kUnknown);
}

TEST_F(ConsentEvidenceTest, IsRevokedAlsoByAListThatIsStaleAndWhenTheCardWasRenewed) {
  for (const int64_t serial : {kSerial, kLongSerial}) {
    act_.serial = OctetsOf(serial);
    EXPECT_EQ(Find(), kGood);
    ListSerial(serial);
    EXPECT_EQ(Find(), kRevoked);
    EXPECT_EQ(Find(kNow, StoredCertificate::kSuperseded), kRevoked);
    EXPECT_EQ(Find(kPublished + absl::Hours(48)), kRevoked);
  }
}

TEST_F(ConsentEvidenceTest, IsSupersededByTheListsReasonWhileTheListIsFresh) {
  for (const int64_t serial : {kSerial, kLongSerial}) {
    act_.serial = OctetsOf(serial);
    ListSerial(serial);
    crl_.superseded.Add(SerialOf(serial));
    EXPECT_EQ(Find(), kSuperseded);
    EXPECT_EQ(Find(kNow, StoredCertificate::kSuperseded), kSuperseded);
    // A newer list may say worse of it.
    EXPECT_EQ(Find(kPublished + absl::Hours(24) - kSecond), kSuperseded);
    EXPECT_EQ(Find(kPublished + absl::Hours(24)), kUnknown);
  }
}

TEST_F(ConsentEvidenceTest, IsSupersededByACardLinkWhereNoListSaysWorse) {
  EXPECT_EQ(Find(kNow, StoredCertificate::kSuperseded), kSuperseded);
  EXPECT_EQ(Find(kPublished + absl::Hours(24), StoredCertificate::kSuperseded), kUnknown);
}

TEST_F(ConsentEvidenceTest, IsExpiredFromTheSecondAfterItsLast) {
  SetPublished(kNotAfter - absl::Hours(1));
  EXPECT_EQ(Find(kNotAfter - kSecond), kGood);
  EXPECT_EQ(Find(kNotAfter), kGood);
  EXPECT_EQ(Find(kNotAfter + kSecond - absl::Nanoseconds(1)), kGood);
  EXPECT_EQ(Find(kNotAfter + kSecond), kExpired);
  EXPECT_EQ(Find(kNotAfter + kSecond, StoredCertificate::kSuperseded), kExpired);
  act_.certificate_not_after.reset();
  EXPECT_EQ(Find(kNotAfter + kSecond), kGood);
}

TEST_F(ConsentEvidenceTest, ExpiredItIsRevokedWhenItWasSoAtItsEnd) {
  SetPublished(kNotAfter + absl::Hours(1));
  const absl::Time now = kNotAfter + absl::Hours(2);
  ListFormer(kNotAfter + kSecond);
  EXPECT_EQ(Find(now), kRevoked);
  crl_.superseded.Add(SerialOf(kSerial));
  EXPECT_EQ(Find(now), kSuperseded);
  crl_.superseded = {};
  ListFormer(kNotAfter);  // it lived on: it had been on hold
  EXPECT_EQ(Find(now), kExpired);
}

TEST_F(ConsentEvidenceTest, StaysRevokedWhenNoListRemembersItAnyMore) {
  const absl::Time now = kNotAfter + absl::Hours(24 * 130);
  SetPublished(now);
  EXPECT_EQ(Find(now), kExpired);
  EXPECT_EQ(Find(now, StoredCertificate::kRevoked), kRevoked);
  // A definite no is said before "cannot tell".
  SetPublished(now - absl::Hours(48));
  EXPECT_EQ(Find(now, StoredCertificate::kRevoked), kRevoked);
  EXPECT_EQ(FindCertificate(act_, StoredCertificate::kRevoked, nullptr, absl::Hours(26), now),
            kRevoked);
}

}  // namespace
}  // namespace kakunin

#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "auth/hash_function.h"
#include "domain/civil_day.h"
#include "server/usecases/confirm_eligibility.h"
#include "tests/unit/usecases/scripted_confirmation_store.h"

namespace kakunin {

inline const absl::Time kNow =
    absl::FromCivil(absl::CivilSecond(2026, 11, 21, 10, 0, 0), JapanTime());
inline const absl::CivilDay kToday(2026, 11, 21);

// IdOf is an id that a test can tell apart.
template <class Id>
Id IdOf(uint8_t number) {
  Id id;
  id.octets[0] = number;
  return id;
}

// OpenGuard lets everybody ask unless it is closed, and counts.
class OpenGuard final : public InquiryGuard {
 public:
  bool Allows(std::string_view, std::string_view, absl::Time) override { return open; }
  void NoMatch(std::string_view, std::string_view, absl::Time) override { ++misses; }
  void Found(std::string_view, std::string_view, const PersonId&, absl::Time) override { ++found; }

  bool open = true;
  int misses = 0;
  int found = 0;
};

// ConfirmEligibilityTest is the usecase over a store in memory, asked by one terminal.
class ConfirmEligibilityTest : public testing::Test {
 protected:
  ConfirmEligibilityTest() {
    terminal_.facility_code = "1310000003";
    terminal_.terminal_id = "T1";
  }

  // A person with one open coverage since 2020, found by `key`.
  void Insure(uint8_t key, uint8_t person, std::vector<AnswerPiece> pieces = {}) {
    AnswerCoverage coverage{.key_without_branch = IdOf<KeyHash>(key),
                            .qualification_date = absl::CivilDay(2020, 4, 1),
                            .octets = "base",
                            .pieces = std::move(pieces)};
    store_.by_key[IdOf<KeyHash>(key)].push_back(
        {IdOf<PersonId>(person), kAnswerFormat, EncodeAnswerRow(std::span(&coverage, 1))});
  }

  Inquiry ByNumber(uint8_t key) const {
    return {.terminal = &terminal_,
            .actor_name = "1310000003/T1",
            .day = kToday,
            .question = KeyQuestion{.key = IdOf<KeyHash>(key),
                                    .key_without_branch = IdOf<KeyHash>(key),
                                    .document = DocumentShown::kEligibilityCertificate}};
  }

  Inquiry ByCard(const ChallengeId& challenge, uint8_t request = 0, uint8_t digest = 1) const {
    return {.terminal = &terminal_,
            .actor_name = "1310000003/T1",
            .day = kToday,
            .request_id = IdOf<RequestId>(request),
            .request_digest = IdOf<PersonPseudonym>(digest),
            .question = CardQuestion{.challenge = challenge, .certificate = "x", .signature = "y"}};
  }

  ChallengeId IssueOne(absl::Time at = kNow, CardPurpose purpose = CardPurpose::kConfirm) {
    const IssueInquiry inquiry{
        .terminal = &terminal_, .actor_name = "1310000003/T1", .purpose = purpose};
    const auto issued = usecase_.Issue(std::span(&inquiry, 1), at, Soon());
    EXPECT_TRUE(issued[0].status.ok());
    return issued[0].challenge;
  }

  std::vector<Confirmed> Confirm(const std::vector<Inquiry>& inquiries, absl::Time at = kNow) {
    return usecase_.Confirm(inquiries, cards_, at, Soon());
  }

  static MonotonicTime Soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(5); }

  // The rows of each stream are numbered from 1 without gaps, and each is chained to the one
  // before.
  void ExpectChained() {
    std::map<StreamId, const AuditRecord*> last;
    for (const AuditRecord& row : store_.audit) {
      const AuditRecord* before = last[row.id.stream];
      EXPECT_EQ(row.id.number, before == nullptr ? 1 : before->id.number + 1);
      EXPECT_EQ(row.previous_hash, before == nullptr ? Digest32{} : before->hash);
      std::string octets;
      AppendCanonicalOctets(row, octets);
      EXPECT_EQ(row.hash, auth::Sha256(octets));
      last[row.id.stream] = &row;
    }
  }

  CardTrust cards_;  // nothing is known of any card, unless a test says so
  Terminal terminal_;
  ScriptedConfirmationStore store_;
  OpenGuard guard_;
  auth::HmacKey audit_key_{"audit", "k1"};
  auth::PatientHandleKey handle_key_{auth::AsBytes("0123456789abcdef0123456789abcdef")};
  ConfirmationRules rules_;
  ConfirmEligibility usecase_{store_,
                              guard_,
                              {audit_key_, handle_key_},
                              rules_,
                              [](std::span<const Coverage>) { return EncodeAnswerRow({}); },
                              auth::kSha256};
};

}  // namespace kakunin

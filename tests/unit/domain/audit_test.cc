#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <vector>

#include "domain/audit_chain.h"
#include "domain/audit_record.h"

namespace kakunin {
namespace {

// Stands in for SHA-256: the chain's own behaviour is in question here, not the digest's.
Digest32 Fold(std::string_view octets) {
  Digest32 digest{};
  uint64_t state = 1469598103934665603ull;
  for (size_t i = 0; i < octets.size(); ++i) {
    state = (state ^ static_cast<uint8_t>(octets[i])) * 1099511628211ull;
    digest[i % 32] ^= static_cast<uint8_t>(state >> 56);
  }
  return digest;
}

std::string Canonical(const AuditRecord& record) {
  std::string octets;
  AppendCanonicalOctets(record, octets);
  return octets;
}

TEST(AuditId, GoesThroughItsText) {
  AuditId id{.number = 42};
  id.stream.octets = {0x00, 0x01, 0xfe, 0xff};
  const std::string text = AuditIdText(id);
  EXPECT_EQ(text, "0001feff000000000000000000000000-42");
  const auto read = AuditIdFromText(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->stream, id.stream);
  EXPECT_EQ(read->number, 42);
}

TEST(AuditId, RefusesWhatIsNoId) {
  const std::string stream(32, 'a');
  for (const std::string& text :
       {std::string(), stream, stream + "-", stream + "-0", stream + "--1", stream + "-1x",
        stream + "_1", std::string(31, 'a') + "g-1", stream + "-99999999999999999999"}) {
    EXPECT_FALSE(AuditIdFromText(text)) << text;
  }
}

TEST(AuditRecord, EveryFieldChangesTheCanonicalOctets) {
  const std::vector<std::function<void(AuditRecord&)>> changes = {
      [](AuditRecord&) {},
      [](AuditRecord& r) { r.id.stream.octets[0] = 1; },
      [](AuditRecord& r) { r.id.number = 2; },
      [](AuditRecord& r) { r.at += absl::Microseconds(1); },
      [](AuditRecord& r) { r.operation = 3; },
      [](AuditRecord& r) { r.actor_kind = ActorKind::kInsurer; },
      [](AuditRecord& r) { r.actor = "a"; },
      [](AuditRecord& r) { r.user = "a"; },
      [](AuditRecord& r) { r.role = 1; },
      [](AuditRecord& r) { r.role_evidence = 1; },
      [](AuditRecord& r) { r.form_of_care = 1; },
      [](AuditRecord& r) { r.situation = 1; },
      [](AuditRecord& r) { r.code = 7; },
      [](AuditRecord& r) { r.reason = "a"; },
      [](AuditRecord& r) { r.validity = 1; },
      [](AuditRecord& r) { r.person.emplace(); },
      [](AuditRecord& r) { r.asked_day = absl::CivilDay(1970, 1, 1); },
      [](AuditRecord& r) { r.details = "a"; },
      [](AuditRecord& r) { r.request_id.octets[15] = 1; },
      [](AuditRecord& r) { r.request_digest.octets[15] = 1; },
      [](AuditRecord& r) { r.answer_digest.octets[15] = 1; },
      [](AuditRecord& r) { r.key_id = "a"; },
      [](AuditRecord& r) { r.previous_hash[31] = 1; },
  };
  std::set<std::string> seen;
  for (const auto& change : changes) {
    AuditRecord record;
    record.at = absl::UnixEpoch();
    change(record);
    EXPECT_TRUE(seen.insert(Canonical(record)).second);
  }
}

TEST(AuditChain, NumbersFromOneAndChainsEachRowToTheOneBefore) {
  AuditChain chain(StreamId{{1}}, &Fold);
  AuditRecord first;
  AuditRecord second;
  chain.Link(first);
  chain.Link(second);
  EXPECT_EQ(first.id.number, 1);
  EXPECT_EQ(second.id.number, 2);
  EXPECT_EQ(first.previous_hash, Digest32{});
  EXPECT_EQ(second.previous_hash, first.hash);
  EXPECT_EQ(second.hash, Fold(Canonical(second)));
  EXPECT_NE(first.hash, second.hash);
}

TEST(AuditChain, ReturnsToAPlaceWithoutATrace) {
  AuditChain chain(StreamId{{1}}, &Fold);
  AuditRecord record;
  chain.Link(record);
  const AuditChain::Place place = chain.place();
  AuditRecord rolled_back;
  rolled_back.actor = "x";
  chain.Link(rolled_back);
  chain.ReturnTo(place);
  AuditRecord next;
  chain.Link(next);
  EXPECT_EQ(next.id.number, 2);
  EXPECT_EQ(next.previous_hash, record.hash);
}

}  // namespace
}  // namespace kakunin

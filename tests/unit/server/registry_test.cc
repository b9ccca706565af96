#include "server/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "domain/error.h"
#include "domain/terminal_certificate.h"
#include "tests/support/test_seed.h"
#include "tests/unit/server/gated_database.h"

namespace kakunin {
namespace {

Digest32 Certificate(int number) {
  Digest32 digest{};
  digest[0] = static_cast<uint8_t>(number);
  digest[1] = static_cast<uint8_t>(number >> 8);
  return digest;
}

FacilityRow Facility(const std::string& code, bool active = true) {
  return {.facility_code = code, .active = active};
}

TerminalRow TerminalAt(const std::string& facility, const std::string& id, int certificate) {
  return {.facility_code = facility, .terminal_id = id, .fingerprint = Certificate(certificate)};
}

PartyRow InsurerNamed(const std::string& name, int certificate) {
  return {.kind = ActorKind::kInsurer, .name = name, .fingerprint = Certificate(certificate)};
}

using Snapshot = std::shared_ptr<const RegistrySnapshot>;

Snapshot Empty() { return std::make_shared<const RegistrySnapshot>(); }

// Who a certificate is: "facility/terminal", an insurer's name, or nobody.
std::string Who(const Snapshot& snapshot, int certificate) {
  const RegistrySnapshot::Entry* entry = snapshot->Find(Certificate(certificate));
  if (entry == nullptr) return "nobody";
  if (const auto* terminal = std::get_if<TerminalRow>(&entry->row)) {
    return terminal->facility_code + "/" + terminal->terminal_id;
  }
  return std::get<PartyRow>(entry->row).name;
}

TEST(RegistrySnapshot, KnowsNobodyAtFirst) { EXPECT_EQ(Who(Empty(), 1), "nobody"); }

TEST(RegistrySnapshot, FindsTerminalsWithTheirFacilityAndParties) {
  const Snapshot snapshot = Empty()->With({.generation = 1,
                                           .facilities = {Facility("F")},
                                           .terminals = {TerminalAt("F", "a", 1)},
                                           .parties = {InsurerNamed("I", 2)}});
  EXPECT_EQ(snapshot->generation(), 1);
  EXPECT_EQ(Who(snapshot, 1), "F/a");
  EXPECT_TRUE(snapshot->Find(Certificate(1))->facility->active);
  EXPECT_EQ(Who(snapshot, 2), "I");
  EXPECT_EQ(Who(snapshot, 3), "nobody");
}

TEST(RegistrySnapshot, AChangeLeavesOlderSnapshotsAsTheyWere) {
  const Snapshot before = Empty()->With({.generation = 1, .terminals = {TerminalAt("F", "a", 1)}});
  TerminalRow revoked = TerminalAt("F", "a", 1);
  revoked.revoked_at = absl::UnixEpoch();
  const Snapshot after = before->With({.generation = 2, .terminals = {revoked}});
  EXPECT_FALSE(std::get<TerminalRow>(before->Find(Certificate(1))->row).revoked_at);
  EXPECT_TRUE(std::get<TerminalRow>(after->Find(Certificate(1))->row).revoked_at);
}

TEST(RegistrySnapshot, AReplacedCertificateIsNobodysAnyMore) {
  const Snapshot before = Empty()->With({.generation = 1, .terminals = {TerminalAt("F", "a", 1)}});
  const Snapshot after = before->With({.generation = 2, .terminals = {TerminalAt("F", "a", 2)}});
  EXPECT_EQ(Who(after, 1), "nobody");
  EXPECT_EQ(Who(after, 2), "F/a");
}

TEST(RegistrySnapshot, ACertificateMayMoveToAnotherOwnerInWhateverOrderItsRowsCome) {
  const Snapshot before = Empty()->With({.generation = 1, .terminals = {TerminalAt("F", "a", 1)}});
  const TerminalRow renewed = TerminalAt("F", "a", 2);
  const TerminalRow heir = TerminalAt("F", "b", 1);
  for (const auto& rows : {std::vector{renewed, heir}, std::vector{heir, renewed}}) {
    const Snapshot after = before->With({.generation = 2, .terminals = rows});
    EXPECT_EQ(Who(after, 1), "F/b");
    EXPECT_EQ(Who(after, 2), "F/a");
  }
}

TEST(RegistrySnapshot, AFacilitysChangeReachesItsTerminals) {
  Snapshot snapshot = Empty()->With({.generation = 1, .terminals = {TerminalAt("F", "a", 1)}});
  EXPECT_EQ(snapshot->Find(Certificate(1))->facility, nullptr);
  snapshot = snapshot->With({.generation = 2, .facilities = {Facility("F")}});
  ASSERT_NE(snapshot->Find(Certificate(1))->facility, nullptr);
  snapshot = snapshot->With({.generation = 3, .facilities = {Facility("F", false)}});
  EXPECT_FALSE(snapshot->Find(Certificate(1))->facility->active);
}

TEST(RegistrySnapshot, ATerminalThatTookOverACertificateKeepsItsOwnFacility) {
  Snapshot snapshot = Empty()->With({.generation = 1,
                                     .facilities = {Facility("F"), Facility("G")},
                                     .terminals = {TerminalAt("F", "a", 1)}});
  snapshot = snapshot->With(
      {.generation = 2, .terminals = {TerminalAt("F", "a", 2), TerminalAt("G", "b", 1)}});
  snapshot = snapshot->With({.generation = 3, .facilities = {Facility("F", false)}});
  EXPECT_EQ(snapshot->Find(Certificate(1))->facility->facility_code, "G");
}

FormerCertificate FormerOf(const std::string& facility, const std::string& id, int certificate,
                           absl::Time not_after = absl::InfiniteFuture()) {
  return {.facility_code = facility,
          .terminal_id = id,
          .fingerprint = Certificate(certificate),
          .not_before = absl::InfinitePast(),
          .not_after = not_after};
}

TEST(RegistrySnapshot, AFormerCertificateIsTheTerminalsBesideItsOwn) {
  Snapshot snapshot = Empty()->With(
      {.generation = 1, .facilities = {Facility("F")}, .terminals = {TerminalAt("F", "a", 1)}});
  TerminalRow next = TerminalAt("F", "a", 2);
  next.kind = TerminalKind::kViewing;
  snapshot = snapshot->With({.generation = 2,
                             .terminals = {next},
                             .formers = {FormerOf("F", "a", 1, absl::UnixEpoch())}});
  EXPECT_EQ(Who(snapshot, 1), "F/a");
  EXPECT_EQ(Who(snapshot, 2), "F/a");
  const auto& former = std::get<TerminalRow>(snapshot->Find(Certificate(1))->row);
  EXPECT_EQ(former.kind, TerminalKind::kViewing) << "what the terminal is now";
  EXPECT_EQ(former.not_after, absl::UnixEpoch()) << "its own end";
  EXPECT_TRUE(snapshot->Find(Certificate(1))->facility->active);
  EXPECT_EQ(std::get<TerminalRow>(snapshot->FindTerminal("F", "a")->row).fingerprint,
            Certificate(2));
  snapshot = snapshot->With({.generation = 3, .facilities = {Facility("F", false)}});
  EXPECT_FALSE(snapshot->Find(Certificate(1))->facility->active);
}

TEST(RegistrySnapshot, WhatIsTakenFromATerminalIsTakenFromItsFormerCertificates) {
  Snapshot snapshot = Empty()->With({.generation = 1,
                                     .facilities = {Facility("F")},
                                     .terminals = {TerminalAt("F", "a", 2)},
                                     .formers = {FormerOf("F", "a", 1)}});
  const auto says = [&](int certificate) -> std::optional<Reason> {
    return ReasonOf(
        snapshot->TerminalOf(*snapshot->Find(Certificate(certificate)), absl::UnixEpoch())
            .status());
  };
  const auto change = [&](int64_t generation, auto set) {
    TerminalRow row = TerminalAt("F", "a", 2);
    row.not_before = absl::InfinitePast();
    row.not_after = absl::InfiniteFuture();
    set(row);
    snapshot = snapshot->With({.generation = generation, .terminals = {row}});
  };
  change(2, [](TerminalRow&) {});
  EXPECT_EQ(says(1), std::nullopt);
  EXPECT_EQ(says(2), std::nullopt);
  change(3, [](TerminalRow& row) { row.suspended_at = absl::UnixEpoch(); });
  EXPECT_EQ(says(1), Reason::kTerminalSuspended);
  EXPECT_EQ(says(2), Reason::kTerminalSuspended);
  change(4, [](TerminalRow&) {});
  EXPECT_EQ(says(1), std::nullopt);
  change(5, [](TerminalRow& row) { row.revoked_at = absl::UnixEpoch(); });
  EXPECT_EQ(says(1), Reason::kTerminalRevoked);
  EXPECT_EQ(says(2), Reason::kTerminalRevoked);
}

// The CA of the terminals is followed by another, as it is done (docs/terminal_certificates.md): a
// thousand terminals renew on days of their own choosing, put the new certificate to use at once or
// as late as the overlap lets them, and none is refused a call on any day.
TEST(RegistrySnapshot, AThousandTerminalsPassFromOneAuthorityToTheNextAndNoneIsRefused) {
  SCOPED_TRACE(SeedTrace());
  std::mt19937_64 random(TestSeed());
  const auto pick = [&](int count) {
    return static_cast<int>(random() % static_cast<uint64_t>(count));
  };
  constexpr int kTerminals = 1000;
  constexpr int kDays = 120;
  constexpr absl::Duration kDay = absl::Hours(24);
  const absl::Time start = absl::FromUnixSeconds(1790000000);
  struct Virtual {
    int uses = 0;       // the certificate that it shows
    int next = 0;       // the one that it was given, or 0
    int renews_on = 0;  // day
    int switches_on = 0;
    absl::Time ends;
  };
  std::vector<Virtual> terminals(kTerminals);
  const auto id = [](int i) { return "t" + std::to_string(i); };
  const auto row = [&](int i, int certificate, absl::Time from, absl::Time to) {
    TerminalRow made = TerminalAt("F", id(i), certificate);
    made.not_before = from;
    made.not_after = to;
    return made;
  };
  RegistryRows rows{.generation = 1, .facilities = {Facility("F")}};
  for (int i = 0; i < kTerminals; ++i) {
    Virtual& terminal = terminals[static_cast<size_t>(i)];
    terminal.uses = i + 1;
    terminal.ends = start + (30 + pick(90)) * kDay;
    // From 90 days before the end on, and once the new authority is there: day 0.
    const int last = static_cast<int>((terminal.ends - start) / kDay) - 1;
    const int first = std::max(0, last + 1 - kWarningDays.front());
    terminal.renews_on = first + pick(last - first + 1);
    rows.terminals.push_back(row(i, terminal.uses, start - kDay, terminal.ends));
  }
  Snapshot snapshot = Empty()->With(rows);
  int refused = 0;
  int calls = 0;
  int renewed = 0;
  for (int day = 0; day < kDays; ++day) {
    const absl::Time now = start + day * kDay;
    RegistryRows changes{.generation = day + 2};
    for (int i = 0; i < kTerminals; ++i) {
      Virtual& terminal = terminals[static_cast<size_t>(i)];
      if (terminal.renews_on != day) continue;
      ++renewed;
      ASSERT_TRUE(IsRenewable(terminal.ends, now));
      const absl::Time overlap_end = OverlapEnd(terminal.ends, now);
      terminal.next = kTerminals + i + 1;
      terminal.switches_on = day + pick(static_cast<int>((overlap_end - now) / kDay) + 1);
      FormerCertificate former = FormerOf("F", id(i), terminal.uses, overlap_end);
      former.not_before = start - kDay;
      changes.formers.push_back(former);
      changes.terminals.push_back(row(i, terminal.next, now, EndAfter(now, 39)));
    }
    snapshot = snapshot->With(changes);
    for (Virtual& terminal : terminals) {
      if (terminal.next != 0 && day >= terminal.switches_on) terminal.uses = terminal.next;
      for (const absl::Duration later : {absl::ZeroDuration(), kDay - absl::Seconds(1)}) {
        ++calls;
        const auto* entry = snapshot->Find(Certificate(terminal.uses));
        if (entry == nullptr || !snapshot->TerminalOf(*entry, now + later).ok()) ++refused;
      }
    }
  }
  EXPECT_EQ(renewed, kTerminals);
  EXPECT_GT(calls, kTerminals * kDays);
  EXPECT_EQ(refused, 0);
}

// Random registrations, in snapshots of changing layers, against a plain map.
SignedPolicy PolicyOf(uint8_t number, absl::Time to, bool rehearsal = false) {
  SignedPolicy row;
  row.policy.id.octets[0] = number;
  row.policy.facilities = {"1310000001"};
  row.policy.from = absl::UnixEpoch();
  row.policy.to = to;
  row.policy.rehearsal = rehearsal;
  row.policy.approved_at = absl::UnixEpoch();
  return row;
}

// A snapshot with one terminal, of the facility that the policies name.
Snapshot WithTerminal() {
  return Empty()->With({.facilities = {Facility("1310000001")},
                        .terminals = {{.facility_code = "1310000001",
                                       .terminal_id = "t-1",
                                       .fingerprint = Certificate(1),
                                       .not_before = absl::InfinitePast(),
                                       .not_after = absl::InfiniteFuture()}}});
}

Snapshot WithPolicies(const Snapshot& before, int64_t generation, std::vector<SignedPolicy> rows,
                      const PolicyCheck& verifies) {
  RegistryRows read;
  read.generation = generation;
  read.policies = std::move(rows);
  return before->With(read, verifies);
}

// The policies of the terminal, in the order in which they are asked.
std::vector<AbnormalTimesPolicy> PoliciesIn(const Snapshot& snapshot) {
  const auto terminal = snapshot->TerminalOf(*snapshot->Find(Certificate(1)), absl::UnixEpoch());
  if (!terminal.ok() || terminal->abnormal_times == nullptr) return {};
  return terminal->abnormal_times->policies;
}

const PolicyCheck kAllSigned = [](const SignedPolicy&) { return true; };

TEST(RegistrySnapshot, KeepsTheEndOfAPolicyThatItHasSeen) {
  const absl::Time end = absl::UnixEpoch() + absl::Hours(1);
  const SignedPolicy running = PolicyOf(1, absl::UnixEpoch() + absl::Hours(9));
  SignedPolicy ended = running;
  ended.policy.ended_at = end;
  Snapshot snapshot = WithPolicies(WithTerminal(), 1, {running}, kAllSigned);
  snapshot = WithPolicies(snapshot, 2, {ended}, kAllSigned);
  ASSERT_EQ(PoliciesIn(snapshot).size(), 1u);
  EXPECT_FALSE(IsInForce(PoliciesIn(snapshot).front(), end));
  // Somebody who may write the database puts the row back.
  snapshot = WithPolicies(snapshot, 3, {running}, kAllSigned);
  ASSERT_EQ(PoliciesIn(snapshot).size(), 1u);
  EXPECT_EQ(PoliciesIn(snapshot).front().ended_at, end);
  EXPECT_EQ(snapshot->PoliciesForged(), 1);
  // An end that nobody signed was none: it does not keep the true row away.
  const PolicyCheck signed_if_open = [](const SignedPolicy& row) { return !row.policy.ended_at; };
  snapshot = WithPolicies(WithTerminal(), 1, {ended}, signed_if_open);
  EXPECT_TRUE(PoliciesIn(snapshot).empty());
  snapshot = WithPolicies(snapshot, 2, {running}, signed_if_open);
  EXPECT_EQ(PoliciesIn(snapshot).size(), 1u);
}

TEST(RegistrySnapshot, OrdersPoliciesAlikeInWhateverOrderTheirRowsCame) {
  const absl::Time soon = absl::UnixEpoch() + absl::Hours(1);
  const absl::Time late = absl::UnixEpoch() + absl::Hours(9);
  std::vector<SignedPolicy> rows = {PolicyOf(1, soon), PolicyOf(2, late), PolicyOf(3, late),
                                    PolicyOf(4, absl::InfiniteFuture(), true)};
  const auto numbers = [&] {
    std::vector<int> all;
    for (const auto& one : PoliciesIn(WithPolicies(WithTerminal(), 1, rows, kAllSigned))) {
      all.push_back(one.id.octets[0]);
    }
    return all;
  };
  EXPECT_EQ(numbers(), (std::vector<int>{2, 3, 1, 4}));
  std::ranges::reverse(rows);
  EXPECT_EQ(numbers(), (std::vector<int>{2, 3, 1, 4}));
}

TEST(RegistrySnapshot, HoldsWhatAPlainMapHolds) {
  SCOPED_TRACE(SeedTrace());
  std::mt19937_64 random(TestSeed());
  const auto pick = [&](int count) {
    return static_cast<int>(random() % static_cast<uint64_t>(count));
  };
  std::map<std::string, int> certificate_of;  // owner -> certificate
  std::map<int, std::string> owner_of;
  std::map<std::string, bool> active;
  Snapshot snapshot = Empty();
  constexpr int kCertificates = 4000;
  for (int generation = 1; generation <= 60; ++generation) {
    RegistryRows rows{.generation = generation};
    std::map<std::string, TerminalRow> terminals;
    const int changes = generation % 10 == 0 ? 600 : pick(40);
    for (int i = 0; i < changes; ++i) {
      const std::string facility = "F" + std::to_string(pick(20));
      const std::string id = std::to_string(pick(100));
      const std::string owner = facility + "/" + id;
      const int certificate = pick(kCertificates);
      if (owner_of.contains(certificate)) continue;
      if (const auto old = certificate_of.find(owner); old != certificate_of.end()) {
        owner_of.erase(old->second);
      }
      certificate_of[owner] = certificate;
      owner_of[certificate] = owner;
      terminals[owner] = TerminalAt(facility, id, certificate);
    }
    for (const auto& [owner, row] : terminals) rows.terminals.push_back(row);
    std::shuffle(rows.terminals.begin(), rows.terminals.end(), random);
    const std::string changed = "F" + std::to_string(pick(20));
    active[changed] = pick(2) == 0;
    rows.facilities.push_back(Facility(changed, active[changed]));
    snapshot = snapshot->With(rows);
    for (int certificate = 0; certificate < kCertificates; ++certificate) {
      const auto owner = owner_of.find(certificate);
      ASSERT_EQ(Who(snapshot, certificate), owner == owner_of.end() ? "nobody" : owner->second)
          << "certificate " << certificate << ", generation " << generation;
      if (owner == owner_of.end()) continue;
      const auto& facility = snapshot->Find(Certificate(certificate))->facility;
      const auto known = active.find(owner->second.substr(0, owner->second.find('/')));
      ASSERT_EQ(facility != nullptr, known != active.end());
      if (facility != nullptr) {
        ASSERT_EQ(facility->active, known->second);
      }
    }
  }
}

// A store that holds one generation at a time; called inside the database's lock.
class OneGeneration final : public RegistryStore {
 public:
  absl::StatusOr<RegistryRows> ReadSince(Transaction&, int64_t generation) override {
    return rows.generation == generation ? RegistryRows{.generation = generation} : rows;
  }
  absl::StatusOr<std::optional<FacilityRow>> FindFacility(Transaction&,
                                                          const std::string&) override {
    return std::nullopt;
  }
  absl::StatusOr<std::optional<TerminalRow>> FindTerminal(Transaction&, const std::string&,
                                                          const std::string&) override {
    return std::nullopt;
  }
  absl::StatusOr<std::optional<PartyRow>> FindParty(Transaction&, ActorKind,
                                                    const std::string&) override {
    return std::nullopt;
  }
  absl::StatusOr<bool> FingerprintRevoked(Transaction&, const Digest32&) override { return false; }
  absl::StatusOr<bool> FingerprintInUse(Transaction&, const Digest32&,
                                        const std::string&) override {
    return false;
  }
  absl::Status PutFacility(Transaction&, const FacilityRow&) override { return absl::OkStatus(); }
  absl::Status SetOperationTest(Transaction&, const std::string&,
                                std::optional<absl::Time>) override {
    return absl::OkStatus();
  }
  absl::Status SetTerms(Transaction&, const std::string&, const FacilityTerms&) override {
    return absl::OkStatus();
  }
  absl::StatusOr<bool> SetGroundEnd(Transaction&, const std::string&, absl::CivilDay,
                                    bool) override {
    return true;
  }
  absl::Status PutTestPerson(Transaction&, const TestPersonRow&) override {
    return absl::OkStatus();
  }
  absl::Status PutTerminal(Transaction&, const TerminalRow&) override { return absl::OkStatus(); }
  absl::Status PutParty(Transaction&, const PartyRow&) override { return absl::OkStatus(); }
  absl::StatusOr<std::optional<TerminalRow>> ReadTerminal(Transaction&, const std::string&,
                                                          const std::string&) override {
    return std::nullopt;
  }
  absl::Status PutFormer(Transaction&, const FormerCertificate&) override {
    return absl::OkStatus();
  }
  absl::StatusOr<int> EndFormers(Transaction&, const std::string&, const std::string&, absl::Time,
                                 bool) override {
    return 0;
  }

  RegistryRows rows;
};

TEST(Registry, LetsNobodyInBeforeItsFirstReading) {
  GatedDatabase database;
  OneGeneration store;
  Registry registry(database, store);
  EXPECT_EQ(registry.Current(), nullptr);
  database.Open(false);
  EXPECT_FALSE(registry.Start().ok());
  EXPECT_EQ(registry.Current(), nullptr);
}

TEST(Registry, FollowsTheGenerationAndKeepsServingWhileTheDatabaseIsAway) {
  GatedDatabase database;
  OneGeneration store;
  store.rows = {.generation = 1, .parties = {InsurerNamed("I", 1)}};
  Registry registry(database, store);
  ASSERT_TRUE(registry.Start().ok());
  const Snapshot first = registry.Current();
  EXPECT_EQ(Who(first, 1), "I");

  database.Open(false);
  const int away = database.attempts();
  ASSERT_TRUE(database.WaitForAttempts(away + 2));
  EXPECT_EQ(Who(registry.Current(), 1), "I");
  EXPECT_LT(registry.Age(), absl::Seconds(10));

  PartyRow ended = InsurerNamed("I", 1);
  ended.active = false;
  store.rows = {.generation = 2, .parties = {ended}};  // nobody reads it while the door is shut
  database.Open(true);
  const int back = database.attempts();
  ASSERT_TRUE(database.WaitForAttempts(back + 2));
  EXPECT_FALSE(std::get<PartyRow>(registry.Current()->Find(Certificate(1))->row).active);
  EXPECT_TRUE(std::get<PartyRow>(first->Find(Certificate(1))->row).active);
}

}  // namespace
}  // namespace kakunin

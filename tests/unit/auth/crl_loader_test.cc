#include "auth/crl_loader.h"

#include <gtest/gtest.h>

#include <map>

#include "auth/partition_text.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

const Authority& Issuer() { return CardPki::Get().generations[2]; }

IssuerKeyId IssuerId() { return Sha256(Issuer().key.PublicKeyDer()); }

CrlSpec Numbered(uint64_t number, std::vector<RevokedEntry> entries = {}) {
  CrlSpec spec = DefaultCrl(Now());
  spec.crl_number = SerialNumber(number);
  spec.entries = std::move(entries);
  return spec;
}

CrlLoadResult Load(const ScratchDirectory& scratch, const RevocationSnapshot* previous = nullptr,
                   const CrlLimits& limits = {}, CrlArchive* archive = nullptr) {
  return LoadCrls(scratch.path(), *CardPki::Get().store, previous, Now(), limits, archive);
}

// MapArchive keeps in memory what servers share.
class MapArchive final : public CrlArchive {
 public:
  absl::Status Update(const IssuerKeyId&, std::string_view partition,
                      const Change& change) override {
    if (!status.ok()) return status;
    std::string& memory = kept[std::string(partition)];
    std::string& superseded = kept[SupersededPointOf(partition)];
    absl::StatusOr<Kept> next = change({memory, superseded});
    if (!next.ok()) return next.status();
    memory = std::move(next->memory);
    superseded = std::move(next->superseded);
    return absl::OkStatus();
  }
  std::map<std::string, std::string> kept;
  absl::Status status;
};

// Whether the serial of a certificate that ended as Now began was revoked then.
bool WasRevoked(const RevocationSnapshot& snapshot, uint64_t serial) {
  return snapshot.WasRevoked(IssuerId(), MunicipalityPoint(kCity), SerialNumber(serial),
                             absl::ToUnixSeconds(Now()) - 1);
}

RevocationState StateOf(const RevocationSnapshot& snapshot, uint64_t serial) {
  return snapshot.Lookup(IssuerId(), MunicipalityPoint(kCity), SerialNumber(serial), Now());
}

TEST(CrlLoader, LoadsDerAndPemAndIgnoresOtherFiles) {
  const ScratchDirectory scratch;
  CrlSpec other_city = Numbered(1);
  other_city.partition = MunicipalityPoint("13101");
  scratch.Write("a.crl", IssueCrl(Numbered(7, {{SerialNumber(5), Now()}}), Issuer()));
  scratch.Write("b.crl", CrlPem(IssueCrl(other_city, Issuer())));
  scratch.Write("c.txt", "nothing");
  const CrlLoadResult result = Load(scratch);
  EXPECT_EQ(result.report.loaded, 2);
  EXPECT_TRUE(result.report.refused.empty());
  EXPECT_EQ(result.snapshot->partitions().size(), 2u);
  EXPECT_EQ(StateOf(*result.snapshot, 5), RevocationState::kRevoked);
  EXPECT_EQ(StateOf(*result.snapshot, 6), RevocationState::kGood);
}

TEST(CrlLoader, SharesUnchangedPartitionsWithoutReadingThemAgain) {
  const ScratchDirectory scratch;
  scratch.Write("a.crl", IssueCrl(Numbered(7), Issuer()));
  const CrlLoadResult first = Load(scratch);
  const CrlLoadResult second = Load(scratch, first.snapshot.get());
  EXPECT_EQ(second.report.loaded, 0);
  EXPECT_EQ(second.report.unchanged, 1);
  EXPECT_EQ(second.snapshot->Find(IssuerId(), MunicipalityPoint(kCity)),
            first.snapshot->Find(IssuerId(), MunicipalityPoint(kCity)));
}

TEST(CrlLoader, TakesTheNextNumber) {
  const ScratchDirectory scratch;
  scratch.Write("a.crl", IssueCrl(Numbered(7), Issuer()));
  const CrlLoadResult first = Load(scratch);
  scratch.Write("a.crl", IssueCrl(Numbered(8, {{SerialNumber(5), Now()}}), Issuer()));
  const CrlLoadResult second = Load(scratch, first.snapshot.get());
  EXPECT_EQ(second.report.loaded, 1);
  EXPECT_EQ(StateOf(*second.snapshot, 5), RevocationState::kRevoked);
  EXPECT_EQ(StateOf(*first.snapshot, 5), RevocationState::kGood);  // the old snapshot is as it was
}

TEST(CrlLoader, RemembersWhatTheNextOneDrops) {
  const ScratchDirectory scratch;
  scratch.Write("a.crl", IssueCrl(Numbered(7, {{SerialNumber(5), Now()}}), Issuer()));
  const CrlLoadResult first = Load(scratch);
  EXPECT_FALSE(WasRevoked(*first.snapshot, 5));
  scratch.Write("a.crl", IssueCrl(Numbered(8), Issuer()));
  const CrlLoadResult second = Load(scratch, first.snapshot.get());
  EXPECT_EQ(StateOf(*second.snapshot, 5), RevocationState::kGood);
  EXPECT_TRUE(WasRevoked(*second.snapshot, 5));
  EXPECT_FALSE(WasRevoked(*second.snapshot, 6));
  scratch.Write("a.crl", IssueCrl(Numbered(9, {{SerialNumber(6), Now()}}), Issuer()));
  const CrlLoadResult third = Load(scratch, second.snapshot.get());
  EXPECT_TRUE(WasRevoked(*third.snapshot, 5));
  EXPECT_EQ(third.snapshot->former_entries(), 1u);
}

TEST(CrlLoader, RemembersOverARestartAndOnAServerThatNeverHeldTheOldOne) {
  MapArchive archive;
  const ScratchDirectory scratch;
  scratch.Write("a.crl", IssueCrl(Numbered(7, {{SerialNumber(5), Now()}}), Issuer()));
  Load(scratch, nullptr, {}, &archive);
  scratch.Write("a.crl", IssueCrl(Numbered(8), Issuer()));
  const CrlLoadResult restarted = Load(scratch, nullptr, {}, &archive);
  EXPECT_TRUE(WasRevoked(*restarted.snapshot, 5));
  const CrlLoadResult another = Load(scratch, nullptr, {}, &archive);
  EXPECT_TRUE(WasRevoked(*another.snapshot, 5));
  EXPECT_FALSE(WasRevoked(*Load(scratch).snapshot, 5));  // this one was told nothing
}

bool WasSuperseded(const CrlLoadResult& result, uint64_t serial) {
  return result.snapshot->WasSupersededAgain(IssuerId(), PartitionIdOf(MunicipalityPoint(kCity)),
                                             SerialNumber(serial));
}

std::string Published(uint64_t number, absl::Duration ago, std::vector<RevokedEntry> revoked) {
  CrlSpec one = Numbered(number, std::move(revoked));
  one.this_update = Now() - ago;
  return IssueCrl(one, Issuer());
}

// What was superseded says so after the CA has dropped it, also on a server that never held that
// CRL; what an earlier version had kept, and what a CRL older than the newest says, excuse nothing.
TEST(CrlLoader, RemembersWhatWasOnlySuperseded) {
  MapArchive archive;
  const ScratchDirectory scratch;
  const std::string first = Published(
      7, absl::Hours(3),
      {{SerialNumber(5), Now(), 4}, {SerialNumber(6), Now()}, {SerialNumber(9), Now(), 4}});
  scratch.Write("a.crl", first);
  const CrlLoadResult held = Load(scratch, nullptr, {}, &archive);
  EXPECT_TRUE(WasSuperseded(held, 5));
  EXPECT_FALSE(WasSuperseded(held, 6));
  scratch.Write("a.crl", Published(8, absl::Hours(2), {{SerialNumber(9), Now(), 1}}));
  const CrlLoadResult alone = Load(scratch, held.snapshot.get());  // without an archive
  for (const CrlLoadResult& result :
       {Load(scratch, nullptr, {}, &archive), Load(scratch, nullptr, {}, &archive), alone}) {
    EXPECT_TRUE(WasRevoked(*result.snapshot, 5));
    EXPECT_TRUE(WasRevoked(*result.snapshot, 6));
    EXPECT_TRUE(WasSuperseded(result, 5));
    EXPECT_FALSE(WasSuperseded(result, 6));
    EXPECT_FALSE(WasSuperseded(result, 9));  // worse since
  }
  const auto kept = archive.kept;
  scratch.Write("a.crl", first);  // put back
  const CrlLoadResult put_back = Load(scratch, nullptr, {}, &archive);
  EXPECT_EQ(put_back.report.alarms.size(), 1u);
  EXPECT_EQ(archive.kept, kept);
  EXPECT_TRUE(WasSuperseded(put_back, 5));
  EXPECT_FALSE(WasSuperseded(put_back, 9));
  // A server of an earlier version kept nothing of it.
  archive.kept.erase(SupersededPointOf(MunicipalityPoint(kCity)));
  scratch.Write("a.crl", Published(9, absl::Hours(1), {{SerialNumber(9), Now(), 4}}));
  const CrlLoadResult upgraded = Load(scratch, nullptr, {}, &archive);
  EXPECT_TRUE(WasRevoked(*upgraded.snapshot, 5));
  EXPECT_FALSE(WasSuperseded(upgraded, 5));
  EXPECT_TRUE(WasSuperseded(upgraded, 9));
  archive.kept[SupersededPointOf(MunicipalityPoint(kCity))] = "broken";
  scratch.Write("a.crl", Published(10, absl::Minutes(1), {}));
  EXPECT_EQ(Load(scratch, nullptr, {}, &archive).report.refused.size(), 1u);
}

// A server of the version before takes a CRL and writes the partition's row alone. Whatever that
// CRL said of a serial is not known afterwards: what is kept of those superseded is of another one.
TEST(CrlLoader, ExcusesNothingByWhatAnotherCrlSaidOfThoseSuperseded) {
  constexpr int kSuperseded = 4;
  constexpr int kKeyCompromise = 1;
  const std::string point = SupersededPointOf(MunicipalityPoint(kCity));
  MapArchive archive;
  const ScratchDirectory scratch;
  const auto load = [&](const std::string& crl) {
    scratch.Write("a.crl", crl);
    return Load(scratch, nullptr, {}, &archive);
  };
  const std::string older = Published(6, absl::Hours(5), {});
  load(Published(7, absl::Hours(4), {{SerialNumber(5), Now(), kSuperseded}}));
  const std::string stale = archive.kept[point];
  const std::string stolen =
      Published(8, absl::Hours(3),
                {{SerialNumber(5), Now(), kKeyCompromise}, {SerialNumber(6), Now(), kSuperseded}});
  load(stolen);
  archive.kept[point] = stale;  // as that server leaves it
  const auto left = archive.kept;

  const CrlLoadResult same = load(stolen);
  EXPECT_FALSE(WasSuperseded(same, 5));
  EXPECT_TRUE(WasSuperseded(same, 6));
  archive.kept = left;
  const CrlLoadResult put_back = load(older);
  EXPECT_EQ(put_back.report.alarms.size(), 1u);
  EXPECT_FALSE(WasSuperseded(put_back, 5));
  EXPECT_EQ(archive.kept, left);
  const CrlLoadResult dropped = load(Published(9, absl::Hours(2), {}));
  EXPECT_TRUE(WasRevoked(*dropped.snapshot, 5));
  EXPECT_FALSE(WasSuperseded(dropped, 5));
  EXPECT_FALSE(WasSuperseded(dropped, 6));  // nobody knows any more
  // From then on it is known again.
  load(Published(10, absl::Hours(1), {{SerialNumber(7), Now(), kSuperseded}}));
  EXPECT_TRUE(WasSuperseded(load(Published(11, absl::Minutes(1), {})), 7));
}

// jpki.md 6 row 43 beyond the life of a process: a file put back to an older one.
TEST(CrlLoader, AnOlderOneAfterARestartAcceptsNobodyWhomANewerOneRevoked) {
  MapArchive archive;
  const ScratchDirectory scratch;
  const auto spec = [](uint64_t number, absl::Duration ago, std::vector<RevokedEntry> revoked) {
    CrlSpec one = Numbered(number, std::move(revoked));
    one.this_update = Now() - ago;
    return one;
  };
  const std::string older = IssueCrl(spec(7, absl::Hours(2), {{SerialNumber(5), Now()}}), Issuer());
  scratch.Write("a.crl", IssueCrl(spec(8, absl::Hours(1),
                                       {{SerialNumber(5), Now()}, {SerialNumber(6), Now()}}),
                                  Issuer()));
  Load(scratch, nullptr, {}, &archive);
  const auto kept = archive.kept;
  scratch.Write("a.crl", older);
  const CrlLoadResult restarted = Load(scratch, nullptr, {}, &archive);
  EXPECT_EQ(StateOf(*restarted.snapshot, 5), RevocationState::kRevoked);
  EXPECT_EQ(StateOf(*restarted.snapshot, 6), RevocationState::kRevoked);
  ASSERT_EQ(restarted.report.alarms.size(), 1u);
  EXPECT_NE(restarted.report.alarms[0].text.find("older"), std::string::npos);
  EXPECT_EQ(archive.kept, kept);
  // Without what was seen nobody would know.
  EXPECT_EQ(StateOf(*Load(scratch).snapshot, 6), RevocationState::kGood);
}

TEST(CrlLoader, AlarmsOfOneThatShrankWhileNobodyHeldIt) {
  MapArchive archive;
  const ScratchDirectory scratch;
  std::vector<RevokedEntry> many;
  for (uint64_t serial = 1; serial <= 10; ++serial) many.push_back({SerialNumber(serial), Now()});
  scratch.Write("a.crl", IssueCrl(Numbered(7, many), Issuer()));
  Load(scratch, nullptr, {}, &archive);
  scratch.Write("a.crl", IssueCrl(Numbered(8), Issuer()));
  EXPECT_EQ(Load(scratch, nullptr, {}, &archive).report.alarms.size(), 1u);
}

// Whether its certificates have ended a CRL does not tell, so each serial counts.
TEST(CrlLoader, TellsHowManySerialsVanishFromWhichPartition) {
  MapArchive archive;
  const ScratchDirectory scratch;
  const SerialNumber long_serial = *SerialNumber::FromBigEndian(AsBytes("nine octets"));
  std::vector<RevokedEntry> entries = {{long_serial, Now()}};
  for (uint64_t serial = 1; serial <= 10; ++serial)
    entries.push_back({SerialNumber(serial), Now()});
  scratch.Write("a.crl", IssueCrl(Numbered(7, entries), Issuer()));
  const CrlLoadResult first = Load(scratch, nullptr, {}, &archive);
  EXPECT_TRUE(first.report.vanished.empty());
  entries[4].serial = SerialNumber(11);
  entries.erase(entries.begin());
  scratch.Write("a.crl", IssueCrl(Numbered(8, entries), Issuer()));
  // One that had been down knows it from the archive, another by what it held.
  for (const RevocationSnapshot* held :
       {static_cast<const RevocationSnapshot*>(nullptr), first.snapshot.get()}) {
    const CrlLoadResult next = Load(scratch, held, {}, &archive);
    ASSERT_EQ(next.report.vanished.size(), 1u);
    EXPECT_EQ(next.report.vanished[0].file, "a.crl");
    EXPECT_EQ(next.report.vanished[0].partition, PartitionText(MunicipalityPoint(kCity)));
    EXPECT_EQ(next.report.vanished[0].serials, 2u);
    EXPECT_TRUE(next.report.alarms.empty());
    EXPECT_TRUE(Load(scratch, next.snapshot.get(), {}, &archive).report.vanished.empty());
  }
}

TEST(CrlLoader, TakesNothingWhilePredecessorsAreNotKnownAndRepeatsTheLoad) {
  MapArchive archive;
  const ScratchDirectory scratch;
  scratch.Write("a.crl", IssueCrl(Numbered(7, {{SerialNumber(5), Now()}}), Issuer()));
  const CrlLoadResult first = Load(scratch, nullptr, {}, &archive);
  scratch.Write("a.crl", IssueCrl(Numbered(8), Issuer()));
  const auto kept = archive.kept;
  archive.status = absl::UnavailableError("no database");
  CrlLoadResult refused = Load(scratch, first.snapshot.get(), {}, &archive);
  ASSERT_EQ(refused.report.refused.size(), 1u);
  EXPECT_EQ(StateOf(*refused.snapshot, 5), RevocationState::kRevoked);
  archive.status = absl::OkStatus();
  archive.kept.begin()->second = "not what was written";
  refused = Load(scratch, refused.snapshot.get(), {}, &archive);
  ASSERT_EQ(refused.report.refused.size(), 1u);
  archive.kept = kept;
  const CrlLoadResult taken = Load(scratch, refused.snapshot.get(), {}, &archive);
  EXPECT_EQ(taken.report.loaded, 1);
  EXPECT_TRUE(WasRevoked(*taken.snapshot, 5));
}

// jpki.md 6 rows 39, 40, 42, 43: the last good one stays.
TEST(CrlLoader, KeepsTheLastGoodOneWhenTheNewOneIsRefused) {
  CrlSpec future = Numbered(9);
  future.this_update = Now() + absl::Seconds(1);
  CrlSpec full = Numbered(9);
  full.partition.clear();
  const std::string bad_files[] = {"garbage",
                                   IssueCrl(Numbered(6), Issuer()),
                                   IssueCrl(Numbered(7, {{SerialNumber(6), Now()}}), Issuer()),
                                   IssueCrl(future, Issuer()),
                                   IssueCrl(full, Issuer()),
                                   IssueCrl(Numbered(9), CardPki::Get().impostor)};
  for (const std::string& bad : bad_files) {
    const ScratchDirectory scratch;
    scratch.Write("a.crl", IssueCrl(Numbered(7, {{SerialNumber(5), Now()}}), Issuer()));
    const CrlLoadResult first = Load(scratch);
    scratch.Write("a.crl", bad);
    const CrlLoadResult second = Load(scratch, first.snapshot.get());
    ASSERT_EQ(second.report.refused.size(), 1u);
    EXPECT_EQ(second.report.refused[0].file, "a.crl");
    EXPECT_EQ(second.report.loaded, 0);
    EXPECT_EQ(StateOf(*second.snapshot, 5), RevocationState::kRevoked);
    EXPECT_EQ(StateOf(*second.snapshot, 6), RevocationState::kGood);
    EXPECT_EQ(second.snapshot->partitions().size(), 1u);
  }
}

TEST(CrlLoader, ThisUpdateOfThisSecondIsNotTheFuture) {
  const ScratchDirectory scratch;
  CrlSpec spec = Numbered(1);
  spec.this_update = Now();
  scratch.Write("a.crl", IssueCrl(spec, Issuer()));
  EXPECT_EQ(Load(scratch).report.loaded, 1);
}

TEST(CrlLoader, RefusesPartitionBesideFullCrl) {
  const ScratchDirectory scratch;
  CrlSpec full = Numbered(1);
  full.partition.clear();
  scratch.Write("a.crl", IssueCrl(full, Issuer()));
  scratch.Write("b.crl", IssueCrl(Numbered(1), Issuer()));
  const CrlLoadResult result = Load(scratch);
  EXPECT_EQ(result.report.loaded, 1);
  ASSERT_EQ(result.report.refused.size(), 1u);
  EXPECT_EQ(result.report.refused[0].file, "b.crl");
}

TEST(CrlLoader, KeepsPartitionWhoseFileOrDirectoryVanished) {
  const ScratchDirectory scratch;
  const auto path = scratch.Write("a.crl", IssueCrl(Numbered(7), Issuer()));
  const CrlLoadResult first = Load(scratch);
  std::filesystem::remove(path);
  const CrlLoadResult second = Load(scratch, first.snapshot.get());
  EXPECT_EQ(StateOf(*second.snapshot, 5), RevocationState::kGood);
  const CrlLoadResult third =
      LoadCrls(scratch.path() / "none", *CardPki::Get().store, second.snapshot.get(), Now());
  EXPECT_EQ(third.report.refused.size(), 1u);
  EXPECT_EQ(StateOf(*third.snapshot, 5), RevocationState::kGood);
}

TEST(CrlLoader, DropsPartitionsOfAKeyThatLeftTheStore) {
  const ScratchDirectory scratch;
  scratch.Write("a.crl", IssueCrl(Numbered(7), Issuer()));
  const CrlLoadResult first = Load(scratch);
  const std::vector<std::string> others = {CardPki::Get().generations[0].certificate_der};
  const auto store = TrustStore::Create(Hierarchy::kUserAuthentication, others).value();
  const CrlLoadResult second = LoadCrls(scratch.path(), *store, first.snapshot.get(), Now());
  EXPECT_TRUE(second.snapshot->partitions().empty());
  EXPECT_EQ(second.report.refused.size(), 1u);
}

// Row 46: half is no alarm, below half is; the CRL counts all the same.
TEST(CrlLoader, RaisesAlarmWhenACrlShrinks) {
  for (const size_t left : {6u, 5u, 4u}) {
    const ScratchDirectory scratch;
    std::vector<uint64_t> serials = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    CrlSpec before = Numbered(7);
    before.serials = serials;
    scratch.Write("a.crl", IssueCrl(before, Issuer()));
    const CrlLoadResult first = Load(scratch);
    CrlSpec after = Numbered(8);
    after.serials = std::span(serials).first(left);
    scratch.Write("a.crl", IssueCrl(after, Issuer()));
    const CrlLoadResult second = Load(scratch, first.snapshot.get());
    EXPECT_EQ(second.report.alarms.size(), left == 4 ? 1u : 0u);
    EXPECT_EQ(second.snapshot->entries(), left);
  }
}

TEST(CrlLoader, RefusesFilesAboveTheLimitAndOddFiles) {
  const ScratchDirectory scratch;
  const std::string crl = IssueCrl(Numbered(7), Issuer());
  scratch.Write("a.crl", crl);
  std::filesystem::create_directory(scratch.path() / "b.crl");
  CrlLimits limits;
  limits.max_file_bytes = crl.size() - 1;
  EXPECT_EQ(Load(scratch, nullptr, limits).report.refused.size(), 2u);
  limits.max_file_bytes = crl.size();
  EXPECT_EQ(Load(scratch, nullptr, limits).report.loaded, 1);
}

}  // namespace
}  // namespace kakunin::auth

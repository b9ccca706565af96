#include "server/commands/audit_walk.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/digest.h"

namespace kakunin {
namespace {

Digest32 HashOf(std::string_view octets) { return auth::Sha256(octets); }

constexpr StreamId kStream{{1, 2, 3}};

std::vector<AuditRecord> Rows(int count) {
  AuditChain chain(kStream, &HashOf);
  std::vector<AuditRecord> rows;
  for (int i = 0; i < count; ++i) {
    AuditRecord record;
    record.at = absl::FromUnixSeconds(1'000'000 + i);
    record.actor = "1310000003/T1";
    chain.Link(record);
    rows.push_back(record);
  }
  return rows;
}

std::vector<std::string> FaultsOf(const std::vector<AuditRecord>& rows, int64_t head) {
  StreamWalk walk(kStream, &HashOf);
  for (const AuditRecord& row : rows) walk.See(row);
  walk.End({kStream, head, {}});
  std::vector<std::string> faults;
  for (const AuditFault& fault : walk.faults()) {
    faults.push_back(std::to_string(fault.at.number) + " " + fault.what.substr(0, 12));
  }
  return faults;
}

using Faults = std::vector<std::string>;

TEST(StreamWalkTest, AWholeStreamHasNoFault) { EXPECT_EQ(FaultsOf(Rows(5), 5), Faults()); }

TEST(StreamWalkTest, RowsThatCameAfterTheHeadAreFine) { EXPECT_EQ(FaultsOf(Rows(6), 5), Faults()); }

TEST(StreamWalkTest, AChangedRowIsOneFault) {
  auto rows = Rows(5);
  rows[2].actor = "1310000003/T2";
  EXPECT_EQ(FaultsOf(rows, 5), Faults({"3 was changed:"}));
}

TEST(StreamWalkTest, AChangedRowWithAHashMadeToFitIsFoundByTheNext) {
  auto rows = Rows(5);
  rows[2].actor = "1310000003/T2";
  std::string octets;
  AppendCanonicalOctets(rows[2], octets);
  rows[2].hash = HashOf(octets);
  EXPECT_EQ(FaultsOf(rows, 5), Faults({"4 does not hol"}));
}

TEST(StreamWalkTest, MissingRowsAreFoundWhereverTheyStood) {
  auto rows = Rows(6);
  EXPECT_EQ(FaultsOf({rows.begin() + 1, rows.end()}, 6), Faults({"1 is missing"}));
  EXPECT_EQ(FaultsOf({rows[0], rows[1], rows[4], rows[5]}, 6), Faults({"3 and all up t"}));
  EXPECT_EQ(FaultsOf({rows[0], rows[1]}, 6), Faults({"3 was there wh"}));
  EXPECT_EQ(FaultsOf({}, 6), Faults({"1 was there wh"}));
}

TEST(StreamWalkTest, BeginsBehindTheLastRowThatWentWithItsMonth) {
  const auto rows = Rows(6);
  const auto faults_from = [&](const AuditChain::Place& start, size_t first) {
    StreamWalk walk(kStream, &HashOf, start);
    for (size_t i = first; i < rows.size(); ++i) walk.See(rows[i]);
    walk.End({kStream, 6, {}});
    Faults faults;
    for (const AuditFault& fault : walk.faults()) {
      faults.push_back(std::to_string(fault.at.number) + " " + fault.what.substr(0, 12));
    }
    return faults;
  };
  EXPECT_EQ(faults_from({3, rows[2].hash}, 3), Faults());
  EXPECT_EQ(faults_from({6, rows[5].hash}, 6), Faults());
  EXPECT_EQ(faults_from({3, rows[2].hash}, 4), Faults({"4 is missing"}));
  EXPECT_EQ(faults_from({3, rows[1].hash}, 3), Faults({"4 does not hol"}));
  EXPECT_EQ(faults_from({}, 3), Faults({"1 and all up t"}));
}

TEST(StreamWalkTest, ARepeatedRowIsAFault) {
  auto rows = Rows(3);
  EXPECT_EQ(FaultsOf({rows[0], rows[1], rows[1], rows[2]}, 3), Faults({"2 stands there"}));
}

TEST(StreamWalkTest, KeepsABoundedNumberOfFaultsAndCountsAll) {
  auto rows = Rows(500);
  for (AuditRecord& row : rows) row.code = 7;
  StreamWalk walk(kStream, &HashOf);
  for (const AuditRecord& row : rows) walk.See(row);
  EXPECT_EQ(walk.faults().size(), StreamWalk::kMostFaults);
  EXPECT_EQ(walk.fault_count(), 500);
}

TEST(HeadsDigestTest, DependsOnEveryHead) {
  std::vector<StreamHead> heads = {{kStream, 5, {}}, {StreamId{{9}}, 7, {}}};
  const Digest32 digest = HeadsDigest(heads, &HashOf);
  heads[1].number = 8;
  EXPECT_NE(HeadsDigest(heads, &HashOf), digest);
  heads[1].number = 7;
  heads[0].hash[31] = 1;
  EXPECT_NE(HeadsDigest(heads, &HashOf), digest);
  heads[0].hash[31] = 0;
  EXPECT_EQ(HeadsDigest(heads, &HashOf), digest);
}

}  // namespace
}  // namespace kakunin

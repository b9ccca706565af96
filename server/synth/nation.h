#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/synth/card_record.h"
#include "server/synth/coverage_plan.h"
#include "server/synth/facility_table.h"
#include "server/synth/household.h"
#include "server/synth/insurer_table.h"

namespace kakunin::synth {

// InsurerRow is one row of the feed of Insurers()[insurer].
struct InsurerRow {
  size_t insurer = 0;
  v1::CoverageRow row;
};

// Person is one inhabitant: the rows reported about him or her, the oldest first, and the
// certificates.
struct Person {
  std::string individual_number;
  std::vector<InsurerRow> rows;
  std::vector<CardRecord> cards;
};

// RecordSinks take one row each: of Reviewers()[reviewer], of Insurers()[insurer]. A row is only
// valid during the call.
struct RecordSinks {
  std::function<void(size_t reviewer, const v1::ReceiptRow&)> receipt;
  std::function<void(size_t insurer, const v1::HealthCheckRow&)> health_check;
};

// CrlPartition is what one CRL lists: one municipality's revoked cards of one generation.
struct CrlPartition {
  int generation = 0;
  std::string municipality_code;
  std::vector<CardRecord> revoked;
};

// CardSink takes one certificate and its holder's individual number, in the order in which links
// must be pushed (a replaced one first).
using CardSink = std::function<void(const CardRecord& card, const std::string& individual_number)>;

// kMaxPersons bounds a nation: beyond it numbers of seven digits would repeat.
inline constexpr int64_t kMaxPersons = 10'000'000;

// CheckOptions returns INVALID_ARGUMENT, naming the option, for a nation that cannot be made.
absl::Status CheckOptions(const NationOptions& options);

// Nation is the synthetic nation: random persons that depend on (seed, position) alone, and the
// test persons, who are in every nation. It holds nothing but its options. Thread-safe.
// Measured: 1 M persons with cards take 3 s of one core, written to disk as 302 MB.
class Nation {
 public:
  // `options` have passed CheckOptions.
  explicit Nation(const NationOptions& options) : options_(options) {}

  const NationOptions& options() const { return options_; }
  std::span<const Insurer> Insurers() const { return synth::Insurers(); }
  std::span<const Facility> Facilities() const { return synth::Facilities(); }

  // MakePerson makes random person `index` (0 .. persons-1).
  Person MakePerson(int64_t index) const;

  // ForEachRow passes every row of every insurer's feed, test persons' first.
  void ForEachRow(const RowSink& sink) const;

  // ForEachCard passes every certificate, test persons' first, linked or not.
  void ForEachCard(const CardSink& sink) const;

  // ForEachPerson passes both in one go; twice as fast as one after the other. After every
  // thousand blocks and at the end `progress` (may be empty) receives the random persons done.
  void ForEachPerson(const RowSink& rows, const CardSink& cards,
                     const std::function<void(int64_t)>& progress) const;

  // ForEachRecord passes the records of the test persons and of the first `records_for` persons;
  // `progress` (may be empty) receives the persons done after each hundred and at the end.
  void ForEachRecord(const RecordSinks& sinks, const std::function<void(int64_t)>& progress) const;

  // CrlPartitions lists all partitions, those with nothing revoked too: each needs a CRL.
  std::vector<CrlPartition> CrlPartitions() const;

  // RevokedSerials is one partition's revoked serials, ascending. Makes every card of the nation:
  // for all partitions use CrlPartitions.
  std::vector<uint64_t> RevokedSerials(int generation, std::string_view municipality_code) const;

 private:
  NationOptions options_;
};

}  // namespace kakunin::synth

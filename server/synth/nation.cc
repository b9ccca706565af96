#include "server/synth/nation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "server/synth/identity_numbers.h"
#include "server/synth/record_plan.h"
#include "server/synth/test_persons.h"
#include "server/synth/test_records.h"

namespace kakunin::synth {

absl::Status CheckOptions(const NationOptions& options) {
  if (options.persons < 0 || options.persons > kMaxPersons) {
    return absl::InvalidArgumentError(fmt::format("persons: 0 to {}", kMaxPersons));
  }
  if (options.records_for < 0 || options.records_for > options.persons) {
    return absl::InvalidArgumentError("records_for: 0 to the number of persons");
  }
  if (options.today < absl::CivilDay(2020, 1, 1) || options.today > absl::CivilDay(2099, 12, 31)) {
    return absl::InvalidArgumentError("today: 2020-01-01 to 2099-12-31");
  }
  if (options.key_pool_size < 1) return absl::InvalidArgumentError("key_pool_size: at least 1");
  return absl::OkStatus();
}

Person Nation::MakePerson(int64_t index) const {
  Person person;
  person.individual_number = IndividualNumberOf(options_.seed, index);
  for (const Household& household : MakeBlock(options_, BlockOf(index))) {
    const int64_t member = index - household.first_person;
    if (member < 0 || member >= static_cast<int64_t>(household.members.size())) continue;
    v1::CoverageRow scratch;
    EmitRows(options_, household, static_cast<size_t>(member), scratch,
             [&](size_t insurer, const v1::CoverageRow& row) {
               person.rows.push_back({insurer, row});
             });
    person.cards = CardsOf(options_, household, static_cast<size_t>(member));
  }
  return person;
}

void Nation::ForEachPerson(const RowSink& rows, const CardSink& cards,
                           const std::function<void(int64_t)>& progress) const {
  for (const TestPerson& person : TestPersons(options_.today)) {
    if (rows) {
      for (const InsurerRow& row : person.rows) rows(row.insurer, row.row);
    }
    if (cards) {
      for (const CardRecord& card : person.cards) cards(card, person.individual_number);
    }
  }
  v1::CoverageRow scratch;
  const int64_t blocks = (options_.persons + kBlockSize - 1) / kBlockSize;
  for (int64_t block = 0; block < blocks; ++block) {
    for (const Household& household : MakeBlock(options_, block)) {
      for (size_t member = 0; member < household.members.size(); ++member) {
        if (rows) EmitRows(options_, household, member, scratch, rows);
        if (!cards) continue;
        const std::string number = IndividualNumberOf(
            options_.seed, household.first_person + static_cast<int64_t>(member));
        for (const CardRecord& card : CardsOf(options_, household, member)) cards(card, number);
      }
    }
    const int64_t done = block + 1;
    if (progress && (done % 1000 == 0 || done == blocks)) {
      progress(std::min(done * kBlockSize, options_.persons));
    }
  }
}

void Nation::ForEachRow(const RowSink& sink) const { ForEachPerson(sink, {}, {}); }

void Nation::ForEachCard(const CardSink& sink) const { ForEachPerson({}, sink, {}); }

void Nation::ForEachRecord(const RecordSinks& sinks,
                           const std::function<void(int64_t)>& progress) const {
  EmitTestRecords(options_.today, sinks);
  for (int64_t index = 0; index < options_.records_for; ++index) {
    const Person person = MakePerson(index);
    if (!person.rows.empty()) {
      EmitRecords(options_.seed, options_.today,
                  {.individual_number = person.individual_number,
                   .rows = person.rows,
                   .number = static_cast<uint64_t>(index)},
                  sinks);
    }
    const int64_t done = index + 1;
    if (progress && (done % 100 == 0 || done == options_.records_for)) progress(done);
  }
}

std::vector<CrlPartition> Nation::CrlPartitions() const {
  std::map<std::pair<int, std::string>, std::vector<CardRecord>> by_partition;
  for (const Municipality& place : Municipalities()) {
    for (int generation = 1; generation <= kCardGenerations; ++generation) {
      by_partition[{generation, std::string(place.code)}];
    }
  }
  ForEachCard([&](const CardRecord& card, const std::string&) {
    if (card.state == CardState::kRevoked) {
      by_partition[{card.generation, card.municipality_code}].push_back(card);
    }
  });
  std::vector<CrlPartition> partitions;
  partitions.reserve(by_partition.size());
  for (auto& [key, revoked] : by_partition) {
    partitions.push_back({key.first, key.second, std::move(revoked)});
  }
  return partitions;
}

std::vector<uint64_t> Nation::RevokedSerials(int generation,
                                             std::string_view municipality_code) const {
  std::vector<uint64_t> serials;
  ForEachCard([&](const CardRecord& card, const std::string&) {
    if (card.state == CardState::kRevoked && card.generation == generation &&
        card.municipality_code == municipality_code) {
      serials.push_back(card.serial);
    }
  });
  std::sort(serials.begin(), serials.end());
  return serials;
}

}  // namespace kakunin::synth

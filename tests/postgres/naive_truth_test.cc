// The truth over both axes of time against a model of a few plain lists: random deliveries of
// three insurers about the same persons, late, overlapping, corrected, hidden, told twice, to the
// wrong person and taken back. KAKUNIN_LONG: 100,000 events.

#include <chrono>
#include <iostream>
#include <pqxx/binarystring>

#include "domain/eligibility.h"
#include "server/usecases/explain_coverage.h"
#include "storage/postgres/answer_rows.h"
#include "storage/postgres/coverage_history_store.h"
#include "tests/postgres/naive_truth_fixture.h"

namespace kakunin {
namespace {

using Key = NaiveTruth::Key;

constexpr absl::Duration kTick = absl::Microseconds(1);

// What an answer tells of one coverage: by which key it is found, from when to when, and the ratio,
// which numbers what was ever said.
using Seen = std::tuple<int, int, absl::CivilDay, absl::CivilDay, int, int>;

Seen SeenOf(const NaiveTruth::Key& key, const Coverage& coverage) {
  return {key.insurer,
          key.reference,
          coverage.qualification_date,
          coverage.disqualification_date.value_or(absl::CivilDay::max()),
          *coverage.partial_contribution_percent,
          coverage.reason_of_loss};
}

Seen SeenOf(const CoverageVersion& version) {
  const auto insurer = std::ranges::find(kInsurers, version.insurer_number) - kInsurers;
  return {static_cast<int>(insurer),
          std::stoi(version.coverage_reference.substr(1)),
          version.qualification_date,
          version.disqualification_date.value_or(absl::CivilDay::max()),
          version.partial_contribution_percent.value_or(-1),
          version.reason_of_loss};
}

class NaiveTruthTest : public NaiveTruthFixture {
 protected:
  void LookBetween() override { CompareAnswerRows(); }

  void LoadPersons() {
    persons_.clear();
    for (const auto& row : database_.Exec(
             "SELECT get_byte(number_hash, 0) + 256 * get_byte(number_hash, 1), person_id::text"
             " FROM kakunin.person_number")) {
      std::string hex = row[1].c_str();
      std::erase(hex, '-');
      PersonId person;
      for (size_t i = 0; i < 16; ++i) {
        person.octets[i] = static_cast<uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
      }
      persons_[row[0].as<int>()] = person;
    }
  }

  // Boundaries of the days of everything ever said of the person.
  std::set<absl::CivilDay> DaysOf(const std::vector<CoverageVersion>& versions, int who) const {
    std::set<absl::CivilDay> days;
    const auto around = [&](absl::CivilDay day) {
      for (const int offset : {-1, 0, 1}) days.insert(day + offset);
    };
    for (const CoverageVersion& version : versions) {
      around(version.qualification_date);
      if (version.disqualification_date) around(*version.disqualification_date);
    }
    for (const auto& [key, told] : truth_.KnownOf(who, absl::InfiniteFuture())) {
      around(told->coverage.qualification_date);
      if (told->coverage.disqualification_date) around(*told->coverage.disqualification_date);
      const auto& through = told->coverage.certificate_valid_through;
      if (through) around(*through);
    }
    return days;
  }

  // ComparePast asks about every boundary of both axes, -1, 0 and +1.
  void ComparePast(int who, const std::vector<CoverageVersion>& versions) {
    std::set<absl::Time> instants;
    for (const absl::Time at : truth_.InstantsOf(who)) {
      instants.insert({at - kTick, at, at + kTick});
    }
    const auto days = DaysOf(versions, who);
    longest_ = std::max(longest_, versions.size());
    for (const absl::Time at : instants) {
      std::vector<const CoverageVersion*> known;
      for (const CoverageVersion& version : versions) {
        if (WasKnown(version, at)) known.push_back(&version);
      }
      const auto model = truth_.KnownOf(who, at);
      for (const absl::CivilDay day : days) {
        ++probes_;
        std::vector<Seen> seen;
        for (const CoverageVersion* version : known) {
          if (Answers(*version, day, at)) seen.push_back(SeenOf(*version));
        }
        std::vector<Seen> expected;
        for (const auto& [key, told] : model) {
          const Coverage& coverage = told->coverage;
          const auto& end = coverage.disqualification_date;
          if (coverage.qualification_date <= day && !(end && *end <= day)) {
            expected.push_back(SeenOf(key, coverage));
          }
        }
        std::ranges::sort(seen);
        if (seen == expected) continue;
        if (++disagreements_ <= 5) {
          ADD_FAILURE() << "person " << who << " on " << absl::FormatCivilTime(day) << " as of "
                        << at << ": " << seen.size() << " coverages, expected " << expected.size();
        }
      }
    }
  }

  // CompareExplanations reads the past as ExplainCoverage tells it, by every reference under which
  // the person was ever known.
  void CompareExplanations() {
    LoadPersons();
    PostgresCoverageHistoryStore histories;
    const auth::HmacKey key(std::string_view("of nobody's look-up"), "k1");
    for (int who = 1; who <= Persons() && disagreements_ < 5; ++who) {
      std::vector<CoverageVersion> versions;
      for (const Key& named : truth_.KeysOf(who)) {
        std::vector<CoverageVersion> told;
        AuditRecord record;
        const absl::Status status =
            drivers_[0]->pool().Read(Soon(), [&](Transaction& tx) -> absl::Status {
              const CoverageSubject subject{.insurer_number = kInsurers[named.insurer],
                                            .by = fmt::format("R{}", named.reference)};
              auto explained = ExplainCoverage(tx, record, histories, key, subject, std::nullopt);
              if (explained.ok()) told = *std::move(explained);
              return explained.status();
            });
        ASSERT_TRUE(status.ok()) << status;
        std::erase_if(told,
                      [&](const auto& version) { return version.person != persons_.at(who); });
        if (versions.empty()) versions = told;
        // Whichever reference is asked by, the person's past is the same.
        EXPECT_EQ(told.size(), versions.size());
      }
      ComparePast(who, versions);
    }
  }

  // CompareAnswerRows holds what a facility is answered now against what the model knows.
  void CompareAnswerRows() {
    std::map<int, std::string> answers;
    for (const auto& row :
         database_.Exec("SELECT get_byte(number_hash, 0) + 256 * get_byte(number_hash, 1), octets"
                        " FROM kakunin.answer JOIN kakunin.person_number USING (person_id)")) {
      answers[row[0].as<int>()] = pqxx::binarystring(row[1]).str();
    }
    for (int who = 1; who <= Persons(); ++who) {
      const auto known = truth_.KnownOf(who, absl::InfiniteFuture());
      std::vector<Coverage> coverages;
      for (const auto& [key, told] : known) coverages.push_back(told->coverage);
      if (!answers.contains(who)) {
        EXPECT_TRUE(coverages.empty()) << "person " << who;
        continue;
      }
      if (answers[who] != BuildAnswerRow(coverages) && ++disagreements_ <= 5) {
        ADD_FAILURE() << "the answer row of person " << who << " is not the truth";
      }
      const auto row = DecodeAnswerRow(answers[who]);
      ASSERT_TRUE(row.ok()) << row.status();
      for (const absl::CivilDay day : DaysOf({}, who)) CompareAnswer(who, *row, coverages, day);
    }
  }

  void CompareAnswer(int who, const std::vector<AnswerCoverage>& row,
                     const std::vector<Coverage>& coverages, absl::CivilDay day) {
    ++answer_probes_;
    std::multiset<KeyHash> expected;
    bool ended = false;
    for (const Coverage& coverage : coverages) {
      const auto& loss = coverage.disqualification_date;
      const auto& through = coverage.certificate_valid_through;
      const bool over = (loss && *loss <= day) || (through && *through < day);
      ended = ended || over;
      if (coverage.qualification_date <= day && !over) expected.insert(coverage.key_without_branch);
    }
    const Selection selection = SelectForCard(row, day);
    std::multiset<KeyHash> shown;
    if (selection.validity == Validity::kValid) {
      for (const AnswerCoverage* coverage : selection.shown) {
        shown.insert(coverage->key_without_branch);
      }
    }
    const bool right = shown == expected &&
                       (!expected.empty() || (selection.validity == Validity::kNotFound) == !ended);
    if (!right && ++disagreements_ <= 5) {
      ADD_FAILURE() << "person " << who << " is answered wrongly on " << absl::FormatCivilTime(day);
    }
  }

  // CompareHidden holds the hidden rows, of now and of the past, against the model.
  void CompareHidden() {
    std::map<Key, std::vector<std::tuple<absl::Time, absl::Time, int>>> lines;
    const auto instant = [](const pqxx::field& field) {
      return absl::FromUnixMicros(field.as<int64_t>());
    };
    for (const auto& row : database_.Exec(
             "SELECT insurer_number, substr(coverage_reference, 2)::int,"
             " (extract(epoch FROM known_from) * 1000000)::bigint,"
             " coalesce((extract(epoch FROM known_to) * 1000000)::bigint, 9000000000000000),"
             " partial_contribution_percent FROM kakunin.hidden_coverage")) {
      const auto insurer = std::ranges::find(kInsurers, std::string(row[0].c_str())) - kInsurers;
      lines[{static_cast<int>(insurer), row[1].as<int>()}].emplace_back(
          instant(row[2]), instant(row[3]), row[4].as<int>());
    }
    for (const Key& key : truth_.Keys()) {
      for (const absl::Time boundary : truth_.InstantsOfKey(key)) {
        for (const absl::Time at : {boundary - kTick, boundary, boundary + kTick}) {
          ++hidden_probes_;
          std::vector<int> kept;
          for (const auto& [from, to, stamp] : lines[key]) {
            if (from <= at && at < to) kept.push_back(stamp);
          }
          std::vector<int> expected;
          if (const auto& told = truth_.HiddenAt(key, at)) {
            expected.push_back(*told->coverage.partial_contribution_percent);
          }
          if (kept != expected && ++disagreements_ <= 5) {
            ADD_FAILURE() << "hidden under R" << key.reference << " as of " << at;
          }
        }
      }
    }
  }

  void CompareCopies() {
    const absl::Status status = drivers_[0]->pool().Read(Soon(), [&](Transaction& tx) {
      const auto found = CompareAnswers(tx, &BuildAnswerRow);
      if (!found.ok()) return found.status();
      EXPECT_EQ(found->answers_differ, 0);
      EXPECT_EQ(found->lookups_missing, 0);
      EXPECT_EQ(found->lookups_unfounded, 0);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  std::map<int, PersonId> persons_;
  int64_t probes_ = 0;
  int64_t answer_probes_ = 0;
  int64_t hidden_probes_ = 0;
  int64_t disagreements_ = 0;
  size_t longest_ = 0;
};

TEST_F(NaiveTruthTest, TheServiceTellsOfEveryDayAndInstantWhatTheNaiveModelTells) {
  SCOPED_TRACE(SeedTrace());
  const auto began = std::chrono::steady_clock::now();
  Run(Events(), Events() / (Events() > 10000 ? 400 : 160));
  const auto told = std::chrono::steady_clock::now();
  CompareAnswerRows();
  CompareExplanations();
  CompareHidden();
  CompareCopies();
  const auto seconds = [](auto from, auto to) {
    return std::chrono::duration<double>(to - from).count();
  };
  std::cout << fmt::format(
      "{} events of {} persons in {} feeds, histories of at most {}; {} corrected, {} hidden,"
      " {} refused, {} of them after a later feed, {} known by hash and {} of those outdated;"
      " {} undos, {} forced, {} refused:"
      " {:.1f} s\n{} probes of the past, {} of answers, {} of hidden rows: {:.1f} s,"
      " {} disagreements\n",
      events_, Persons(), feeds_, longest_, corrected_, hidden_, refused_, truth_.outdated(),
      by_hash_, outdated_, undos_, undos_forced_, undos_refused_, seconds(began, told), probes_,
      answer_probes_, hidden_probes_, seconds(told, std::chrono::steady_clock::now()),
      disagreements_);
  EXPECT_EQ(disagreements_, 0);
  EXPECT_LE(longest_, kLongestHistory);
  // Nothing of what the model knows was left out.
  for (const int64_t count :
       {corrected_, hidden_, refused_, truth_.outdated(), by_hash_, outdated_}) {
    EXPECT_GT(count, 0);
  }
  for (const int count : {undos_, undos_forced_, undos_refused_}) EXPECT_GT(count, 0);
}

}  // namespace
}  // namespace kakunin

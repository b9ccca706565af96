#include "storage/postgres/number_store.h"

#include <fmt/format.h>

#include <optional>
#include <pqxx/result>
#include <string>

#include "storage/postgres/database.h"
#include "storage/postgres/new_persons.h"
#include "storage/postgres/repair_lock.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// Ordered, so that two requests that change the same numbers wait for each other.
constexpr char kFind[] =
    "SELECT number_hash, person_id::text, replaced_by FROM kakunin.person_number"
    " WHERE number_hash IN ($1::bytea, $2::bytea) ORDER BY number_hash FOR UPDATE";

constexpr char kAddNumber[] =
    "INSERT INTO kakunin.person_number (number_hash, key_id, person_id, known_from)"
    " VALUES ($1::bytea, $2, $3::uuid, $4::timestamptz) ON CONFLICT (number_hash) DO NOTHING";

// Does the row of changes that begins at the new number end in the old one? UNION ends a ring.
constexpr char kLeadsBack[] =
    "WITH RECURSIVE later (hash) AS ("
    " SELECT replaced_by FROM kakunin.person_number WHERE number_hash = $2::bytea"
    " UNION"
    " SELECT n.replaced_by FROM later JOIN kakunin.person_number n ON n.number_hash = later.hash)"
    " SELECT EXISTS (SELECT FROM later WHERE hash = $1::bytea)";

constexpr char kReplace[] =
    "UPDATE kakunin.person_number SET known_to = $3::timestamptz, replaced_by = $2::bytea,"
    " replaced_on = $4::date WHERE number_hash = $1::bytea";

struct FoundNumber {
  std::string person;       // uuid
  std::string replaced_by;  // bytea; empty: it is the person's number still
};

// Changer makes one change; the texts are what its statements take.
class Changer {
 public:
  Changer(pqxx::transaction_base& work, const NumberChange& change, absl::Time at)
      : work_(work),
        change_(change),
        from_(ByteaText(change.from.hash)),
        to_(ByteaText(change.to.hash)),
        at_(InstantText(at)) {}

  NumberChangeOutcome Run() {
    for (;;) {
      Find();
      if (const auto outcome = Refusal()) return *outcome;
      if (old_ && new_) break;
      // Somebody else may add the same number at this moment: what counts is what is found then.
      AddMissing();
    }
    work_.exec_params(kReplace, from_, to_, at_, DayText(change_.day));
    return NumberChangeOutcome::kChanged;
  }

 private:
  void Find() {
    old_.reset();
    new_.reset();
    for (const auto& row : work_.exec_params(kFind, from_, to_)) {
      FoundNumber found{.person = row[1].c_str(),
                        .replaced_by = row[2].is_null() ? "" : row[2].c_str()};
      (from_ == row[0].c_str() ? old_ : new_) = std::move(found);
    }
  }

  // What can be told of the numbers as they stand, before anything is written.
  std::optional<NumberChangeOutcome> Refusal() {
    using enum NumberChangeOutcome;
    if (old_ && !old_->replaced_by.empty()) {
      return old_->replaced_by == to_ ? kUnchanged : kAlreadyReplaced;
    }
    if (!old_ || !new_) return std::nullopt;
    if (old_->person != new_->person) return kTwoPersons;
    if (work_.exec_params(kLeadsBack, from_, to_).front()[0].as<bool>()) return kWouldReturn;
    return std::nullopt;
  }

  void AddMissing() {
    if (!old_ && !new_) {
      static const std::string sql =
          NewPersonsSql("(VALUES ($1::bytea, $2)) AS n (hash, key_id)", "$3::timestamptz");
      work_.exec_params(sql, to_, change_.to.key_id, at_);
    } else if (!old_) {
      work_.exec_params(kAddNumber, from_, change_.from.key_id, new_->person, at_);
    } else {
      work_.exec_params(kAddNumber, to_, change_.to.key_id, old_->person, at_);
    }
  }

  pqxx::transaction_base& work_;
  const NumberChange& change_;
  const std::string from_;
  const std::string to_;
  const std::string at_;
  std::optional<FoundNumber> old_;
  std::optional<FoundNumber> new_;
};

}  // namespace

absl::StatusOr<std::vector<NumberChangeOutcome>> PostgresNumberStore::Change(
    Transaction& tx, std::span<const NumberChange> changes, absl::Time at) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<NumberChangeOutcome>> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    HoldRepairsOff(work);
    std::vector<NumberChangeOutcome> outcomes;
    outcomes.reserve(changes.size());
    for (const NumberChange& change : changes) {
      outcomes.push_back(Changer(work, change, at).Run());
    }
    return outcomes;
  });
}

}  // namespace kakunin

#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "domain/error.h"
#include "storage/store_error.h"
#include "storage/told_failure.h"

namespace kakunin {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// RepeatedOnConflict runs a statement again, at most three times, when another transaction was in
// its way.
template <class Act>
auto RepeatedOnConflict(Act&& act) {
  constexpr int kMostRepeats = 3;
  auto result = act();
  for (int repeat = 0; repeat < kMostRepeats; ++repeat) {
    if (StoreFailureOf(StatusOf(result)) != StoreFailure::kSerialisation) break;
    result = act();
  }
  return result;
}

// AsAnswer is what the caller of a lane is told about a store's failure. The failure goes with it,
// for the log.
inline absl::Status AsAnswer(const absl::Status& store_status) {
  const auto failure = StoreFailureOf(store_status);
  const bool broken = failure == StoreFailure::kBadData || failure == StoreFailure::kDenied ||
                      failure == StoreFailure::kBroken;
  return WithFailureOf(store_status,
                       MakeError(broken ? Reason::kInternal : Reason::kDatabaseUnavailable));
}

// WriteBatch writes the rows of `cases` by `once(cases)`, which returns a StoreError when it fails.
// Data that the database refuses is searched by halving, and a row that fails alone leaves nothing
// but an audit row of its failure (Case::Strip). An unknown outcome is decided by `exists(id)`,
// which connects anew and looks for the last audit row: a batch is written whole. Cases that could
// not be written have failed afterwards (Case::Fail).
template <class Case, class Once, class Exists>
void WriteBatch(std::span<Case*> cases, const Once& once, const Exists& exists) {
  if (cases.empty()) return;
  const absl::Status status = RepeatedOnConflict([&] { return once(cases); });
  if (status.ok()) return;
  if (StoreFailureOf(status) == StoreFailure::kUnknownOutcome) {
    const absl::StatusOr<bool> written = exists(cases.back()->record.id);
    if (written.ok() && *written) return;
  } else if (StoreFailureOf(status) == StoreFailure::kBadData) {
    if (cases.size() > 1) {
      const size_t half = cases.size() / 2;
      WriteBatch(cases.first(half), once, exists);
      WriteBatch(cases.subspan(half), once, exists);
      return;
    }
    Case& c = *cases.front();
    if (!c.stripped) {
      c.Strip();
      WriteBatch(cases, once, exists);
      return;
    }
  }
  for (Case* c : cases) c->Fail(AsAnswer(status));
}

}  // namespace kakunin

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/usecases/confirm_eligibility.h"
#include "storage/bulk_store.h"

namespace kakunin {

// BulkQuestion is one row as it waits.
struct BulkQuestion {
  std::string row_id;
  std::optional<KeyQuestion> question;  // empty: it could not be read
  std::string error;                    // why, in the form in which it is told
  std::string sealed_echo;
};

// BulkOutcome is what a row came to.
struct BulkOutcome {
  const BulkQuestion* row = nullptr;
  int64_t row_number = 0;
  const Confirmed* confirmed = nullptr;
  BulkChange change = BulkChange::kUnknown;
  FormOfCare form_of_care = FormOfCare::kOutpatient;  // of the list
};

// BulkCodec turns stored rows into questions and outcomes into stored results; the border has it.
struct BulkCodec {
  // DATA_LOSS when the octets are no rows.
  std::function<absl::StatusOr<std::vector<BulkQuestion>>(std::string_view octets)> questions;
  std::function<std::string(const std::vector<BulkOutcome>&)> results;
};

// TerminalNow finds the terminal of a list as it is registered at an instant: TERMINAL_REVOKED or
// another reason for which it may not ask any more, or REGISTRY_STALE when nobody can tell.
using TerminalNow = std::function<absl::StatusOr<Terminal>(const BulkHeader&, absl::Time)>;

// BulkRun answers lists, a round at a time, by the same confirmation as the desk, over a connection
// of its own. A round's answers, audit rows and confirmations are one commit: however often servers
// end, every row is answered once. Not thread-safe.
class BulkRun {
 public:
  // All references outlive the object.
  struct Backend {
    ConfirmationKeys keys;
    const ConfirmationRules& rules;
    AnswerBuilder build;
    HashFunction hash;
    const InsurerDelays* delays = nullptr;  // may be null
    BulkCodec codec;
    TerminalNow terminal;
    std::function<CardTrust()> cards;  // what cards are judged by now
  };
  BulkRun(BulkLaneStore& store, Backend backend);

  // Connect makes one step towards a connection, up to `deadline`; true when there is one.
  bool Connect(MonotonicTime deadline) { return confirm_.Connect(deadline); }
  void NoticeLoss() { confirm_.NoticeLoss(); }

  enum class Step {
    kAnswered,  // a round; there may be more
    kEnded,     // the list does not run, or not any more
    kFailed,    // ask again later
  };
  // Answer answers the list's next round, of at most `most` rows.
  Step Answer(const BulkId& id, size_t most, absl::Time now, MonotonicTime deadline);

 private:
  Step Failed();
  Step Stop(const BulkId& id, Reason reason, absl::Time now, MonotonicTime deadline);

  BulkLaneStore& store_;
  Backend backend_;
  std::unique_ptr<InquiryGuard> guard_;
  ConfirmEligibility confirm_;
  std::optional<std::pair<BulkId, int64_t>> last_;  // the list and its place at the last round
};

}  // namespace kakunin

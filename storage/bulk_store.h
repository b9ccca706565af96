#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/bulk_inquiry.h"
#include "domain/coverage.h"
#include "storage/confirmation_store.h"
#include "storage/database.h"

namespace kakunin {

// BulkHeader is what a list says of itself when it begins.
struct BulkHeader {
  std::string facility_code;
  RequestId request_id;           // the facility's own name of the list
  PersonPseudonym header_digest;  // keyed
  std::string terminal_id;
  std::string user;
  Role role = Role::kGeneral;
  absl::CivilDay day;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
};

// BulkInquiryRow is one list and how far it is.
struct BulkInquiryRow {
  BulkId id;
  BulkHeader header;
  BulkState state = BulkState::kReceiving;
  std::string reason;  // of kStopped
  absl::Time began;
  absl::Time touched;  // last chunk, end, or change of state
  int64_t chunks = 0;
  int64_t rows = 0;
  int64_t answered = 0;
  int64_t errors = 0;  // of the answered
};

// BulkPiece is rows that follow one another, in the form in which they are stored; the border knows
// what is in it.
struct BulkPiece {
  int64_t first_row = 0;  // from 1
  int rows = 0;
  std::string octets;
};

// BulkChunk is one chunk as it came, cut into rounds.
struct BulkChunk {
  int64_t number = 0;
  PersonPseudonym digest;  // keyed, of the chunk
  std::vector<BulkPiece> pieces;
};

// BulkStore keeps bulk inquiries; each call within `tx`. Every result may be a StoreError.
// Thread-safe.
class BulkStore {
 public:
  virtual ~BulkStore() = default;

  // Begin stores a new list as `id`, or finds the one that is there, locked.
  struct Begun {
    BulkInquiryRow inquiry;
    bool created = false;
  };
  virtual absl::StatusOr<Begun> Begin(Transaction& tx, const BulkHeader& header, const BulkId& id,
                                      absl::Time at) = 0;

  // Counts of a facility's lists: those that wait or run, those of which the end was not sent, all
  // that it can still fetch, and the rows of these.
  struct Counts {
    int open = 0;
    int half_sent = 0;
    int all = 0;
    int64_t rows = 0;
  };
  virtual absl::StatusOr<Counts> CountOf(Transaction& tx, std::string_view facility_code) = 0;

  // Find finds a list of the facility; empty: it has none of that id. With `lock` nobody else
  // changes it before `tx` ends.
  virtual absl::StatusOr<std::optional<BulkInquiryRow>> Find(Transaction& tx,
                                                             std::string_view facility_code,
                                                             const BulkId& id, bool lock) = 0;

  // Append stores the chunk behind `inquiry.chunks`, whose rows come behind `inquiry.rows`.
  virtual absl::Status Append(Transaction& tx, const BulkInquiryRow& inquiry,
                              const BulkChunk& chunk, absl::Time at) = 0;
  // DigestOf is the digest of a chunk that was stored.
  virtual absl::StatusOr<std::optional<PersonPseudonym>> DigestOf(Transaction& tx, const BulkId& id,
                                                                  int64_t chunk) = 0;

  // SetState notes a change of state.
  virtual absl::Status SetState(Transaction& tx, const BulkId& id, BulkState state,
                                std::string_view reason, absl::Time at) = 0;

  // Rows and Results read stored pieces in order, those that hold a row behind `after` first; as
  // many as have about `most_rows` rows, at least one if there is one. None of a deleted list.
  virtual absl::StatusOr<std::vector<BulkPiece>> Rows(Transaction& tx, const BulkId& id,
                                                      int64_t after, int most_rows) = 0;
  virtual absl::StatusOr<std::vector<BulkPiece>> Results(Transaction& tx, const BulkId& id,
                                                         int64_t after, int most_rows) = 0;

  // DeleteExpired takes one step with one list whose time was up at `at` (domain/bulk_inquiry.h):
  // it is deleted, then a few of its pieces are removed at a time, then what is left of it. Returns
  // 1, and 0 when there is none. Several may do so at once.
  virtual absl::StatusOr<int64_t> DeleteExpired(Transaction& tx, absl::Time at) = 0;
};

// BulkAnswers are the results of one write, with what they count to.
struct BulkAnswers {
  BulkPiece piece;
  int errors = 0;
  int not_found = 0;
};

// BulkLaneStore is the connection of a lane that runs lists. Not thread-safe.
class BulkLaneStore {
 public:
  virtual ~BulkLaneStore() = default;

  // Confirmations is the store of the rows' confirmations, over the same connection.
  virtual ConfirmationStore& Confirmations() = 0;

  // Attach gives the next Write of Confirmations(), and it alone, answers to write in the same
  // commit. Unless the list runs and they follow its last ones nothing is written, which then is
  // kUnavailable. With its last row the list is done.
  virtual void Attach(const BulkId& id, BulkAnswers answers) = 0;

  // Told is what the facility was told last about a person since `since`.
  struct Told {
    absl::Time at;
    absl::CivilDay day;
    Validity validity = Validity::kNotFound;
    std::optional<KeyHash> key;      // key_without_branch that was asked by; empty: by card
    bool limit_certificate = false;  // it was opened
    bool known_since = false;        // something else has become known of the person since then
  };
  // LastTold is one entry a person, in order; empty: the facility did not ask.
  virtual absl::StatusOr<std::vector<std::optional<Told>>> LastTold(
      std::span<const PersonId> persons, std::string_view facility_code, absl::Time since,
      MonotonicTime deadline) = 0;
  // KnownAt reads the visible coverages of a person as they were known at an instant.
  virtual absl::StatusOr<std::vector<Coverage>> KnownAt(const PersonId& person, absl::Time at,
                                                        MonotonicTime deadline) = 0;

  // Running lists at most `most` lists that wait to be run, who waited longest first.
  virtual absl::StatusOr<std::vector<BulkId>> Running(int most, MonotonicTime deadline) = 0;
  // Lock makes the list this connection's own for as long as it lasts; false: another has it.
  virtual absl::StatusOr<bool> Lock(const BulkId& id, MonotonicTime deadline) = 0;
  virtual absl::Status Unlock(const BulkId& id, MonotonicTime deadline) = 0;

  // Next is a list (its header, state and how much is answered) and its first piece that holds an
  // unanswered row; empty: it is gone.
  struct Work {
    BulkInquiryRow inquiry;
    BulkPiece piece;  // without rows: there is none
  };
  virtual absl::StatusOr<std::optional<Work>> Next(const BulkId& id, MonotonicTime deadline) = 0;
  // CountsOf sums a facility's lists that were touched since an instant.
  virtual absl::StatusOr<BulkCounts> CountsOf(std::string_view facility_code, absl::Time since,
                                              MonotonicTime deadline) = 0;
  // DropSome removes a few pieces of what a list that does not run any more does not need: its
  // rows, and its results once it is deleted. Few, since whoever commits waits for what others
  // write to the log. How many; 0: there are none left.
  virtual absl::StatusOr<int64_t> DropSome(const BulkId& id, MonotonicTime deadline) = 0;
  // Stop gives a list up that runs.
  virtual absl::Status Stop(const BulkId& id, std::string_view reason, absl::Time at,
                            MonotonicTime deadline) = 0;
};

}  // namespace kakunin

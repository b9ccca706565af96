#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/audit_record.h"
#include "domain/card_link.h"
#include "domain/coverage.h"
#include "domain/delivered_certificate.h"
#include "domain/feed_kind.h"
#include "domain/feed_risk.h"
#include "domain/feed_state.h"
#include "domain/health_check.h"
#include "domain/receipt.h"
#include "storage/database.h"

namespace kakunin {

enum class RowAction { kNew = 1, kChanged, kLost };

// IndividualNumberHash is the keyed hash (HMAC-SHA-256) of a 12-digit individual number: all that
// is kept.
struct IndividualNumberHash {
  Digest32 hash{};
  std::string key_id;
};

struct FeedRow {
  FeedId id;
  // Whose it is: an insurer's eight digits, a claims reviewer's three, a card link provider's name.
  std::string party;
  FeedKind kind = FeedKind::kCoverages;
  int64_t feed_number = 0;
  FeedState state = FeedState::kOpen;
  int64_t next_chunk = 1;
  int64_t row_count = 0;
  absl::Time began;
  std::optional<absl::Time> published;
  std::optional<absl::Time> undone;
  FeedCounts counts;
  int judgement = 0;   // how often it was judged; 0: never
  int risk_score = 0;  // of the last judgement
};

// IdentityDoubt is in what a coverage and whom its number leads to differ. It hides the row unless
// the difference is tolerated; that hides it beside another row of the same person only.
struct IdentityDoubt {
  int fields = 0;    // IdentityFields, kResidentUnknown, kDifferenceTolerated
  KeyHash identity;  // keyed, of the number and of whom the row says it is about
};

// Staged is one usable row of a chunk. The record's person is not yet known.
template <class Record>
struct Staged {
  int32_t row_index = 0;
  RowAction action = RowAction::kNew;
  std::optional<IndividualNumberHash> individual;  // empty: stored, hidden
  std::optional<KeyHash> row_hash;     // of the row as it came; empty: it is compared every time
  std::optional<IdentityDoubt> doubt;  // coverages; empty: none, or no register was asked
  Record record;
};
using StagedCoverage = Staged<Coverage>;
using StagedReceipt = Staged<Receipt>;          // of a lost one only the names are meant
using StagedHealthCheck = Staged<HealthCheck>;  // likewise
using StagedElderly = Staged<DeliveredElderly>;
using StagedLimit = Staged<DeliveredLimit>;
using StagedDisease = Staged<DeliveredDisease>;
using StagedCardLink = Staged<DeliveredCardLink>;  // its action means nothing

// StagedRows are the usable rows of a chunk, of the kind of its feed: the alternatives stand in the
// order of FeedKind.
using StagedRows =
    std::variant<std::vector<StagedCoverage>, std::vector<StagedReceipt>,
                 std::vector<StagedHealthCheck>, std::vector<StagedElderly>,
                 std::vector<StagedLimit>, std::vector<StagedDisease>, std::vector<StagedCardLink>>;

// ToldRow is a row as it came: the party's own name of it, its keyed hash, and where it stood.
struct ToldRow {
  int32_t row_index = 0;
  std::string reference;
  KeyHash hash;
};

// Finding is why a row was refused or hidden; it never holds the row's values.
struct Finding {
  int64_t chunk = 0;
  int32_t row_index = 0;
  std::string reference;  // the row's own name, as the party gave it
  std::string reason;     // UPPER_SNAKE
  std::string field;
  bool hidden = false;
  bool noted = false;  // the row is neither, and only told of
};

// UndoMode is how far an undo goes.
enum class UndoMode {
  kLook = 1,   // tell what it would do
  kUntouched,  // do it unless a later delivery has touched one of its rows
  kForce,      // bring every one of its rows back to what was known before it, whoever touched it
};

// FeedUndone is what an undo came to, or would.
struct FeedUndone {
  bool done = false;
  int64_t restored_rows = 0;                    // that were known before the feed, and are so again
  int64_t removed_rows = 0;                     // that nobody knew before it
  int64_t touched_later = 0;                    // of both, those that a later delivery touched
  std::vector<std::string> touched_references;  // at most ten of those, by the party's own names
};

struct ChunkRecord {
  int64_t number = 0;
  Digest32 digest{};
  int64_t rows = 0;
  int64_t refused = 0;
  int64_t implausible = 0;  // with values that look like those of other columns
  // Keyed, of the individual numbers in refused rows: whom other rows are not to be taken of.
  std::vector<Digest32> refused_numbers;
};

// SampledRow is one row of a judged feed, as an example of its verdict: by the party's own name of
// the row, with the names of what it changes and never the values.
struct SampledRow {
  std::string verdict;  // "NEW", "CHANGED", "CORRECTED", "LOST"
  std::string reference;
  std::vector<std::string> changed_fields;
};

// FeedRelease is one of the two names that let a quarantined feed go.
struct FeedRelease {
  int judgement = 0;  // the feed's, when it was released
  ActorKind actor_kind = ActorKind::kInsurer;
  std::string actor;
  std::string released_by;  // who there decided, by the actor's own name
  absl::Time at;
};

// AnswerBuilder turns a person's visible coverages of current knowledge into an answer row's
// octets.
using AnswerBuilder = std::function<std::string(std::span<const Coverage>)>;

// ReceiptMonthBuilder turns the current receipts of one person and month into a month record's
// octets of one kind (drug, treatment or surgery); empty: there is nothing of that kind in them.
using ReceiptMonthBuilder = std::function<std::string(RecordKind, std::span<const Receipt>)>;
// HealthCheckMonthBuilder does so with the current health checks of one person and month.
using HealthCheckMonthBuilder = std::function<std::string(std::span<const HealthCheck>)>;

// CopyBuilders make what is read out of what is true. They depend on nothing else, not even on the
// order of their input.
struct CopyBuilders {
  AnswerBuilder answer;
  ReceiptMonthBuilder receipt_month;
  HealthCheckMonthBuilder health_check_month;
};

// FeedStore keeps deliveries and merges them into the truth. Thread-safe.
class FeedStore {
 public:
  virtual ~FeedStore() = default;

  // Begin stores a new feed, or returns the one this party already has under (kind, feed_number).
  virtual absl::StatusOr<FeedRow> Begin(Transaction& tx, const std::string& party, FeedKind kind,
                                        int64_t feed_number, const FeedId& id, absl::Time at) = 0;
  // NumberAfter is what the party's next feed of the kind must be numbered: one more than its last.
  // Empty when there is none yet, or when `feed_number` names one that is there.
  virtual absl::StatusOr<std::optional<int64_t>> NumberAfter(Transaction& tx,
                                                             const std::string& party,
                                                             FeedKind kind,
                                                             int64_t feed_number) = 0;
  // Find returns the party's feed, locked against a second writer when `lock`; empty when it has
  // none.
  virtual absl::StatusOr<std::optional<FeedRow>> Find(Transaction& tx, const std::string& party,
                                                      const FeedId& id, bool lock) = 0;
  virtual absl::StatusOr<std::optional<ChunkRecord>> FindChunk(Transaction& tx, const FeedId& id,
                                                               int64_t chunk) = 0;
  // FindUnchanged tells of each row whether it is, octet for octet, the one by which the party's
  // coverage of that name became what it is.
  virtual absl::StatusOr<std::vector<bool>> FindUnchanged(Transaction& tx, const std::string& party,
                                                          std::span<const ToldRow> rows) = 0;
  // AppendChunk stages rows and findings and moves next_chunk on; the feed must be locked, and the
  // rows of its kind. `unchanged` are rows that FindUnchanged knew and that are not staged.
  virtual absl::Status AppendChunk(Transaction& tx, const FeedRow& feed, const ChunkRecord& chunk,
                                   const StagedRows& rows, std::span<const ToldRow> unchanged,
                                   std::span<const Finding> findings) = 0;
  // Judge holds every staged row against the truth, which it leaves alone, and keeps what it found:
  // counts, findings, a sample. The feed must be locked.
  virtual absl::StatusOr<FeedFigures> Judge(Transaction& tx, const FeedRow& feed,
                                            absl::Time at) = 0;
  // PutRisk records what the figures of the last Judge came to, with the feed's state; it is one
  // judgement more.
  virtual absl::Status PutRisk(Transaction& tx, const FeedRow& feed, const FeedRisk& risk,
                               FeedState state, absl::Time at) = 0;
  // Publish merges what Judge accepted in the same transaction into the truth at the instant `at`,
  // closes the known period of what it replaces, rewrites the copies of everything it touches, and
  // marks the feed published.
  // The instant is moved behind that of the party's last published or undone feed, should it not be
  // later. Everything becomes visible when the transaction commits. Returns the feed as it is now.
  virtual absl::StatusOr<FeedRow> Publish(Transaction& tx, const FeedRow& feed, absl::Time at,
                                          const CopyBuilders& build) = 0;
  // Undo takes a published feed back at the instant `at`, moved as that of Publish, and marks it
  // undone: the view as of any day is what it was before the feed, and what was known at any
  // earlier instant stays as it was. The feed must be locked.
  virtual absl::StatusOr<FeedUndone> Undo(Transaction& tx, const FeedRow& feed, absl::Time at,
                                          const CopyBuilders& build, UndoMode mode) = 0;
  // SetState records a state and, for kSealed, that no chunk may follow. kCancelled removes what
  // was staged.
  virtual absl::Status SetState(Transaction& tx, const FeedRow& feed, FeedState state,
                                absl::Time at) = 0;
  // Risk lists the reasons of the last judgement.
  virtual absl::StatusOr<std::vector<RiskFinding>> Risk(Transaction& tx, const FeedId& id) = 0;
  // Sample lists the sampled rows of the last judgement, by verdict and reference.
  virtual absl::StatusOr<std::vector<SampledRow>> Sample(Transaction& tx, const FeedId& id) = 0;
  // PutRelease keeps a name; one that the same side has given for the judgement stays.
  virtual absl::Status PutRelease(Transaction& tx, const FeedRow& feed,
                                  const FeedRelease& release) = 0;
  // Releases lists the names of the feed's last judgement.
  virtual absl::StatusOr<std::vector<FeedRelease>> Releases(Transaction& tx,
                                                            const FeedRow& feed) = 0;
  // List returns `limit` feeds of the party, the last begun first, after the one that began at
  // `before` under the id `before_id`.
  virtual absl::StatusOr<std::vector<FeedRow>> List(Transaction& tx, const std::string& party,
                                                    absl::Time before, const FeedId& before_id,
                                                    int limit) = 0;
  // Findings lists `limit` findings after (chunk, row_index).
  virtual absl::StatusOr<std::vector<Finding>> Findings(Transaction& tx, const FeedId& id,
                                                        int64_t after_chunk, int32_t after_row,
                                                        int limit) = 0;
};

// CardLinkRow joins a certificate to the person behind an individual number.
struct CardLinkRow {
  std::string issuer_key_id;  // 32 octets
  std::string serial;
  int medium = 0;
  IndividualNumberHash individual;
  std::string replaces_issuer_key_id;  // empty: a first card
  std::string replaces_serial;
};

struct CardLinkCounts {
  int64_t linked = 0;
  int64_t superseded = 0;
  int64_t unchanged = 0;
};

// CardLinkStore keeps which certificate belongs to which person, with history. Thread-safe.
class CardLinkStore {
 public:
  virtual ~CardLinkStore() = default;
  // Put links all or none; an unknown individual number makes a new person with an empty answer
  // row. A certificate that a link replaces counts as superseded from then on, also when its own
  // link comes later or never. FAILED_PRECONDITION (PERSON_CONFLICT) when a certificate is linked
  // to somebody else.
  virtual absl::StatusOr<CardLinkCounts> Put(Transaction& tx, std::span<const CardLinkRow> links,
                                             absl::Time at) = 0;
};

}  // namespace kakunin

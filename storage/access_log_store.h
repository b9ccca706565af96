#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/access_log.h"
#include "domain/audit_record.h"
#include "domain/person_id.h"
#include "storage/confirmation_store.h"
#include "storage/record_store.h"

namespace kakunin {

// AccessPosition is a place in a list of accesses, newest first.
struct AccessPosition {
  absl::Time at;
  AuditId audit_id;
};

// AccessRange is what of a list is read: accesses in [from, to), older than `before` when there is
// one, `limit` of them.
struct AccessRange {
  absl::Time from;
  absl::Time to;
  std::optional<AccessPosition> before;
  int limit = 0;
};

// LinkedPerson is to whom a certificate leads; see CardAnswer.
struct LinkedPerson {
  PersonId person;
  bool superseded = false;
  int medium = 0;  // CardMedium of the API
};

// FacilityAccesses is one page of a facility's calls, newest first.
struct FacilityAccesses {
  std::vector<Access> accesses;
  // How far the calls are copied; empty: none was copied yet.
  std::optional<absl::Time> copied_through;
};

// AccessLogStore serves one record lane, as RecordStore does: a connection of its own, used by the
// lane's thread alone; every call waits no longer than its deadline; results are a StoreError when
// they fail. Not thread-safe.
class AccessLogStore : public LaneStore {
 public:
  // ConsumeChallenge is ConfirmationStore::ConsumeChallenges for one use.
  virtual absl::StatusOr<ChallengeOutcome> ConsumeChallenge(const ChallengeUse& use, absl::Time now,
                                                            MonotonicTime deadline) = 0;
  // FindHolder tells whose the certificate is; empty: nobody's.
  virtual absl::StatusOr<std::optional<LinkedPerson>> FindHolder(const CardKey& card,
                                                                 MonotonicTime deadline) = 0;

  // ReadFacility reads the calls of one facility from the projection.
  virtual absl::StatusOr<FacilityAccesses> ReadFacility(std::string_view facility_code,
                                                        const AccessRange& range,
                                                        MonotonicTime deadline) = 0;
  // IsInQuestion tells whether an open case says that a person may be taken for somebody else.
  virtual absl::StatusOr<bool> IsInQuestion(const PersonId& person, MonotonicTime deadline) = 0;
  // HidesFacilityNames tells whether a person is protected so that nobody may be shown where they
  // were treated.
  virtual absl::StatusOr<bool> HidesFacilityNames(const PersonId& person,
                                                  MonotonicTime deadline) = 0;
  // ReadPatient reads who was answered, or refused records, about one person: complete up to now.
  virtual absl::StatusOr<std::vector<Access>> ReadPatient(const PersonId& person,
                                                          const AccessRange& range,
                                                          MonotonicTime deadline) = 0;

  // Write stores the audit row of a call and, for one about a person, the access beside it; one
  // commit.
  virtual absl::Status Write(const AuditRecord& audit, const std::optional<RecordAccess>& access,
                             MonotonicTime deadline) = 0;
};

}  // namespace kakunin

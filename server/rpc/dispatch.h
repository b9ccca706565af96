#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/access_policy.h"
#include "domain/actor.h"
#include "domain/audit_record.h"
#include "domain/operation_test.h"
#include "server/clock.h"
#include "server/registry.h"
#include "server/rpc/admission.h"
#include "server/rpc/onboarding_limits.h"
#include "server/rpc/peer.h"
#include "server/rpc/session_door.h"
#include "server/rpc/status.h"
#include "storage/confirmation_store.h"

namespace kakunin {

// Call is one admitted call: what every method may know of its caller.
struct Call {
  const MethodPolicy* policy = nullptr;
  Actor actor;
  // "1312345678/T1", "33120015", "operator-1": as the audit names it; on the onboarding port, where
  // nobody is known yet, "address/192.0.2.1".
  std::string actor_name;
  std::string address;     // onboarding port only: where the call comes from
  Digest32 certificate{};  // fingerprint of the certificate; zero on the onboarding port
  absl::Time at;           // the Clock's instant of admission
  MonotonicTime deadline;  // the caller's, or the method's default
  MonotonicTime began;
  // Of the token that proved the actor's user and role; empty: they are asserted.
  std::optional<Digest32> session;
};

// DenialAudit takes the audit rows of refused calls. Never blocks; see server/denial_audit.h.
class DenialAudit {
 public:
  virtual ~DenialAudit() = default;
  virtual void Add(AuditRecord record) = 0;
};

// OperationTestTicks is told what a facility in the operation test has done. Never blocks; see
// server/operation_test_ticks.h.
class OperationTestTicks {
 public:
  virtual ~OperationTestTicks() = default;
  // Tick notes that a call was answered OK that ticks `item`, admitted at `at`.
  virtual void Tick(const std::string& facility_code, OperationTestItem item, absl::Time at) = 0;
};

// CallObserver sees every call once when it ends: one log line, metrics.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // `actor_name` is empty when the caller was never identified.
  virtual void Ended(std::string_view method, std::string_view actor_name,
                     const absl::Status& status, std::chrono::nanoseconds took) = 0;
};

// Dispatch is the one door: every method of every service goes through Admit, on every call. gRPC's
// interceptors cannot refuse (hazards.md), so the services call it themselves and a test calls
// every method of the API with every wrong certificate. Thread-safe.
class Dispatch {
 public:
  struct Options {
    Port port = Port::kTerminal;
    PeerSource peers;                     // where this listener's certificates come from
    std::function<bool()> shutting_down;  // true: new calls are refused with SHUTTING_DOWN
    // True: the database lacks what was acknowledged, and nobody may be answered from it
    // (storage/audit_fence.h); DATABASE_UNAVAILABLE. Empty: it is not asked.
    std::function<bool()> database_is_older;
    Admission* admission = nullptr;  // null: everybody who may call is served
    // Of the onboarding port, where it must be; outlives the object. There nobody shows a
    // certificate: a caller is an Applicant, and bounded by these.
    OnboardingLimits* onboarding = nullptr;
    // Of the terminals' port, where it outlives the object; null: nothing ticks.
    OperationTestTicks* ticks = nullptr;
    std::optional<SessionSource> sessions;  // of the terminals' port; empty: nobody has logged in
  };

  // All references outlive the object.
  Dispatch(Options options, const Registry& registry, const Clock& clock, DenialAudit& denials,
           CallObserver& observer);

  // Admit identifies the caller and applies the method's row, in this order: shutdown, certificate,
  // registry (stale: UNAVAILABLE), names and dates, kind of caller and port, how many call, a
  // terminal's session and user; on the
  // onboarding port its own limits stand in place of certificate, registry, names and dates. A
  // refusal of who calls is audited; one for being too many (CALL_LIMIT, OVERLOADED) tells gRPC's
  // own retries when to come again.
  absl::StatusOr<Call> Admit(grpc::ServerContextBase& context, std::string_view method) const;
  // AdmitAgain is Admit for a stream that goes on: whoever has lost the right is refused. It is not
  // counted as a call.
  absl::StatusOr<Call> AdmitAgain(grpc::ServerContextBase& context, std::string_view method) const;

  // Ended reports the end of a call to the observer. `complete`: its answer was given whole, which
  // of a stream that its caller broke off it was not.
  void Ended(const Call& call, const absl::Status& status, bool complete = true) const;

  // Serve runs one unary call of a sync service: admit, act, map the status.
  template <class Act>
  grpc::Status Serve(grpc::ServerContext* context, std::string_view method, Act&& act) const {
    absl::StatusOr<Call> call = Admit(*context, method);
    if (!call.ok()) return ToGrpcStatus(call.status());
    const absl::Status status = act(static_cast<const Call&>(*call));
    Ended(*call, status);
    return ToGrpcStatus(status);
  }

  const Clock& clock() const { return clock_; }

 private:
  enum class Arrival { kNew, kUnderWay };
  absl::StatusOr<Call> Judge(grpc::ServerContextBase& context, std::string_view method,
                             Arrival arrival) const;
  // Why this call is one too many; empty: it is not.
  std::optional<Reason> TooMany(const MethodPolicy& policy, const Digest32& certificate,
                                MonotonicTime now) const;
  // Identify fills in who calls, by the certificate. `denial` gets what is known of one that no row
  // knows, or that does not count.
  absl::Status Identify(const grpc::ServerContextBase& context, Call& call,
                        PeerDenial& denial) const;
  // IdentifyApplicant fills in whence the call comes. `told` becomes false for a refusal that has
  // been audited for the address already.
  absl::Status IdentifyApplicant(const grpc::ServerContextBase& context, Call& call,
                                 bool& told) const;
  // Complete completes a terminal: its user and role, asserted or by its session, and its
  // facility's settings where records are asked for.
  absl::Status Complete(const grpc::ServerContextBase& context, Call& call,
                        Terminal& terminal) const;
  // Refusals of who calls or what he may do are audited; a stale registry or a shutdown is not one.
  void RecordDenial(const Call& call, const absl::Status& status, const PeerDenial& denial) const;

  Options options_;
  const Registry& registry_;
  const Clock& clock_;
  DenialAudit& denials_;
  CallObserver& observer_;
};

// CheckEveryMethodHasPolicy returns FAILED_PRECONDITION naming the first method of `services` (full
// proto names) that has no row in the table: the server then refuses to start.
absl::Status CheckEveryMethodHasPolicy(std::span<const std::string> services);

}  // namespace kakunin

#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/coverage.h"
#include "domain/error.h"

namespace kakunin {

// Operation is what a caller asks for; one per RPC. The number is stored in the audit: never reuse
// one.
enum class Operation {
  kHealthCheck = 1,
  kReflection = 3,
  kBeginCardAuthentication = 10,
  kConfirmByCard = 11,
  kConfirmByInsuredNumber = 12,
  kBeginFeed = 20,
  kPushRows = 21,
  kSealFeed = 22,
  kPublishFeed = 23,
  kGetFeedReport = 24,
  kPushCardLinks = 30,
  kRegisterFacility = 40,
  kRegisterTerminal = 41,
  kRegisterInsurer = 42,
  kRevokeTerminal = 43,
  kBootstrapOperator = 44,  // no RPC: `kakunin migrate operator`
};

// Port is the listener a method lives on.
enum class Port { kTerminal = 1, kInsurer, kOperator, kEvery };

// AuditKind is how often a method writes an audit row. Denials are always audited.
enum class AuditKind { kNone = 1, kPerCall, kPerPersonAsked, kPerChunk };

// MethodPolicy is one row of the table of methods.
struct MethodPolicy {
  std::string_view method;  // "/kakunin.v1.EligibilityService/ConfirmByCard"
  Operation operation;
  Port port;
  std::span<const ActorKind> admits;
  AuditKind audit;
  absl::Duration default_deadline;
};

// AllMethodPolicies is the whole table; the server refuses to start when a method it serves is not
// in it.
std::span<const MethodPolicy> AllMethodPolicies();

// PolicyFor finds the row of a full method name; null when there is none.
const MethodPolicy* PolicyFor(std::string_view method);

// Situation is an argument of the policy, never a global flag. Degraded modes come with a later
// issue.
enum class Situation { kNormal = 0 };

// TerminalRequest is what the policy must know of a terminal's call beyond its actor.
struct TerminalRequest {
  Operation operation;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  Situation situation = Situation::kNormal;
  absl::Time at;
};

// DecideTerminal tells why `terminal` may not do this now; empty means it may. Rows are dated; the
// first that matches decides, and no row means no.
std::optional<Reason> DecideTerminal(const Terminal& terminal, const TerminalRequest& request);

}  // namespace kakunin

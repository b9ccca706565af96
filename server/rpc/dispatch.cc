#include "server/rpc/dispatch.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "auth/encoding.h"
#include "domain/error.h"
#include "domain/operation_test.h"
#include "domain/text/clear_number.h"
#include "server/rpc/call_deadline.h"
#include "server/rpc/peer_address.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr char kUserHeader[] = "kakunin-user";
constexpr char kRoleHeader[] = "kakunin-role";
constexpr char kSessionHeader[] = "kakunin-session";
constexpr size_t kMostUserOctets = 64;

// What every answer to a terminal of a facility in the operation test carries, refusals too.
constexpr char kModeKey[] = "kakunin-mode";
constexpr char kModeOfTest[] = "OPERATION_TEST";

// What gRPC's own retries obey: when to come again, in milliseconds. Not all at once.
constexpr char kPushback[] = "grpc-retry-pushback-ms";
std::string Pushback(const Digest32& certificate) {
  return std::to_string(500 + 4 * certificate[0]);
}

MonotonicTime DeadlineOf(const grpc::ServerContextBase& context, absl::Duration fallback,
                         MonotonicTime now) {
  const gpr_timespec deadline = context.raw_deadline();
  const gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
  return CallDeadline(absl::Seconds(left.tv_sec) + absl::Nanoseconds(left.tv_nsec), fallback, now);
}

std::optional<std::string_view> Header(const grpc::ServerContextBase& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  if (found == context.client_metadata().end()) return std::nullopt;
  return std::string_view(found->second.data(), found->second.size());
}

constexpr std::array<std::pair<std::string_view, Role>, 6> kRoles = {
    {{"GENERAL", Role::kGeneral},
     {"ADMINISTRATOR", Role::kAdministrator},
     {"DOCTOR", Role::kDoctor},
     {"DENTIST", Role::kDentist},
     {"PHARMACIST", Role::kPharmacist},
     {"OTHER_QUALIFIED", Role::kOtherQualified}}};

std::string RoleNames() {
  std::string names;
  for (const auto& [known, role] : kRoles) {
    if (!names.empty()) names += "、";
    names += known;
  }
  return names;
}

std::optional<Role> RoleNamed(std::string_view name) {
  for (const auto& [known, role] : kRoles) {
    if (known == name) return role;
  }
  return std::nullopt;
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// Reads who the facility says is at the terminal; both headers are optional (missing role:
// GENERAL).
absl::Status ReadUser(const grpc::ServerContextBase& context, Terminal& terminal) {
  std::vector<FieldViolation> violations;
  if (const auto user = Header(context, kUserHeader)) {
    if (user->size() > kMostUserOctets || !IsPrintable(*user)) {
      violations.push_back(
          {"metadata.kakunin-user", "利用者番号は空白のない英数記号64文字以内です。"});
    } else if (LooksLikeIndividualNumber(*user)) {
      violations.push_back(
          {"metadata.kakunin-user", "個人番号のように見える番号は利用者番号に使えません。"});
    }
    terminal.user = *user;
  }
  if (const auto name = Header(context, kRoleHeader)) {
    const auto role = RoleNamed(*name);
    if (!role) {
      violations.push_back(
          {"metadata.kakunin-role",
           "利用者の権限は次のいずれかを大文字で指定してください。" + RoleNames()});
    }
    terminal.role = role.value_or(Role::kGeneral);
  }
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

// Only these look at data that a facility may have turned off.
bool ShowsRecords(Operation operation) {
  return operation == Operation::kGetDrugHistory || operation == Operation::kGetTreatmentHistory ||
         operation == Operation::kGetHealthChecks || operation == Operation::kGetCertificates;
}

struct Identity {
  Actor actor;
  std::string name;
};

// What differs from one kind of party to the next.
struct PartyFacts {
  ActorKind kind;
  auth::PeerKind peer;
  Reason inactive;
};
constexpr PartyFacts kParties[] = {
    {ActorKind::kInsurer, auth::PeerKind::kInsurer, Reason::kInsurerInactive},
    {ActorKind::kOperator, auth::PeerKind::kOperator, Reason::kOperatorInactive},
    {ActorKind::kClaimsReviewer, auth::PeerKind::kClaimsReviewer, Reason::kReviewerInactive},
    {ActorKind::kCardLinkProvider, auth::PeerKind::kCardLinkProvider,
     Reason::kCardLinkProviderInactive},
};

Actor ActorOf(const PartyRow& row) {
  if (row.kind == ActorKind::kInsurer) return Insurer{row.name};
  if (row.kind == ActorKind::kClaimsReviewer) return ClaimsReviewer{row.name};
  if (row.kind == ActorKind::kCardLinkProvider) return CardLinkProvider{row.name};
  return Operator{row.name, row.body};
}

Identity OwnerOf(const RegistrySnapshot::Entry& entry) {
  if (const auto* row = std::get_if<TerminalRow>(&entry.row)) {
    return {Terminal{.facility_code = row->facility_code, .terminal_id = row->terminal_id},
            row->facility_code + "/" + row->terminal_id};
  }
  const auto& row = std::get<PartyRow>(entry.row);
  return {ActorOf(row), row.name};
}

absl::StatusOr<Identity> IdentifyTerminal(const RegistrySnapshot& registry,
                                          const RegistrySnapshot::Entry& entry,
                                          const TerminalRow& row,
                                          const auth::PeerCertificate& certificate,
                                          absl::Time now) {
  const auto name = certificate.Name();
  if (!name.ok() || name->kind != auth::PeerKind::kTerminal ||
      name->facility_code != row.facility_code || name->id != row.terminal_id) {
    return MakeError(Reason::kCertificateNamesDiffer);
  }
  ASSIGN_OR_RETURN(Terminal terminal, registry.TerminalOf(entry, now));
  return Identity{std::move(terminal), row.facility_code + "/" + row.terminal_id};
}

absl::StatusOr<Identity> IdentifyParty(const PartyRow& row,
                                       const auth::PeerCertificate& certificate, absl::Time now) {
  const auto facts = std::find_if(std::begin(kParties), std::end(kParties),
                                  [&](const PartyFacts& one) { return one.kind == row.kind; });
  const auto name = certificate.Name();
  if (facts == std::end(kParties) || !name.ok() || name->kind != facts->peer ||
      name->id != row.name) {
    return MakeError(Reason::kCertificateNamesDiffer);
  }
  if (!row.active) return MakeError(facts->inactive);
  if (now < row.not_before || now >= row.not_after) return MakeError(Reason::kCertificateExpired);
  return Identity{ActorOf(row), row.name};
}

}  // namespace

Dispatch::Dispatch(Options options, const Registry& registry, const Clock& clock,
                   DenialAudit& denials, CallObserver& observer)
    : options_(std::move(options)),
      registry_(registry),
      clock_(clock),
      denials_(denials),
      observer_(observer) {}

absl::StatusOr<Call> Dispatch::Admit(grpc::ServerContextBase& context,
                                     std::string_view method) const {
  return Judge(context, method, Arrival::kNew);
}

absl::StatusOr<Call> Dispatch::AdmitAgain(grpc::ServerContextBase& context,
                                          std::string_view method) const {
  return Judge(context, method, Arrival::kUnderWay);
}

absl::StatusOr<Call> Dispatch::Judge(grpc::ServerContextBase& context, std::string_view method,
                                     Arrival arrival) const {
  const MonotonicTime began = steady_clock::now();
  Call call{.policy = PolicyFor(method), .at = clock_.Now(), .began = began};
  PeerDenial denial;
  bool audited = true;
  const auto refuse = [&](const absl::Status& status) {
    if (audited) RecordDenial(call, status, denial);
    observer_.Ended(method, call.actor_name, status, steady_clock::now() - began);
    return status;
  };
  if (call.policy == nullptr) return refuse(MakeError(Reason::kInternal));
  call.deadline = DeadlineOf(context, call.policy->default_deadline, began);
  if (options_.shutting_down && options_.shutting_down())
    return refuse(MakeError(Reason::kShuttingDown));
  if (options_.database_is_older && options_.database_is_older()) {
    return refuse(MakeError(Reason::kDatabaseUnavailable));
  }

  const absl::Status known = options_.port == Port::kOnboarding
                                 ? IdentifyApplicant(context, call, audited)
                                 : Identify(context, call, denial);
  if (!known.ok()) return refuse(known);

  const auto& admits = call.policy->admits;
  const bool right_port = call.policy->port == Port::kEvery || call.policy->port == options_.port;
  const ActorKind kind = KindOf(call.actor);
  if (!right_port || std::find(admits.begin(), admits.end(), kind) == admits.end()) {
    return refuse(MakeError(Reason::kWrongKindOfCaller));
  }
  // On the onboarding port its own limits have been asked already.
  if (arrival == Arrival::kNew && options_.port != Port::kOnboarding) {
    if (const auto over = TooMany(*call.policy, call.certificate, began)) {
      context.AddTrailingMetadata(kPushback, Pushback(call.certificate));
      return refuse(MakeError(*over));
    }
  }
  if (auto* terminal = std::get_if<Terminal>(&call.actor)) {
    // Whatever is answered, by the door or behind it, says that it is a test.
    if (terminal->sees_only != nullptr && arrival == Arrival::kNew) {
      context.AddTrailingMetadata(kModeKey, kModeOfTest);
    }
    const absl::Status status = Complete(context, call, *terminal);
    if (!status.ok()) return refuse(status);
  }
  return call;
}

std::optional<Reason> Dispatch::TooMany(const MethodPolicy& policy, const Digest32& certificate,
                                        MonotonicTime now) const {
  if (options_.admission == nullptr) return std::nullopt;
  switch (options_.admission->Admit(PrecedenceOf(policy), certificate, now)) {
    case Admission::Verdict::kCertificateOver:
      return Reason::kCallLimit;
    case Admission::Verdict::kAllOver:
      return Reason::kOverloaded;
    case Admission::Verdict::kAdmitted:
      break;
  }
  return std::nullopt;
}

absl::Status Dispatch::Identify(const grpc::ServerContextBase& context, Call& call,
                                PeerDenial& denial) const {
  const auto registry = registry_.Current();
  if (registry == nullptr) return MakeError(Reason::kRegistryStale);
  const auto registered = [&](const Digest32& fingerprint) {
    return registry->Find(fingerprint) != nullptr;
  };
  ASSIGN_OR_RETURN(const auto certificate,
                   PeerCertificateOf(context, options_.peers, call.at, registered, denial));
  const RegistrySnapshot::Entry* entry = registry->Find(certificate->fingerprint);
  if (entry == nullptr) {
    denial.details = "certificate=" + auth::HexEncode(certificate->fingerprint);
    return MakeError(Reason::kCertificateNotRegistered);
  }
  call.certificate = certificate->fingerprint;

  // Whose certificate it is, before it is judged: a denial tells who it was.
  const TerminalRow* terminal = std::get_if<TerminalRow>(&entry->row);
  Identity owner = OwnerOf(*entry);
  call.actor = std::move(owner.actor);
  call.actor_name = std::move(owner.name);
  ASSIGN_OR_RETURN(Identity identity,
                   terminal != nullptr
                       ? IdentifyTerminal(*registry, *entry, *terminal, *certificate, call.at)
                       : IdentifyParty(std::get<PartyRow>(entry->row), *certificate, call.at));
  call.actor = std::move(identity.actor);
  call.actor_name = std::move(identity.name);
  return absl::OkStatus();
}

absl::Status Dispatch::IdentifyApplicant(const grpc::ServerContextBase& context, Call& call,
                                         bool& told) const {
  call.actor = Applicant{};
  call.address = AddressOfPeer(context.peer());
  call.actor_name = "address/" + call.address;
  if (options_.onboarding == nullptr) return MakeError(Reason::kInternal);
  // First of all: whatever else is wrong, each call costs an audit row.
  const auto verdict = options_.onboarding->Take(call.address, call.began);
  told = verdict != OnboardingLimits::Verdict::kOver;
  if (verdict != OnboardingLimits::Verdict::kWithin) return MakeError(Reason::kOnboardingLimit);
  // No proxy speaks for anybody here.
  if (Header(context, kProxyHeader)) return MakeError(Reason::kProxyHeaderRefused);
  return absl::OkStatus();
}

absl::Status Dispatch::Complete(const grpc::ServerContextBase& context, Call& call,
                                Terminal& terminal) const {
  // A branch that the desk's calls do not take, and the only cost of the operation test to them.
  if (terminal.sees_only != nullptr && !OfferedInOperationTest(call.policy->operation)) {
    return MakeError(Reason::kOperationTestNotOffered);
  }
  const auto token = Header(context, kSessionHeader);
  const bool shows_records = ShowsRecords(call.policy->operation);
  std::shared_ptr<const AccountSnapshot> accounts;
  if (options_.sessions && (token || shows_records)) {
    accounts = options_.sessions->accounts->Current();
    if (accounts == nullptr) return MakeError(Reason::kRegistryStale);
    if (shows_records) terminal.settings = accounts->SettingsOf(terminal.facility_code);
  }
  RETURN_IF_ERROR(ReadUser(context, terminal));
  if (!token) return absl::OkStatus();
  if (accounts == nullptr) return MakeError(Reason::kSessionUnknown);
  ASSIGN_OR_RETURN(const Session session, OpenSession(*token, *options_.sessions, *accounts,
                                                      {terminal.facility_code, terminal.terminal_id,
                                                       call.certificate, call.at},
                                                      call.policy->operation));
  const bool other_user = !terminal.user.empty() && terminal.user != session.user_name;
  const bool other_role = Header(context, kRoleHeader) && terminal.role != session.role;
  if (other_user || other_role) return MakeError(Reason::kSessionContradicted);
  terminal.user = session.user_name;
  terminal.role = session.role;
  terminal.role_evidence = RoleEvidence::kProven;
  call.session = session.token_hash;
  return absl::OkStatus();
}

void Dispatch::RecordDenial(const Call& call, const absl::Status& status,
                            const PeerDenial& denial) const {
  const auto code = status.code();
  const bool limited = ReasonOf(status) == Reason::kOnboardingLimit;
  if (code != absl::StatusCode::kPermissionDenied && code != absl::StatusCode::kUnauthenticated &&
      !limited) {
    return;
  }
  AuditRecord record;
  record.at = call.at;
  record.operation = call.policy != nullptr ? static_cast<int>(call.policy->operation) : 0;
  record.actor_kind = KindOf(call.actor);
  record.actor = call.actor_name;
  record.code = static_cast<int>(code);
  record.reason = denial.exact.empty() ? FactsOf(*ReasonOf(status)).name : denial.exact;
  record.details = denial.details;
  const auto* terminal = std::get_if<Terminal>(&call.actor);
  if (terminal != nullptr && terminal->sees_only != nullptr) {
    record.situation = kOperationTestSituation;
  }
  denials_.Add(std::move(record));
}

void Dispatch::Ended(const Call& call, const absl::Status& status, bool complete) const {
  observer_.Ended(call.policy->method, call.actor_name, status, steady_clock::now() - call.began);
  const auto* terminal = std::get_if<Terminal>(&call.actor);
  if (terminal == nullptr || terminal->sees_only == nullptr || !status.ok() || !complete) return;
  const auto item = ItemTickedBy(call.policy->operation);
  if (item && options_.ticks != nullptr)
    options_.ticks->Tick(terminal->facility_code, *item, call.at);
}

absl::Status CheckEveryMethodHasPolicy(std::span<const std::string> services) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const std::string& name : services) {
    const auto* service = pool->FindServiceByName(name);
    if (service == nullptr)
      return absl::FailedPreconditionError("no descriptor of service " + name);
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string method = "/" + name + "/" + service->method(i)->name();
      if (PolicyFor(method) == nullptr) {
        return absl::FailedPreconditionError("no access policy row for method " + method);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace kakunin

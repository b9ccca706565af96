#include "server/http/reception_api.h"

#include <fmt/format.h>

#include "auth/encoding.h"
#include "domain/error.h"
#include "domain/reception_door.h"
#include "server/rpc/convert_reception.h"
#include "server/usecases/reception_links.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kOpen = "/kakunin.v1.ReceptionService/OpenReception";
constexpr std::string_view kBegin = "/kakunin.v1.ReceptionService/BeginReceptionAct";
constexpr std::string_view kGive = "/kakunin.v1.ReceptionService/GiveConsents";
constexpr std::string_view kList = "/kakunin.v1.ReceptionService/ListOwnConsents";
constexpr std::string_view kWithdraw = "/kakunin.v1.ReceptionService/WithdrawConsents";
constexpr std::string_view kAccesses = "/kakunin.v1.ReceptionService/ListOwnAccesses";
constexpr std::string_view kJson = "application/json";
// A challenge belongs to a session by so many digits of its nonce.
constexpr size_t kSessionDigits = 16;

std::string_view OctetsOf(const std::array<uint8_t, 16>& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

}  // namespace

// Visit is a call on its way in; `call` views `link`, so it stays where it is.
struct ReceptionApi::Visit {
  std::string app_id;  // "": the page
  FoundLink link;
  ReceptionVisit call;

  // As the audit and the log name who acts; "" before a link is known.
  std::string Actor() const {
    if (link.link.facility_code.empty()) return "";
    return fmt::format("{}/{}{}{}", link.link.facility_code, kReceptionTerminal,
                       app_id.empty() ? "" : "/", app_id);
  }
};

ReceptionApi::ReceptionApi(Backend backend, const WebLimits& limits)
    : backend_(std::move(backend)),
      limits_(limits),
      sessions_(backend_.look_up_key),
      apps_(backend_.database, backend_.apps, backend_.public_url, limits.apps),
      calls_(limits.calls_per_address, limits.minute, limits.most_keys),
      wrong_tokens_(limits.wrong_tokens_per_address, limits.wrong_tokens_window, limits.most_keys),
      opens_(limits.opens_per_link, limits.minute, limits.most_keys),
      shares_(limits.opens_per_link_and_address, limits.minute, limits.most_keys),
      calls_of_sessions_(limits.calls_per_session, limits.minute, limits.most_keys) {}

bool ReceptionApi::IsMethod(std::string_view path) {
  return path == kOpen || path == kBegin || path == kGive || path == kList || path == kWithdraw ||
         path == kAccesses;
}

WebAnswer ReceptionApi::Answer(const WebCall& call) {
  const auto began = steady_clock::now();
  const absl::Time now = backend_.clock.Now();
  WebAnswer answer;
  Visit visit;
  absl::Status status = Admit(call, now, began, visit);
  if (status.ok()) {
    if (call.method == kOpen) {
      status = Open(call, now, began, visit, answer);
    } else {
      status = OpenVisit(call, now, began, visit);
      if (status.ok()) status = Act(call, visit, answer);
    }
  }
  if (!status.ok()) {
    WebError error = WriteReceptionError(status);
    answer = {.http_status = error.http_status, .json = std::move(error.json)};
  }
  backend_.calls.Ended(call.method, visit.Actor(), status, steady_clock::now() - began);
  return answer;
}

absl::Status ReceptionApi::Admit(const WebCall& call, absl::Time now, RateLimit::Instant began,
                                 Visit& visit) {
  if (AppCaller::IsApp(call)) {
    ASSIGN_OR_RETURN(visit.app_id, apps_.AppOf(call, now, began, began + limits_.database_bound));
  } else {
    if (!calls_.Take(AddressKey(call.address), began)) return MakeError(Reason::kReceptionLimit);
    // Every browser says which page's script calls; whoever says nothing is an app, and signs.
    if (call.origin != backend_.public_url) return MakeError(Reason::kReceptionNotOpened);
  }
  // A form of another site cannot send this type.
  return call.content_type == kJson ? absl::OkStatus() : MakeError(Reason::kInvalidFields);
}

absl::Status ReceptionApi::Open(const WebCall& call, absl::Time now, RateLimit::Instant began,
                                Visit& visit, WebAnswer& answer) {
  const bool app = !visit.app_id.empty();
  const std::string address = AddressKey(call.address);
  // Behind an app's address stand the patients of many facilities.
  if (!app && wrong_tokens_.IsOver(address, began)) return MakeError(Reason::kReceptionLimit);
  std::string token;
  RETURN_IF_ERROR(ReadOpenReception(call.body, token));
  const LinkTokenHash hash = HashOfLinkToken(backend_.look_up_key, token);
  auto link = OpenReception(backend_.database, backend_.links, hash, visit.app_id, now,
                            began + limits_.database_bound);
  if (!link.ok()) {
    const bool wrong = ReasonOf(link.status()) == Reason::kReceptionClosed;
    if (wrong && !app) wrong_tokens_.Take(address, began);
    return link.status();
  }
  visit.link = *std::move(link);
  const std::string key = fmt::format("{}{}", OctetsOf(hash.octets), visit.app_id);
  // In this order: what is beyond an address's share takes nothing of the others'.
  if (!app && !shares_.Take(key + address, began)) return MakeError(Reason::kReceptionLimit);
  if (!opens_.Take(key, began)) return MakeError(Reason::kReceptionLimit);
  const auth::WebSession session{
      .link_token_hash = hash.octets,
      .nonce = auth::RandomArray<16>(),
      .end = absl::FromUnixMillis(absl::ToUnixMillis(now + limits_.session_life))};
  const std::string sealed = sessions_.Seal(session, visit.app_id);
  OpenedSession opened{.end = session.end};
  if (app) {
    opened.session = sealed;
  } else {
    answer.session_cookie = sealed;
    opened.csrf_token = sessions_.CsrfToken(session);
  }
  answer.json = WriteOpenReception(visit.link, opened);
  (app ? sessions_of_apps_ : sessions_of_page_).fetch_add(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status ReceptionApi::OpenVisit(const WebCall& call, absl::Time now, RateLimit::Instant began,
                                     Visit& visit) {
  const bool app = !visit.app_id.empty();
  const auto session =
      sessions_.Open(app ? call.app_session : call.session_cookie, now, visit.app_id);
  // What an app sends nobody else's page can make it send.
  if (!session || (!app && !sessions_.IsCsrfToken(*session, call.csrf_token))) {
    return MakeError(Reason::kReceptionNotOpened);
  }
  if (!calls_of_sessions_.Take(OctetsOf(session->nonce), began)) {
    return MakeError(Reason::kReceptionLimit);
  }
  const MonotonicTime deadline = began + limits_.database_bound;
  // Anew with every call: a link that was renewed or revoked since serves nobody any more.
  ASSIGN_OR_RETURN(visit.link,
                   OpenReception(backend_.database, backend_.links, {session->link_token_hash},
                                 visit.app_id, now, deadline));
  // Dropping an app ended its sessions; naming it again begins none. A session's end is rounded
  // down to the millisecond, and so is what is reckoned from it.
  const absl::Time opened = session->end - limits_.session_life + absl::Milliseconds(1);
  if (visit.link.app_named.value_or(absl::InfinitePast()) >= opened) {
    return MakeError(Reason::kReceptionNotOpened);
  }
  visit.call = {.link = &visit.link,
                .door = ReceptionDoor(visit.link.link.facility_code, visit.link.facility_type,
                                      auth::HexEncode(session->nonce).substr(0, kSessionDigits)),
                .app_id = visit.app_id,
                .request_digest = KeyedDigest(backend_.audit_key, call.body),
                .at = now,
                .deadline = deadline};
  return absl::OkStatus();
}

absl::Status ReceptionApi::Act(const WebCall& call, const Visit& visit, WebAnswer& answer) {
  if (call.method == kBegin) {
    CardPurpose purpose = CardPurpose::kConfirm;
    RETURN_IF_ERROR(ReadBeginReceptionAct(call.body, purpose));
    const Issued issued = backend_.lane.Begin(visit.call, purpose);
    RETURN_IF_ERROR(issued.status);
    answer.json = WriteBeginReceptionAct(issued);
    return absl::OkStatus();
  }
  if (call.method == kGive) {
    ConsentsToGive wanted;
    RETURN_IF_ERROR(ReadGiveConsents(call.body, wanted));
    const Confirmed confirmed =
        backend_.lane.GiveConsents(visit.call, CardQuestionOf(wanted), wanted.request_id);
    RETURN_IF_ERROR(confirmed.status);
    answer.json = WriteGiveConsents(confirmed, visit.link);
    return absl::OkStatus();
  }
  if (call.method == kAccesses) return Accesses(call, visit, answer);
  CardProofOctets proof;
  const bool lists = call.method == kList;
  RETURN_IF_ERROR(lists ? ReadListOwnConsents(call.body, proof)
                        : ReadWithdrawConsents(call.body, proof));
  const CardAct act = CardActOf(proof, visit.call);
  const OwnConsents own =
      lists ? backend_.lane.List(visit.call, act) : backend_.lane.Withdraw(visit.call, act);
  RETURN_IF_ERROR(own.status);
  answer.json = lists ? WriteListOwnConsents(own) : WriteWithdrawConsents(own);
  return absl::OkStatus();
}

absl::Status ReceptionApi::Accesses(const WebCall& call, const Visit& visit, WebAnswer& answer) {
  CardProofOctets proof;
  RETURN_IF_ERROR(ReadListOwnAccesses(call.body, proof));
  const OwnAccesses own = backend_.lane.Accesses(visit.call, CardActOf(proof, visit.call));
  RETURN_IF_ERROR(own.listed.status);
  answer.json = WriteListOwnAccesses(own);
  return absl::OkStatus();
}

}  // namespace kakunin

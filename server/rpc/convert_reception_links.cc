#include "server/rpc/convert_reception_links.h"

#include <fmt/format.h>

#include <charconv>

#include "auth/encoding.h"
#include "auth/uuid.h"
#include "domain/civil_day.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/fields.h"
#include "server/rpc/patient_fields.h"
#include "server/rpc/qr_image.h"
#include "server/rpc/read_terminal_call.h"

namespace kakunin {
namespace {

constexpr int kPage = 200;
constexpr int kLargestPage = 1000;
constexpr size_t kMostBookingName = 50;

constexpr std::string_view kPageSize = "1件から1,000件までで指定してください。";
constexpr std::string_view kNotAPlace = "前の回答にあった続きの指定をそのまま送ってください。";
constexpr std::string_view kAtHome = "訪問診療等またはオンライン診療等を指定してください。";
constexpr std::string_view kTooFarAhead = "1年より先の予約日は指定できません。";
constexpr std::string_view kOnlyOnline = "オンライン診療等の場合にだけ指定してください。";

template <class Request>
absl::Status ReadLink(const Request& request, const Call& call, const auth::HmacKey& audit_key,
                      TerminalCall& asked, LinkId& id) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  id = RequiredUuid<LinkId>(errors, "link_id", request.link_id()).value_or(LinkId{});
  return errors.ToStatus();
}

// A place is told as the microseconds of a link's making and its id.
std::string PlaceText(const LinkPosition& place) {
  return fmt::format("{}-{}", absl::ToUnixMicros(place.created), auth::HexEncode(place.id.octets));
}

std::optional<LinkPosition> ReadPlace(FieldErrors& errors, std::string_view token) {
  if (token.empty()) return std::nullopt;
  const size_t hyphen = token.find('-');
  int64_t micros = 0;
  std::optional<std::string> id;
  if (hyphen != std::string_view::npos) {
    const auto [end, error] = std::from_chars(token.data(), token.data() + hyphen, micros);
    if (error == std::errc() && end == token.data() + hyphen) {
      id = auth::HexDecode(token.substr(hyphen + 1));
    }
  }
  LinkPosition place{.created = absl::FromUnixMicros(micros)};
  if (!id || id->size() != place.id.octets.size()) {
    errors.Add("page_token", kNotAPlace);
    return std::nullopt;
  }
  std::copy(id->begin(), id->end(), place.id.octets.begin());
  return place;
}

void SetLink(const ReceptionLink& link, v1::ReceptionLink& out) {
  out.set_link_id(auth::UuidText(link.id.octets));
  out.set_form_of_care(static_cast<v1::FormOfCare>(link.form_of_care));
  if (link.appointment_day) *out.mutable_appointment_date() = DayToProto(*link.appointment_day);
  out.set_booking_name(link.booking_name);
  *out.mutable_create_time() = TimeToProto(link.created);
  *out.mutable_expire_time() = TimeToProto(link.expires);
  if (link.renewed) *out.mutable_renew_time() = TimeToProto(*link.renewed);
  if (link.revoked) *out.mutable_revoke_time() = TimeToProto(*link.revoked);
}

// The token stands behind #: browsers keep that to themselves, so no proxy and no log gets it.
void SetAddress(const MadeLink& made, std::string_view public_url, v1::ReceptionAddress& out) {
  out.set_url(fmt::format("{}/#{}", public_url, made.token));
  const QrImage image(out.url());
  out.set_qr_png(image.Png());
  out.set_qr_svg(image.Svg());
}

}  // namespace

absl::Status ReadCreateReceptionLink(const v1::CreateReceptionLinkRequest& request,
                                     const Call& call, const auth::HmacKey& audit_key,
                                     TerminalCall& asked, LinkToMake& wanted) {
  FieldErrors errors;
  const FormOfCare form = request.form_of_care() == v1::FORM_OF_CARE_ONLINE_CARE
                              ? FormOfCare::kOnlineCare
                              : FormOfCare::kHomeVisit;
  ReadTerminalCall(errors, request.facility_code(), request.SerializeAsString(), form, call,
                   audit_key, asked);
  const absl::CivilDay today = CivilDayAt(call.at);
  wanted.form_of_care = ReadForm(errors, request.form_of_care(), request.appointment_date(), today,
                                 wanted.appointment_day);
  if (request.form_of_care() == v1::FORM_OF_CARE_OUTPATIENT ||
      request.form_of_care() == v1::FORM_OF_CARE_EMERGENCY) {
    errors.Add("form_of_care", kAtHome);
  }
  if (wanted.appointment_day && *wanted.appointment_day > today + kBookedAheadDays) {
    errors.Add("appointment_date", kTooFarAhead);
  }
  if (!request.booking_name().empty() && wanted.form_of_care != FormOfCare::kOnlineCare) {
    errors.Add("booking_name", kOnlyOnline);
  }
  OptionalLine(errors, "booking_name", request.booking_name(), kMostBookingName);
  wanted.booking_name = request.booking_name();
  return errors.ToStatus();
}

absl::Status ReadListReceptionLinks(const v1::ListReceptionLinksRequest& request, const Call& call,
                                    const auth::HmacKey& audit_key, TerminalCall& asked,
                                    LinkRange& range) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  if (!request.include_ended()) range.open_at = call.at;
  range.limit = request.page_size() == 0 ? kPage : request.page_size();
  if (range.limit < 1 || range.limit > kLargestPage) errors.Add("page_size", kPageSize);
  range.after = ReadPlace(errors, request.page_token());
  return errors.ToStatus();
}

absl::Status ReadRenewReceptionLink(const v1::RenewReceptionLinkRequest& request, const Call& call,
                                    const auth::HmacKey& audit_key, TerminalCall& asked,
                                    LinkId& id) {
  return ReadLink(request, call, audit_key, asked, id);
}

absl::Status ReadRevokeReceptionLink(const v1::RevokeReceptionLinkRequest& request,
                                     const Call& call, const auth::HmacKey& audit_key,
                                     TerminalCall& asked, LinkId& id) {
  return ReadLink(request, call, audit_key, asked, id);
}

void WriteCreateReceptionLink(const MadeLink& made, std::string_view public_url,
                              v1::CreateReceptionLinkResponse& response) {
  SetLink(made.link, *response.mutable_link());
  SetAddress(made, public_url, *response.mutable_address());
  response.set_audit_id(AuditIdText(made.audit_id));
}

void WriteListReceptionLinks(const LinkPage& page, v1::ListReceptionLinksResponse& response) {
  for (const ReceptionLink& link : page.links) SetLink(link, *response.add_links());
  if (page.next) response.set_next_page_token(PlaceText(*page.next));
  response.set_audit_id(AuditIdText(page.audit_id));
}

void WriteRenewReceptionLink(const MadeLink& made, std::string_view public_url,
                             v1::RenewReceptionLinkResponse& response) {
  SetLink(made.link, *response.mutable_link());
  SetAddress(made, public_url, *response.mutable_address());
  response.set_audit_id(AuditIdText(made.audit_id));
}

void WriteRevokeReceptionLink(const MadeLink& made, v1::RevokeReceptionLinkResponse& response) {
  SetLink(made.link, *response.mutable_link());
  response.set_audit_id(AuditIdText(made.audit_id));
}

}  // namespace kakunin

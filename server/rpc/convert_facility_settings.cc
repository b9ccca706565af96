#include "server/rpc/convert_facility_settings.h"

#include <algorithm>

#include "domain/access_policy.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/fields.h"
#include "server/rpc/read_terminal_call.h"

namespace kakunin {
namespace {

constexpr uint8_t kAllKinds = (1u << kConsentKinds) - 1;
constexpr int kDefaultPage = 200;
constexpr int kMostPage = 1000;
constexpr std::string_view kRepeatedKind = "同じ種類を二度指定しないでください。";
constexpr std::string_view kNotANumber = "0以上の番号を指定してください。";
constexpr std::string_view kNotAPageSize = "1から1000の件数を指定してください。";

}  // namespace

absl::Status ReadUpdateFacilitySettings(const v1::UpdateFacilitySettingsRequest& request,
                                        const Call& call, const auth::HmacKey& audit_key,
                                        TerminalCall& asked, FacilitySettings& wanted) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  if (!request.has_settings()) errors.Add("settings", kFieldMissing);
  if (request.change_number() < 0) errors.Add("change_number", kNotANumber);
  const v1::FacilitySettings& settings = request.settings();
  uint8_t used = 0;
  // One more than there are kinds is a repetition already.
  for (int i = 0; i < std::min(settings.record_kinds_size(), kConsentKinds + 1); ++i) {
    const std::string field = FieldAt("settings.record_kinds", i);
    const auto kind = RequiredEnum<RecordKind>(
        errors, field, static_cast<v1::ConsentKind>(settings.record_kinds(i)));
    if (!kind) continue;
    const auto bit = static_cast<uint8_t>(1u << (static_cast<unsigned>(*kind) - 1));
    if ((used & bit) != 0) errors.Add(field, kRepeatedKind);
    used |= bit;
  }
  wanted = {.kinds_not_used = static_cast<uint8_t>(kAllKinds & ~used),
            .uses_e_prescription = settings.uses_e_prescription(),
            .shows_treatment_at_first = settings.shows_treatment_at_first(),
            .shows_surgery_at_first = settings.shows_surgery_at_first(),
            .records_need_proven_role = settings.records_need_proven_role()};
  return errors.ToStatus();
}

absl::Status ReadListFacilitySettingsChanges(const v1::ListFacilitySettingsChangesRequest& request,
                                             const Call& call, const auth::HmacKey& audit_key,
                                             TerminalCall& asked, int& limit) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  limit = request.page_size() == 0 ? kDefaultPage : request.page_size();
  if (limit < 1 || limit > kMostPage) errors.Add("page_size", kNotAPageSize);
  if (request.before_change_number() < 0) errors.Add("before_change_number", kNotANumber);
  return errors.ToStatus();
}

void SetFacilitySettings(const FacilitySettings& settings, v1::FacilitySettings& out) {
  for (int number = 1; number <= kConsentKinds; ++number) {
    if (UsesKind(settings, static_cast<RecordKind>(number))) {
      out.add_record_kinds(static_cast<v1::ConsentKind>(number));
    }
  }
  out.set_uses_e_prescription(settings.uses_e_prescription);
  out.set_shows_treatment_at_first(settings.shows_treatment_at_first);
  out.set_shows_surgery_at_first(settings.shows_surgery_at_first);
  out.set_records_need_proven_role(settings.records_need_proven_role);
}

void SetSettingsChange(const SettingsChange& change, v1::FacilitySettingsChange& out) {
  out.set_change_number(change.number);
  *out.mutable_change_time() = TimeToProto(change.at);
  out.set_user_name(change.user_name);
  out.set_terminal_id(change.terminal_id);
  SetFacilitySettings(change.settings, *out.mutable_settings());
}

}  // namespace kakunin

#include "server/rpc/convert_reception_apps.h"

#include <algorithm>

#include "auth/digest.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/read_terminal_call.h"

namespace kakunin {
namespace {

constexpr std::string_view kAppIdForm = "半角英小文字、数字、ハイフンで32文字以内にしてください。";

template <class Response>
void WriteNamed(const NamedApps& named, Response& response) {
  for (const NamedApp& one : named.apps) {
    v1::NamedReceptionApp& out = *response.add_apps();
    out.set_app_id(one.app.app_id);
    out.set_name(one.app.display_name);
    *out.mutable_name_time() = TimeToProto(one.named);
    out.set_revoked(one.app.revoked.has_value());
  }
  response.set_audit_id(AuditIdText(named.audit_id));
}

}  // namespace

void ReadAppId(FieldErrors& errors, const std::string& id) {
  if (id.empty()) {
    errors.Add("app_id", kFieldMissing);
  } else if (!IsAppId(id)) {
    errors.Add("app_id", kAppIdForm);
  }
}

absl::Status ReadNameReceptionApp(const v1::NameReceptionAppRequest& request, const Call& call,
                                  const auth::HmacKey& audit_key, TerminalCall& asked,
                                  AppNaming& naming) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  ReadAppId(errors, request.app_id());
  naming = {.app_id = request.app_id(), .drop = request.drop()};
  return errors.ToStatus();
}

absl::Status ReadListNamedReceptionApps(const v1::ListNamedReceptionAppsRequest& request,
                                        const Call& call, const auth::HmacKey& audit_key,
                                        TerminalCall& asked) {
  FieldErrors errors;
  ReadTerminalCall(errors, request, call, audit_key, asked);
  return errors.ToStatus();
}

void WriteNameReceptionApp(const NamedApps& named, v1::NameReceptionAppResponse& response) {
  WriteNamed(named, response);
}

void WriteListNamedReceptionApps(const NamedApps& named,
                                 v1::ListNamedReceptionAppsResponse& response) {
  WriteNamed(named, response);
}

void SetReceptionApp(const ReceptionApp& app, v1::ReceptionApp& out) {
  out.set_app_id(app.app_id);
  out.set_name(app.display_name);
  out.set_key_fingerprint(std::string(auth::AsText(auth::Sha256(app.public_key))));
  *out.mutable_register_time() = TimeToProto(app.registered);
  if (app.revoked) *out.mutable_revoke_time() = TimeToProto(*app.revoked);
  out.set_named_by(app.named_by);
}

}  // namespace kakunin

#pragma once

#include <string>

#include "absl/status/status.h"
#include "kakunin/v1/reception_app_service.pb.h"
#include "kakunin/v1/reception_link_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/fields.h"
#include "server/usecases/reception_apps.h"

namespace kakunin {

// ReadAppId reads an app's id: 1 to 32 of a-z, 0-9 and hyphen.
void ReadAppId(FieldErrors& errors, const std::string& id);

// Each reads one request, all field violations at once; what the policy refuses is left in `asked`.
absl::Status ReadNameReceptionApp(const v1::NameReceptionAppRequest& request, const Call& call,
                                  const auth::HmacKey& audit_key, TerminalCall& asked,
                                  AppNaming& naming);
absl::Status ReadListNamedReceptionApps(const v1::ListNamedReceptionAppsRequest& request,
                                        const Call& call, const auth::HmacKey& audit_key,
                                        TerminalCall& asked);

void WriteNameReceptionApp(const NamedApps& named, v1::NameReceptionAppResponse& response);
void WriteListNamedReceptionApps(const NamedApps& named,
                                 v1::ListNamedReceptionAppsResponse& response);

// SetReceptionApp sets an app as operators see it.
void SetReceptionApp(const ReceptionApp& app, v1::ReceptionApp& out);

}  // namespace kakunin

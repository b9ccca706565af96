#include "server/http/app_caller.h"

#include <optional>
#include <utility>

#include "auth/app_signature.h"
#include "domain/error.h"

namespace kakunin {

AppCaller::AppCaller(Database& database, ReceptionAppStore& apps, std::string public_url,
                     const AppLimits& limits)
    : database_(database),
      apps_(apps),
      public_url_(std::move(public_url)),
      calls_(limits.calls_per_app, limits.minute, limits.most_keys),
      refused_(limits.refused_per_address, limits.refused_window, limits.most_keys) {}

absl::StatusOr<std::string> AppCaller::AppOf(const WebCall& call, absl::Time now,
                                             RateLimit::Instant began, MonotonicTime deadline) {
  const std::string address = AddressKey(call.address);
  // Who forges signatures costs us a look into the table each time.
  if (refused_.IsOver(address, began)) return MakeError(Reason::kReceptionLimit);
  auto app = Judge(call, now, deadline);
  if (!app.ok()) {
    if (ReasonOf(app.status()) == Reason::kReceptionAppRefused) refused_.Take(address, began);
    return app;
  }
  if (!calls_.Take(*app, began)) return MakeError(Reason::kReceptionLimit);
  return app;
}

absl::StatusOr<std::string> AppCaller::Judge(const WebCall& call, absl::Time now,
                                             MonotonicTime deadline) {
  const auto said = auth::ReadAppAuthorization(call.authorization);
  if (!said) return MakeError(Reason::kReceptionAppRefused);
  // In whole seconds, as apps tell the time.
  const absl::Duration apart =
      absl::FromUnixSeconds(absl::ToUnixSeconds(now)) - absl::FromUnixSeconds(said->unix_seconds);
  if (absl::AbsDuration(apart) > auth::kAppClockDifference) {
    return MakeError(Reason::kReceptionAppRefused);
  }
  std::optional<ReceptionApp> app;
  RETURN_IF_ERROR(database_.Read(deadline, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(app, apps_.Find(tx, said->app_id));
    return absl::OkStatus();
  }));
  if (!app || app->revoked) return MakeError(Reason::kReceptionAppRefused);
  const std::string text = auth::AppSignedText({.app_id = said->app_id,
                                                .origin = public_url_,
                                                .path = call.method,
                                                .unix_seconds = said->unix_seconds,
                                                .session = call.app_session,
                                                .body = call.body});
  if (!auth::IsSignedByApp(app->public_key, text, said->signature)) {
    return MakeError(Reason::kReceptionAppRefused);
  }
  return said->app_id;
}

}  // namespace kakunin

#pragma once

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/http/web_call.h"
#include "server/rpc/rate_limit.h"
#include "storage/database.h"
#include "storage/reception_app_store.h"

namespace kakunin {

// AppLimits bound what apps cost; OUR choices.
struct AppLimits {
  int calls_per_app = 6'000;  // a minute: one app serves the patients of many facilities
  int refused_per_address = 20;
  std::chrono::seconds minute{60};
  std::chrono::seconds refused_window{600};
  size_t most_keys = 100'000;
};

// AppCaller tells which registered app made a call, by its signature of that call
// (auth/app_signature.h). The app is read anew for every call: with the commit that revokes it no
// server knows it. Thread-safe.
class AppCaller {
 public:
  // References outlive the object. `public_url` is what apps sign as the origin.
  AppCaller(Database& database, ReceptionAppStore& apps, std::string public_url,
            const AppLimits& limits = {});

  // IsApp tells whether a call says that it is an app's.
  static bool IsApp(const WebCall& call) { return !call.authorization.empty(); }

  // AppOf returns the app's id. RECEPTION_APP_REFUSED for one that is unknown or revoked, a
  // signature that is not its of this call, or a time more than a minute from `now`: all alike.
  // RECEPTION_LIMIT, or a StoreError.
  absl::StatusOr<std::string> AppOf(const WebCall& call, absl::Time now, RateLimit::Instant began,
                                    MonotonicTime deadline);

 private:
  absl::StatusOr<std::string> Judge(const WebCall& call, absl::Time now, MonotonicTime deadline);

  Database& database_;
  ReceptionAppStore& apps_;
  const std::string public_url_;
  RateLimit calls_;
  RateLimit refused_;
};

}  // namespace kakunin

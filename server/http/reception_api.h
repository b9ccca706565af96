#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "auth/web_session.h"
#include "server/clock.h"
#include "server/http/app_caller.h"
#include "server/http/reception_lane.h"
#include "server/http/web_call.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/rate_limit.h"
#include "storage/database.h"
#include "storage/reception_app_store.h"
#include "storage/reception_link_store.h"

namespace kakunin {

// WebAnswer is what goes back. `session_cookie` empty: none is set.
struct WebAnswer {
  int http_status = 200;
  std::string json;
  std::string session_cookie;
};

// WebLimits bound what the door costs; OUR choices.
struct WebLimits {
  int calls_per_address = 120;  // a minute
  int wrong_tokens_per_address = 20;
  // A minute: a clinic's poster serves many patients, and anybody may have read it. Who takes an
  // address's share of it keeps nobody else from opening it, and whoever opened it is not counted
  // with those who open it any more. Of apps each has a count of its own.
  int opens_per_link = 300;
  int opens_per_link_and_address = 30;
  int calls_per_session = 60;  // a minute
  std::chrono::seconds minute{60};
  std::chrono::seconds wrong_tokens_window{600};
  size_t most_keys = 100'000;
  absl::Duration session_life = absl::Minutes(15);
  std::chrono::milliseconds database_bound{2000};
  AppLimits apps;
};

// ReceptionApi answers ReceptionService: limits, session, forged requests, then the act. A call is
// the page's (its origin, cookie and CSRF token) or a registered app's (its signature), nobody
// else's. No answer tells whether a token that does not work is wrong, over or revoked.
// Thread-safe.
class ReceptionApi {
 public:
  // References outlive the object.
  struct Backend {
    Database& database;  // of the terminals' role
    ReceptionLinkStore& links;
    ReceptionAppStore& apps;
    ReceptionLane& lane;
    const Clock& clock;
    const auth::HmacKey& look_up_key;
    const auth::HmacKey& audit_key;
    CallObserver& calls;
    std::string public_url;  // the only origin whose pages may call
  };

  explicit ReceptionApi(Backend backend, const WebLimits& limits = {});

  // IsMethod tells whether a path is one of ReceptionService's.
  static bool IsMethod(std::string_view path);

  WebAnswer Answer(const WebCall& call);

  // SessionsOfPage and SessionsOfApps count the sessions that were opened.
  int64_t SessionsOfPage() const { return sessions_of_page_.load(std::memory_order_relaxed); }
  int64_t SessionsOfApps() const { return sessions_of_apps_.load(std::memory_order_relaxed); }

 private:
  struct Visit;

  absl::Status Admit(const WebCall& call, absl::Time now, RateLimit::Instant began, Visit& visit);
  absl::Status Open(const WebCall& call, absl::Time now, RateLimit::Instant began, Visit& visit,
                    WebAnswer& answer);
  absl::Status OpenVisit(const WebCall& call, absl::Time now, RateLimit::Instant began,
                         Visit& visit);
  absl::Status Act(const WebCall& call, const Visit& visit, WebAnswer& answer);
  absl::Status Accesses(const WebCall& call, const Visit& visit, WebAnswer& answer);

  const Backend backend_;
  const WebLimits limits_;
  const auth::WebSessionKey sessions_;
  AppCaller apps_;
  RateLimit calls_;
  RateLimit wrong_tokens_;
  RateLimit opens_;
  RateLimit shares_;  // of an address in a link's opens
  RateLimit calls_of_sessions_;
  std::atomic<int64_t> sessions_of_page_{0};
  std::atomic<int64_t> sessions_of_apps_{0};
};

}  // namespace kakunin

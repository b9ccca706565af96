#include "server/web_port.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>

namespace kakunin {
namespace {

// As often as gRPC looks for the certificates of the other ports.
constexpr std::chrono::seconds kRenewalEvery(10);
constexpr absl::Duration kCertificateWarning = absl::Hours(24 * 14);

}  // namespace

absl::Status WebPort::Start(const Config& config, const std::string& conninfo) {
  lane_ = std::make_unique<ReceptionLane>(backend_.acts, conninfo, config.terminal->database.user);
  api_ =
      std::make_unique<ReceptionApi>(ReceptionApi::Backend{.database = backend_.database,
                                                           .links = backend_.links,
                                                           .apps = backend_.apps,
                                                           .lane = *lane_,
                                                           .clock = backend_.clock,
                                                           .look_up_key = backend_.look_up_key,
                                                           .audit_key = backend_.acts.audit_key,
                                                           .calls = backend_.calls,
                                                           .public_url = config.web->public_url});
  // A configuration of another kind cannot name them; a door with a wallet would take anybody for
  // anybody.
  if (config.environment.IsSandbox() && !config.web->sandbox_cards.empty()) {
    ASSIGN_OR_RETURN(wallet_, MakeSandboxWallet(config.web->sandbox_cards));
  }
  server_ = std::make_unique<WebServer>(*api_, wallet_.get());
  RETURN_IF_ERROR(server_->Start(*config.web));
  renewals_ = std::make_unique<Rounds>(kRenewalEvery, [this] { RenewCertificate(); });
  return absl::OkStatus();
}

void WebPort::RenewCertificate() {
  const absl::Time before = server_->CertificateEnd();
  const absl::Status status = server_->RenewCertificate();
  files_unusable_ = !status.ok();
  if (!status.ok()) {
    renewals_failed_.fetch_add(1, std::memory_order_relaxed);
    spdlog::warn("the web port goes on with the certificate that it has: {}",
                 std::string(status.message()));
  } else if (const absl::Time now = server_->CertificateEnd(); now != before) {
    spdlog::info("the web port serves another certificate, until {}", absl::FormatTime(now));
  }
}

ReadinessCheck WebPort::Check() const {
  return {.name = "web", .look = [this]() -> CheckFinding {
            if (!server_->IsServing()) {
              return {.health = Health::kWarning,
                      .text = "the patients' port does not serve: restart this server"};
            }
            if (files_unusable_) {
              return {.health = Health::kWarning,
                      .text =
                          "the files of the patients' port's certificate cannot be used, the "
                          "one before is served: see the log"};
            }
            const absl::Duration left = server_->CertificateEnd() - backend_.clock.Now();
            if (left >= kCertificateWarning) return {};
            return {.health = Health::kWarning,
                    .text = fmt::format(
                        "the patients' port's certificate ends in {} days: replace its files",
                        left / absl::Hours(24))};
          }};
}

void WebPort::AddTo(Metrics& metrics) const {
  metrics.AddGauge("kakunin_web_serving", "Whether the patients' port takes requests.", {},
                   [this] { return server_->IsServing() ? 1.0 : 0.0; });
  metrics.AddGauge("kakunin_web_connections", "Connections that the patients' port holds.", {},
                   [this] { return static_cast<double>(server_->OpenConnections()); });
  metrics.AddCounter("kakunin_web_connections_refused_total",
                     "Connections that the patients' port closed at once for want of room.", {},
                     [this] { return static_cast<double>(server_->RefusedConnections()); });
  metrics.AddGauge("kakunin_web_certificate_left_seconds",
                   "How long the patients' port's certificate lasts.", {}, [this] {
                     return absl::ToDoubleSeconds(server_->CertificateEnd() - backend_.clock.Now());
                   });
  metrics.AddCounter(
      "kakunin_web_certificate_failures_total",
      "Readings of replaced files of the patients' port's certificate that failed.", {},
      [this] { return static_cast<double>(renewals_failed_.load(std::memory_order_relaxed)); });
  constexpr char kSessions[] = "kakunin_web_sessions_total";
  constexpr char kHelp[] = "Sessions that patients opened, by page or app.";
  metrics.AddCounter(kSessions, kHelp, {{"through", "page"}},
                     [this] { return static_cast<double>(api_->SessionsOfPage()); });
  metrics.AddCounter(kSessions, kHelp, {{"through", "app"}},
                     [this] { return static_cast<double>(api_->SessionsOfApps()); });
}

}  // namespace kakunin

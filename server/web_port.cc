#include "server/web_port.h"

namespace kakunin {

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
    wallet_ = std::make_unique<SandboxWallet>(config.web->sandbox_cards);
  }
  server_ = std::make_unique<WebServer>(*api_, wallet_.get());
  return server_->Start(*config.web);
}

}  // namespace kakunin

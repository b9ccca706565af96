#include "server/terminal_authority.h"

#include <spdlog/spdlog.h>

#include "domain/error.h"
#include "server/text_file.h"

namespace kakunin {

std::function<absl::StatusOr<TerminalAuthority>()> TerminalAuthorityOf(const Config& config) {
  return [own = config.terminal_certificates]() -> absl::StatusOr<TerminalAuthority> {
    if (!own) return MakeError(Reason::kCertificateAuthorityMissing);
    const auto pem = ReadTextFile(own->ca);
    if (!pem.ok()) {
      spdlog::warn("no certificate of a terminal can be delivered: {}",
                   std::string(pem.status().message()));
      return MakeError(Reason::kCertificateAuthorityMissing);
    }
    return TerminalAuthority{.ca_pem = *pem, .trust_domain = own->trust_domain};
  };
}

}  // namespace kakunin

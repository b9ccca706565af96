#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auth/issuance.h"
#include "server/dev/sandbox_paths.h"

namespace kakunin::dev {

// kTrustDomain stands in every certificate's URI of a sandbox.
inline constexpr std::string_view kTrustDomain = "sandbox.kakunin.example";

// kOperatorName is the operator by whom a sandbox is filled.
inline constexpr std::string_view kOperatorName = "demo";

// SandboxOperator is one operator of a sandbox, with the name of the certificate's file.
struct SandboxOperator {
  std::string_view name;
  const char* file;
  std::string_view body;
};
// Two of different bodies, since policies for abnormal times need two.
inline constexpr SandboxOperator kOperators[] = {
    {kOperatorName, "operator", "sandbox-ministry"},
    {"demo-2", "operator-2", "sandbox-prefecture"},
};

// kSandboxLinkProvider is the sandbox's card link provider (地方公共団体情報システム機構).
inline constexpr std::string_view kSandboxLinkProvider = "j-lis";

// ServiceCertificates makes the sandbox's own CAs and the certificates of server, terminals,
// insurers, claims reviewers, card link provider and operator; what is there is left as it is.
// P-256 throughout. Leaves are valid from three years before to five years after they were made, so
// that the sandbox clock has room.
class ServiceCertificates {
 public:
  // Open makes the CAs and the server's certificate. INTERNAL when a file cannot be used. `now` is
  // the machine's time: TLS knows no other.
  static absl::StatusOr<ServiceCertificates> Open(SandboxPaths paths, absl::Time now);

  // Each makes one client certificate unless it is there, and returns its PEM.
  absl::StatusOr<std::string> Operator(std::string_view name,
                                       const std::string& file = "operator") const;
  absl::StatusOr<std::string> Insurer(std::string_view insurer_number) const;
  absl::StatusOr<std::string> Reviewer(std::string_view reviewer_number) const;
  absl::StatusOr<std::string> LinkProvider(std::string_view provider) const;
  absl::StatusOr<std::string> Terminal(std::string_view facility_code,
                                       std::string_view terminal_id) const;

 private:
  ServiceCertificates(SandboxPaths paths, absl::Time now) : paths_(std::move(paths)), now_(now) {}

  absl::StatusOr<auth::Authority> OpenAuthority(std::string_view kind) const;
  absl::Status MakeServerCertificate(const auth::Authority& issuer) const;
  absl::StatusOr<std::string> Client(const auth::Authority& issuer, const std::string& file,
                                     const std::string& uri, std::string_view common_name) const;

  SandboxPaths paths_;
  absl::Time now_;
  struct Authorities;
  std::shared_ptr<const Authorities> authorities_;
};

}  // namespace kakunin::dev

#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/terminal_certificates.h"
#include "storage/database.h"
#include "storage/registry_store.h"
#include "storage/terminal_certificate_store.h"

namespace kakunin {

// TerminalCertificateBackend is what operators' work on terminals' certificates stands on; the
// references outlive the service.
struct TerminalCertificateBackend {
  const Dispatch& dispatch;
  Database& database;  // of the operator role
  RegistryStore& registry;
  TerminalCertificateStore& store;
  RequestStore& requests;
  const auth::HmacKey& look_up_key;
  const auth::HmacKey& audit_key;
  // Asked at each delivery, so that a CA file that was replaced counts at once.
  // CERTIFICATE_AUTHORITY_MISSING when the installation has none.
  std::function<absl::StatusOr<TerminalAuthority>()> authority;
};

// MakeTerminalCertificateService is kakunin.v1.TerminalCertificateService: short unary calls of the
// sync API.
std::unique_ptr<grpc::Service> MakeTerminalCertificateService(
    const TerminalCertificateBackend& backend);

}  // namespace kakunin

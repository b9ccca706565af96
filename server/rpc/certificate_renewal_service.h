#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/queued_unary.h"
#include "storage/database.h"
#include "storage/registry_store.h"
#include "storage/terminal_certificate_store.h"

namespace kakunin {

// CertificateRenewalBackend is what renewals stand on; the references outlive the service.
struct CertificateRenewalBackend {
  const Dispatch& dispatch;
  Database& database;  // of the terminals' role
  RegistryStore& registry;
  TerminalCertificateStore& store;
  const auth::HmacKey& audit_key;
};

// MakeCertificateRenewalService is kakunin.v1.CertificateRenewalService, by the callback API, its
// database work on one thread, 64 queued. Destroy it after its server has shut down.
std::unique_ptr<QueuedService> MakeCertificateRenewalService(
    const CertificateRenewalBackend& backend);

}  // namespace kakunin

#pragma once

#include <absl/time/time.h>

#include <memory>
#include <string>

#include "differential_world.h"

struct x509_st;

namespace kakunin::auth {

using PeerCertificate = std::shared_ptr<x509_st>;

// OpenSslPeer is OpenSSL's path validation with the roots, CRLs and policies of a world and the
// flags that make it as strict as it gets for cards: revocation of every certificate of the path,
// an explicit policy out of ours. Roots of one name are told apart by key, which OpenSSL alone does
// not do (jpki.md 2).
class OpenSslPeer {
 public:
  explicit OpenSslPeer(const DifferentialWorld& world);
  ~OpenSslPeer();

  // Parse reads a certificate as leniently as OpenSSL does: BER, and anything behind it; null when
  // it cannot.
  static PeerCertificate Parse(const std::string& der);

  // Verify returns OpenSSL's error, X509_V_OK when it accepts.
  int Verify(const PeerCertificate& certificate, absl::Time now) const;

 private:
  struct Loaded;
  std::unique_ptr<Loaded> loaded_;
};

}  // namespace kakunin::auth

#include "auth/trust_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

constexpr size_t kMaxRootFileBytes = size_t{64} * 1024;

bool Same(DerBytes a, DerBytes b) { return std::ranges::equal(a, b); }

// What is wrong with a candidate root, or empty.
std::string_view RootDefect(const CertificateView& root) {
  if (!Same(root.issuer, root.subject)) return "is not self-signed";
  if (root.signature_algorithms_differ || root.signature_algorithm.digest == DigestKind::kUnknown) {
    return "has a signature algorithm that is not allowed";
  }
  if (!root.is_ca || !root.basic_constraints_critical) return "is not a CA";
  if (!root.key_usage || !root.key_usage_critical ||
      (*root.key_usage & key_usage::kKeyCertSign) == 0) {
    return "may not sign certificates";
  }
  if (root.has_unknown_critical || root.has_path_constraints) {
    return "has constraints that this service does not expect in a root";
  }
  return {};
}

absl::StatusOr<std::unique_ptr<const PinnedRoot>> MakeRoot(const std::string& der) {
  const std::optional<CertificateView> view = ParseCertificate(AsBytes(der));
  if (!view) return absl::InvalidArgumentError("is not a strict DER certificate");
  if (const std::string_view defect = RootDefect(*view); !defect.empty()) {
    return absl::InvalidArgumentError(std::string(defect));
  }
  std::optional<VerificationKey> key = VerificationKey::Create(view->key);
  if (!key) return absl::InvalidArgumentError("has a key of a type or size that is not allowed");
  if (view->signature_algorithm.key_type != key->type() ||
      !key->Verify(view->signature_algorithm.digest, view->tbs, view->signature)) {
    return absl::InvalidArgumentError("is not signed by its own key");
  }
  key->PrepareFor(view->signature_algorithm.digest);  // what it signs itself with it signs with
  auto root = std::unique_ptr<PinnedRoot>(
      new PinnedRoot{der, CertificateView{}, Sha256(view->spki), *std::move(key)});
  root->view = *ParseCertificate(AsBytes(root->der));  // again: views must point into its own copy
  return root;
}

absl::StatusOr<std::string> ReadRootFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content(kMaxRootFileBytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(file.gcount()));
  if (file.bad() || content.empty() || content.size() > kMaxRootFileBytes) {
    return absl::InvalidArgumentError(
        fmt::format("trusted root file {}: cannot be read, is empty or is above {} octets",
                    path.filename().string(), kMaxRootFileBytes));
  }
  return content;
}

// DER as it is, or every certificate of a PEM text.
std::vector<std::string> CertificatesIn(std::string_view content) {
  if (content.front() == static_cast<char>(der::kSequence)) return {std::string(content)};
  std::vector<std::string> ders;
  while (std::optional<std::string> der = PemDecode("CERTIFICATE", content, &content)) {
    ders.push_back(*std::move(der));
  }
  return ders;
}

}  // namespace

bool PinnedRoot::MayIssueAt(absl::Time now) const {
  return now >= absl::FromUnixSeconds(view.not_before) &&
         now < absl::FromUnixSeconds(view.not_after + 1);
}

bool PinnedRoot::MaySignCrls() const {
  return view.key_usage && (*view.key_usage & key_usage::kCrlSign) != 0;
}

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::Create(
    Hierarchy hierarchy, std::span<const std::string> ders) {
  if (ders.empty()) return absl::InvalidArgumentError("no trusted root certificate is given");
  auto store = std::shared_ptr<TrustStore>(new TrustStore(hierarchy));
  for (size_t i = 0; i < ders.size(); ++i) {
    absl::StatusOr<std::unique_ptr<const PinnedRoot>> root = MakeRoot(ders[i]);
    if (!root.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("trusted root {} {}", i + 1, std::string(root.status().message())));
    }
    if (store->FindByKeyId((*root)->key_id) == nullptr) store->roots_.push_back(*std::move(root));
  }
  return store;
}

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::Load(
    Hierarchy hierarchy, const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string extension = it->path().extension().string();
    if (extension == ".pem" || extension == ".crt" || extension == ".cer" || extension == ".der") {
      files.push_back(it->path());
    }
  }
  if (error) {
    return absl::NotFoundError(fmt::format("trusted root directory {} cannot be read: {}",
                                           directory.string(), error.message()));
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> ders;
  for (const std::filesystem::path& file : files) {
    absl::StatusOr<std::string> content = ReadRootFile(file);
    if (!content.ok()) return content.status();
    std::vector<std::string> found = CertificatesIn(*content);
    if (found.empty()) {
      return absl::InvalidArgumentError(
          fmt::format("trusted root file {} holds no certificate", file.filename().string()));
    }
    std::move(found.begin(), found.end(), std::back_inserter(ders));
  }
  return Create(hierarchy, ders);
}

const PinnedRoot* TrustStore::FindSigner(DerBytes issuer_name,
                                         const std::optional<DerBytes>& key_id_hint,
                                         const SignatureAlgorithm& algorithm, DerBytes signed_bytes,
                                         DerBytes signature) const {
  const auto hinted = [&](const PinnedRoot& root) {
    return key_id_hint && root.view.subject_key_id && Same(*key_id_hint, *root.view.subject_key_id);
  };
  for (const bool pass_of_hinted : {true, false}) {
    for (const std::unique_ptr<const PinnedRoot>& root : roots_) {
      if (hinted(*root) != pass_of_hinted || root->key.type() != algorithm.key_type ||
          !Same(root->view.subject, issuer_name)) {
        continue;
      }
      if (root->key.Verify(algorithm.digest, signed_bytes, signature)) return root.get();
    }
  }
  return nullptr;
}

const PinnedRoot* TrustStore::FindByKeyId(const IssuerKeyId& key_id) const {
  for (const std::unique_ptr<const PinnedRoot>& root : roots_) {
    if (root->key_id == key_id) return root.get();
  }
  return nullptr;
}

bool TrustStore::HasName(DerBytes issuer_name) const {
  return std::any_of(roots_.begin(), roots_.end(),
                     [&](const auto& root) { return Same(root->view.subject, issuer_name); });
}

}  // namespace kakunin::auth

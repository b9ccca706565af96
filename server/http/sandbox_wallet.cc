#include "server/http/sandbox_wallet.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "auth/encoding.h"
#include "auth/private_key.h"

namespace kakunin {
namespace {

using nlohmann::json;

std::string Refused(std::string_view why) { return json{{"refused", why}}.dump(); }

std::set<std::string> NamesIn(const std::filesystem::path& folder) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    if (file.path().extension() == ".pem") names.insert(file.path().stem().string());
  }
  return names;
}

std::optional<std::string> CertificateIn(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream pem;
  pem << in.rdbuf();
  return auth::PemDecode("CERTIFICATE", pem.str());
}

}  // namespace

std::string SandboxWallet::Cards() const { return json(NamesIn(cards_)).dump(); }

std::string SandboxWallet::Sign(std::string_view text) {
  const json asked = json::parse(text, nullptr, false);
  const auto field = [&](const char* name) {
    const bool there = asked.is_object() && asked.contains(name) && asked[name].is_string();
    return there ? asked[name].get<std::string>() : std::string();
  };
  const std::string card = field("card");
  const auto to_be_signed = auth::Base64Decode(field("toBeSigned"));
  if (!to_be_signed || to_be_signed->empty()) return Refused("BAD_REQUEST");
  // Only a name that is there is ever made a path of.
  if (!NamesIn(cards_).contains(card)) return Refused("NO_SUCH_CARD");
  {
    const std::lock_guard lock(mutex_);
    int& wrong = wrong_[card];
    if (wrong >= kTries) return Refused("PIN_LOCKED");
    if (field("pin") != kPin) {
      ++wrong;
      if (wrong >= kTries) return Refused("PIN_LOCKED");
      return json{{"refused", "PIN_WRONG"}, {"left", kTries - wrong}}.dump();
    }
    wrong = 0;
  }
  const auto certificate = CertificateIn(cards_ / (card + ".pem"));
  const auto key = auth::PrivateKey::Load(cards_ / (card + ".key"));
  if (!certificate || !key.ok()) return Refused("NO_SUCH_CARD");
  return json{{"certificate", auth::Base64Encode(*certificate)},
              {"signature", auth::Base64Encode(key->Sign(*to_be_signed))}}
      .dump();
}

absl::StatusOr<std::unique_ptr<SandboxWallet>> MakeSandboxWallet(
    const std::filesystem::path& cards) {
  return std::make_unique<SandboxWallet>(cards);
}

}  // namespace kakunin

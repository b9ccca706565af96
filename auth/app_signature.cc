#include "auth/app_signature.h"

#include <fmt/format.h>

#include <charconv>

#include "auth/digest.h"
#include "auth/encoding.h"
#include "auth/public_key.h"
#include "domain/reception_app.h"

namespace kakunin::auth {
namespace {

constexpr std::string_view kScheme = "Kakunin-App ";
constexpr int kAppKeyBits = 256;

std::optional<VerificationKey> KeyOf(std::string_view public_key) {
  const auto view = ParsePublicKey(AsBytes(public_key));
  if (!view || view->type != KeyType::kEc || view->bits != kAppKeyBits) return std::nullopt;
  return VerificationKey::Create(*view);
}

}  // namespace

std::string AppSignedText(const AppCall& call) {
  return fmt::format("kakunin reception app v1\n{}\n{}\n{}\n{}\n{}\n{}", call.app_id, call.origin,
                     call.path, call.unix_seconds, call.session, HexEncode(Sha256(call.body)));
}

std::optional<AppAuthorization> ReadAppAuthorization(std::string_view header) {
  if (!header.starts_with(kScheme)) return std::nullopt;
  header.remove_prefix(kScheme.size());
  const size_t first = header.find('.');
  const size_t second = first == std::string_view::npos ? first : header.find('.', first + 1);
  if (second == std::string_view::npos || !IsAppId(header.substr(0, first))) return std::nullopt;
  AppAuthorization read{.app_id = std::string(header.substr(0, first))};
  const std::string_view seconds = header.substr(first + 1, second - first - 1);
  const auto [end, error] =
      std::from_chars(seconds.data(), seconds.data() + seconds.size(), read.unix_seconds);
  auto signature = Base64Decode(header.substr(second + 1));
  if (error != std::errc() || end != seconds.data() + seconds.size() || !signature) {
    return std::nullopt;
  }
  read.signature = *std::move(signature);
  return read;
}

std::string WriteAppAuthorization(const AppAuthorization& authorization) {
  return fmt::format("{}{}.{}.{}", kScheme, authorization.app_id, authorization.unix_seconds,
                     Base64Encode(authorization.signature));
}

std::optional<std::string> ReadAppKey(std::string_view pem) {
  auto der = PemDecode("PUBLIC KEY", pem);
  if (!der || !KeyOf(*der)) return std::nullopt;
  return der;
}

bool IsSignedByApp(std::string_view public_key, std::string_view text, std::string_view signature) {
  const auto key = KeyOf(public_key);
  return key && key->Verify(DigestKind::kSha256, AsBytes(text), AsBytes(signature));
}

}  // namespace kakunin::auth

// What callers send as a word: tokens of ours, codes that people type, encodings. The first octet
// chooses the reader. What is read can be written and read again; what nobody sealed opens for
// nobody.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "auth/app_signature.h"
#include "auth/client_authorities.h"
#include "auth/encoding.h"
#include "auth/patient_handle.h"
#include "auth/peer_certificate.h"
#include "auth/session_token.h"
#include "auth/siv_key.h"
#include "auth/web_session.h"
#include "domain/audit_record.h"
#include "domain/enrolment_code.h"
#include "domain/text/digits.h"
#include "domain/text/folded_text.h"
#include "domain/text/password_text.h"
#include "tests/fuzz/fuzz_world.h"

namespace kakunin::fuzz {
namespace {

constexpr std::string_view kSecret = "the secret of nobody's installation, 32+";

void CheckSession(std::string_view text) {
  static const auth::SessionTokenKey key(auth::HmacKey(kSecret, "k"));
  const auto token = key.Read(text);
  if (!token) return;
  Require(token->generation >= 0, "a generation is a count");
  Require(text.size() >= 66 && text[64] == '.', "64 digits, a point, the generation");
}

// A web session is sealed for its own name alone, and any change of the seal makes it nothing.
void CheckWebSession(std::string_view text) {
  static const auth::WebSessionKey key(auth::HmacKey(kSecret, "k"));
  Require(!key.Open(text, FuzzNow()), "nobody sealed it");
  auth::WebSession session;
  session.end = FuzzNow() + absl::Minutes(1);
  std::copy_n(text.begin(), std::min(text.size(), session.nonce.size()), session.nonce.begin());
  const std::string sealed = key.Seal(session, text);
  Require(key.Open(sealed, FuzzNow(), text).has_value(), "the sealed opens");
  Require(!key.Open(sealed, FuzzNow(), std::string(text) + "x"), "and for its app alone");
  Require(!key.Open(sealed, session.end, text), "and until its end");
}

void CheckHandle(std::string_view text) {
  static const auth::PatientHandleKey key(auth::AsBytes(kSecret));
  static const auth::SivKey siv(auth::AsBytes(kSecret), "fuzz");
  Require(!key.Open("1310000003", text), "nobody sealed it");
  Require(!siv.Open("what", text), "nobody sealed it");
  if (text.empty()) return;
  const std::string sealed = siv.Seal("what", text);
  Require(siv.Open("what", sealed) == text, "the sealed opens");
  std::string changed = sealed;
  changed[text.size() % changed.size()] ^= 1;
  Require(!siv.Open("what", changed), "the changed does not");
}

void CheckApp(std::string_view text) {
  if (const auto read = auth::ReadAppAuthorization(text)) {
    const auto again = auth::ReadAppAuthorization(auth::WriteAppAuthorization(*read));
    Require(again && again->app_id == read->app_id && again->unix_seconds == read->unix_seconds &&
                again->signature == read->signature,
            "a header that is read can be written");
  }
  if (const auto key = auth::ReadAppKey(text)) {
    Require(!auth::IsSignedByApp(*key, "nobody signed this", text), "nobody signed it");
  }
}

void CheckCode(std::string_view text) {
  const auto code = ReadEnrolmentCode(text);
  if (!code) return;
  const std::string written = WriteEnrolmentCode(*code);
  const auto again = ReadEnrolmentCode(written);
  Require(again && WriteEnrolmentCode(*again) == written, "a code has one form");
  Require(code->code_id.size() == 8 && code->secret.size() == 16, "8 and 16 characters");
}

void CheckEncodings(std::string_view text) {
  if (const auto octets = auth::Base64Decode(text)) {
    Require(auth::Base64Encode(*octets) == text, "one spelling a value");
  }
  if (const auto octets = auth::HexDecode(text)) {
    Require(octets->size() * 2 == text.size(), "two digits an octet");
  }
  std::string_view rest = text;
  for (int blocks = 0; auth::PemDecode("CERTIFICATE", rest, &rest); ++blocks) {
    Require(blocks < static_cast<int>(text.size()), "every block takes something away");
  }
  Require(auth::PemDecode("X", auth::PemEncode("X", text)) == text || text.empty(),
          "what is wrapped is found");
  auth::ReadPeerCertificate(text).IgnoreError();
  auth::ParsePeerName(text).IgnoreError();
}

// What a proxy hands on, by CAs whose key is new in every process; and CAs' files.
void CheckForwarded(std::string_view text) {
  static const auto authorities =
      auth::ClientAuthorities::Read(auth::CertificatePem(SigningWorld::Get().root.certificate_der))
          .value();
  const auth::ForwardedVerdict verdict = authorities->Judge(text, FuzzNow());
  Require(!verdict.accepted(), "nobody issued it");
  Require(authorities->Holds(verdict, FuzzNow()), "a verdict holds for its own instant");
  const auto read = auth::ClientAuthorities::Read(text);
  Require(!read.ok() || !(*read)->Holds(verdict, FuzzNow()), "and for its own CAs");
}

void CheckWords(std::string_view text) {
  if (const auto id = AuditIdFromText(text)) {
    Require(AuditIdFromText(AuditIdText(*id)).has_value(), "an audit id has one form");
  }
  std::array<char, 16> digits{};
  if (const auto count = ReadDigits(text, digits)) {
    Require(*count <= digits.size(), "no more digits than there is room");
  }
  constexpr size_t kMost = 40;
  if (const auto folded = FoldedText::Read(text, kMost)) {
    const auto again = FoldedText::Read(folded->folded, kMost * 4);
    Require(again && again->folded == folded->folded, "folding is done once");
  }
  ReadPassword(text);
}

}  // namespace
}  // namespace kakunin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using kakunin::fuzz::CheckApp;
  using kakunin::fuzz::CheckCode;
  using kakunin::fuzz::CheckEncodings;
  using kakunin::fuzz::CheckForwarded;
  using kakunin::fuzz::CheckHandle;
  using kakunin::fuzz::CheckSession;
  using kakunin::fuzz::CheckWebSession;
  using kakunin::fuzz::CheckWords;
  if (size == 0) return 0;
  constexpr std::array kChecks = {CheckSession, CheckWebSession, CheckHandle, CheckApp,
                                  CheckCode,    CheckEncodings,  CheckWords,  CheckForwarded};
  kChecks[data[0] % kChecks.size()]({reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}

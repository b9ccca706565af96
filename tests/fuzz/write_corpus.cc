// write_corpus FOLDER: writes genuine/ and corpus/ of the fuzzers, all anew and with new keys,
// which are thrown away. Run by hand when the forms change; what it wrote is committed.
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <utility>
#include <vector>

#include "auth/certificate.h"
#include "auth/der_reader.h"
#include "tests/fuzz/fuzz_world.h"

namespace kakunin::fuzz {
namespace {

using auth::CertificateSpec;
using auth::CrlSpec;
using auth::DerInteger;
using auth::DerOid;
using auth::DerSequence;
using auth::DerTlv;
using auth::SerialNumber;

void Write(const std::filesystem::path& file, std::string_view content) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

std::vector<std::pair<std::string, std::function<void(CertificateSpec&)>>> CardChanges() {
  const auto put = [](const char* oid, bool critical, const std::string& value) {
    return [=](CertificateSpec& s) { s.extensions.push_back({oid, critical, value}); };
  };
  return {
      {"good", [](CertificateSpec&) {}},
      {"no-extensions", [](CertificateSpec& s) { s.extensions.clear(); }},
      {"no-key-id", [](CertificateSpec& s) { s.extensions.pop_back(); }},
      {"revoked", [](CertificateSpec& s) { s.serial = SerialNumber(kRevokedSerial); }},
      {"years-past-2050", [](CertificateSpec& s) { s.not_after += absl::Hours(24 * 365 * 25); }},
      {"version-1", [](CertificateSpec& s) { s.version = 0; }},
      {"negative-serial", [](CertificateSpec& s) { s.raw_serial = "\xff"; }},
      {"usage", [](CertificateSpec& s) { s.extensions[0] = auth::KeyUsageExtension(0xc080); }},
      {"any-policy",
       [](CertificateSpec& s) {
         s.extensions[1].value = DerSequence({DerSequence({DerOid("2.5.29.32.0")})});
       }},
      {"repeated", [](CertificateSpec& s) { s.extensions.push_back(s.extensions[0]); }},
      {"ca", put("2.5.29.19", true, DerSequence({DerTlv(0x01, "\xff"), DerInteger(3)}))},
      {"purposes", put("2.5.29.37", false, DerSequence({DerOid("1.3.6.1.5.5.7.3.2")}))},
      {"unknown-critical", put("1.2.3.4", true, DerInteger(1))},
      {"name-constraints", put("2.5.29.30", true, DerSequence({}))},
      {"alt-names",
       put("2.5.29.17", false,
           DerSequence({auth::MunicipalityPoint("13221"), DerTlv(0x86, "spiffe://a/b"),
                        DerTlv(0x82, "a.example.jp"), DerTlv(0x87, "\x7f\x01\x01\x01")}))},
      {"p256-key",
       [](CertificateSpec& s) { s.public_key = auth::PrivateKey::GenerateP256().PublicKeyDer(); }},
      {"p384-key",
       [](CertificateSpec& s) { s.public_key = auth::PrivateKey::GenerateP384().PublicKeyDer(); }},
  };
}

std::vector<std::pair<std::string, std::function<void(CrlSpec&)>>> CrlChanges() {
  const auto point = [](std::string_view field) {
    return [value = DerSequence({field})](CrlSpec& s) { s.raw_issuing_point = value; };
  };
  const auto entry = [](const char* oid, bool critical, const std::string& value) {
    return [=](CrlSpec& s) { s.entries[0].extra_extensions.push_back({oid, critical, value}); };
  };
  return {
      {"good", [](CrlSpec&) {}},
      {"later-number", [](CrlSpec& s) { s.crl_number = SerialNumber(8); }},
      {"earlier-number", [](CrlSpec& s) { s.crl_number = SerialNumber(6); }},
      {"no-number", [](CrlSpec& s) { s.crl_number.reset(); }},
      {"no-next-update", [](CrlSpec& s) { s.next_update.reset(); }},
      {"unsorted",
       [](CrlSpec& s) {
         for (const uint64_t serial : {9, 7, 300, 7, 1}) {
           s.entries.push_back({SerialNumber(serial), s.this_update, std::nullopt, {}});
         }
       }},
      {"no-entries", [](CrlSpec& s) { s.entries.clear(); }},
      {"no-point", [](CrlSpec& s) { s.partition.clear(); }},
      {"remove-from", [](CrlSpec& s) { s.entries[0].reason = 8; }},
      {"delta",
       [](CrlSpec& s) {
         s.extra_extensions = {{"2.5.29.27", true, DerInteger(1)}};
       }},
      {"critical",
       [](CrlSpec& s) {
         s.extra_extensions = {{"1.2.3.4", true, DerInteger(1)}};
       }},
      {"only-user", point(DerTlv(0x81, "\xff"))},
      {"only-ca", point(DerTlv(0x82, "\xff"))},
      {"reasons", point(DerTlv(0x83, std::string_view("\x01\x40", 2)))},
      {"indirect", point(DerTlv(0x84, "\xff"))},
      {"entry-date", entry("2.5.29.24", false, DerTlv(0x18, "20260101000000Z"))},
      {"entry-critical", entry("1.2.3.4", true, DerInteger(1))},
      {"entry-bad-reason", entry("2.5.29.21", false, DerTlv(0x02, "\x01"))},
  };
}

// The verdict fuzzer's form of an input: moment 0 and a card.
std::string VerdictInput(std::string_view certificate, std::string_view signature) {
  std::string input(1, '\0');
  input += static_cast<char>(signature.size() >> 8);
  input += static_cast<char>(signature.size() & 0xff);
  return input.append(signature).append(certificate);
}

void WriteAll(const std::filesystem::path& folder) {
  const auth::Authority genuine = MakeRoot(auth::PrivateKey::GenerateRsa());
  const auth::Authority other = MakeRoot(auth::PrivateKey::GenerateP256());
  const auth::PrivateKey card_key = auth::PrivateKey::GenerateRsa();
  const std::string card = auth::IssueCertificate(CardOf(genuine, card_key.PublicKeyDer()),
                                                  genuine.subject, genuine.key);
  const std::string signature = card_key.Sign(GenuineWorld::kChallenge);
  const std::string crl = auth::IssueCrl(CrlOf(), genuine);
  for (const char* part : {"genuine", "corpus"}) std::filesystem::remove_all(folder / part);
  Write(folder / "genuine/root.der", genuine.certificate_der);
  Write(folder / "genuine/card.der", card);
  Write(folder / "genuine/signature", signature);
  Write(folder / "genuine/city.crl", crl);

  const std::filesystem::path verdicts = folder / "corpus/card_verdict_fuzzer";
  const std::filesystem::path elements = folder / "corpus/der_reader_fuzzer";
  const std::filesystem::path crls = folder / "corpus/crl_loader_fuzzer";
  Write(verdicts / "genuine", VerdictInput(card, signature));
  Write(verdicts / "truncated", VerdictInput(card.substr(0, card.size() / 2), signature));
  Write(crls / "genuine", crl);
  Write(crls / "truncated", crl.substr(0, crl.size() / 2));
  for (const auto& [name, change] : CardChanges()) {
    CertificateSpec spec = CardOf(other, card_key.PublicKeyDer());
    change(spec);
    const std::string der = auth::IssueCertificate(spec, other.subject, other.key);
    Write(verdicts / name, VerdictInput(der, signature));
    Write(elements / name, der);
  }
  for (const auto& [name, change] : CrlChanges()) {
    CrlSpec spec = CrlOf();
    change(spec);
    Write(crls / name, auth::IssueCrl(spec, other));
  }
  Write(elements / "crl", auth::IssueCrl(CrlOf(), other));
  Write(elements / "nested", std::string(40, '\x30') + std::string("\x05\x00", 2));
  Write(elements / "long-form", std::string("\x30\x82\x00\x02\x05\x00", 6));
  Write(elements / "padded-length", std::string("\x04\x82\x00\x80", 4) + std::string(128, 'x'));
  Write(elements / "indefinite", std::string("\x30\x80\x05\x00\x00\x00", 6));
  Write(elements / "set", std::string("\x31\x06\x02\x01\x01\x02\x01\x02", 8));
  Write(elements / "strings",
        DerSequence({DerTlv(0x0c, "\xe7\xa2\xba\xe8\xaa\x8d"), DerTlv(0x1e, "ab"),
                     DerTlv(0x16, "ia5"), DerTlv(0x17, "251027023000Z"), DerTlv(0x01, "\xff")}));
}

}  // namespace
}  // namespace kakunin::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_corpus FOLDER\n";
    return 2;
  }
  kakunin::fuzz::WriteAll(argv[1]);
  return 0;
}

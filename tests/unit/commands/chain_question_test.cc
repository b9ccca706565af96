#include "server/commands/chain_question.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "auth/encoding.h"
#include "tests/unit/auth/card_pki.h"

namespace kakunin {
namespace {

using auth::CardPki;

constexpr char kPolicies[] = "2.5.29.32";

std::string Quoted(const std::string& der) { return "\"" + auth::Base64Encode(der) + "\""; }

// A good card asked about at `time`, with `more` members.
std::string Question(const std::string& more, const std::string& time = "2026-11-21T12:00:00+09:00",
                     const auth::CertificateSpec& card = auth::DefaultCertificate()) {
  return R"({"id":7,"anchors":[)" + Quoted(CardPki::Get().generations[2].certificate_der) +
         R"(],"chain":[)" + Quoted(auth::Signed(card)) + R"(],"time":")" + time + "\"" + more + "}";
}

std::string Answer(const std::string& line) {
  std::string id;
  const auto asked = ChainFromJson(line, auth::Now(), id);
  return asked.ok() ? JudgeChain(*asked) : std::string(asked.status().message());
}

std::string Verdict(const std::string& verdict, const std::string& reason) {
  return "\"verdict\":\"" + verdict + "\",\"reason\":\"" + reason + "\"";
}

TEST(ChainQuestion, WithoutCrlAndWithoutSayingSoIsUnavailable) {
  EXPECT_EQ(Answer(Question("")), Verdict("unavailable", "REVOCATION_MISSING"));
  EXPECT_EQ(Answer(Question(R"(,"no_revocation":false,"crls":[])")),
            Verdict("unavailable", "REVOCATION_MISSING"));
  EXPECT_EQ(Answer(Question(R"(,"no_revocation":true)")), Verdict("accept", "NONE"));
}

TEST(ChainQuestion, APolicyThatIsNoOidIsNoQuestion) {
  EXPECT_EQ(Answer(Question(R"(,"no_revocation":true,"policies":["foo"])")),
            "policies: dotted OIDs, or any");
  EXPECT_EQ(Answer(Question(R"(,"no_revocation":true,"policies":["any"])")),
            Verdict("accept", "NONE"));
  EXPECT_EQ(Answer(Question(R"(,"no_revocation":true,"policies":["1.2.392.200149.8.5.1.3.30"])")),
            Verdict("accept", "NONE"));
}

TEST(ReadChainFile, ReadsFilesUpToItsBoundAndNamesWhatItCannotRead) {
  const auth::ScratchDirectory folder;
  const auto file = folder.path() / "crl";
  std::ofstream(file) << "a CRL";
  EXPECT_EQ(*ReadChainFile(file), "a CRL");
  std::filesystem::resize_file(file, kMostChainFileBytes);
  EXPECT_EQ(ReadChainFile(file)->size(), kMostChainFileBytes);
  std::filesystem::resize_file(file, kMostChainFileBytes + 1);
  for (const std::string& wrong :
       {file.string(), folder.path().string(), (folder.path() / "nowhere").string(),
        std::string("/dev/zero")}) {
    const auto content = ReadChainFile(wrong);
    EXPECT_EQ(content.status().code(), absl::StatusCode::kFailedPrecondition) << wrong;
    EXPECT_NE(std::string(content.status().message()).find(wrong), std::string::npos);
  }
}

TEST(ChainQuestion, AsksTheCrlsThatAreGiven) {
  auth::CrlSpec crl = auth::DefaultCrl(auth::Now());
  const auto with = [&] {
    return R"(,"crls":[)" + Quoted(auth::IssueCrl(crl, CardPki::Get().generations[2])) + "]";
  };
  EXPECT_EQ(Answer(Question(with())), Verdict("accept", "NONE"));
  crl.entries.push_back({.serial = auth::SerialNumber(auth::kSerial), .revoked_at = auth::Now()});
  crl.crl_number = auth::SerialNumber(2);
  EXPECT_EQ(Answer(Question(with())), Verdict("reject", "REVOKED"));
}

TEST(ChainQuestion, AnExpiredCardIsInGrace) {
  auth::CertificateSpec card = auth::DefaultCertificate();
  card.not_after = auth::At("2026-10-31T23:59:59+09:00");
  const std::string asked = R"(,"no_revocation":true)";
  EXPECT_EQ(Answer(Question(asked, "2026-10-31T23:59:59+09:00", card)), Verdict("accept", "NONE"));
  EXPECT_EQ(Answer(Question(asked, "2026-11-01T00:00:00+09:00", card)), Verdict("grace", "NONE"));
  EXPECT_EQ(Answer(Question(asked, "2027-01-31T23:59:59+09:00", card)), Verdict("grace", "NONE"));
  EXPECT_EQ(Answer(Question(asked, "2027-02-01T00:00:00+09:00", card)),
            Verdict("reject", "EXPIRED"));
}

TEST(ChainQuestion, PoliciesStandInPlaceOfTheDefaultAndAnyIsNoRequirement) {
  const std::string asked = R"(,"no_revocation":true,"policies":)";
  EXPECT_EQ(Answer(Question(asked + R"(["1.2.392.200149.8.5.1.3.30"])")),
            Verdict("accept", "NONE"));
  EXPECT_EQ(Answer(Question(asked + R"(["1.2.3.4"])")), Verdict("reject", "POLICY"));
  EXPECT_EQ(Answer(Question(asked + R"(["any"])")), Verdict("accept", "NONE"));
  auth::CertificateSpec bare = auth::DefaultCertificate();
  std::erase_if(bare.extensions, [](const auto& extension) { return extension.oid == kPolicies; });
  EXPECT_EQ(Answer(Question(asked + R"(["any"])", "2026-11-21T12:00:00+09:00", bare)),
            Verdict("accept", "NONE"));
}

TEST(ChainQuestion, TheGeneralProfileKnowsNoGraceAndNoCardRules) {
  const std::string asked = R"(,"no_revocation":true,"profile":"rfc5280")";
  EXPECT_EQ(Answer(Question(asked)), Verdict("accept", "NONE"));
  EXPECT_EQ(Answer(Question(asked, "2031-01-01T00:00:00Z")), Verdict("reject", "EXPIRED"));
  EXPECT_EQ(Answer(Question(R"(,"profile":"rfc5280")")),
            Verdict("unavailable", "REVOCATION_MISSING"));
  EXPECT_EQ(Answer(Question(asked + R"(,"policies":["1.2.3.4"],"require_explicit_policy":true)")),
            Verdict("reject", "POLICY"));
}

TEST(ChainQuestion, NothingReachesOpenSslThatIsNotStrictDer) {
  const std::string good = auth::Signed(auth::DefaultCertificate());
  // TRUE as 01, and a length in two octets, in what an extension holds.
  auth::CertificateSpec spec = auth::DefaultCertificate();
  spec.extensions.push_back({.oid = "2.5.29.19", .value = "\x30\x03\x01\x01\x01"});
  const std::string ber_boolean = auth::Signed(spec);
  spec = auth::DefaultCertificate();
  spec.extensions.push_back({.oid = "2.5.29.17", .value = "\x30\x81\x03\x82\x01j"});
  const std::string ber_length = auth::Signed(spec);
  for (const std::string& chain :
       {good + std::string(1, '\0'), std::string("x"), std::string(), ber_boolean, ber_length}) {
    for (const char* profile : {"jpki", "rfc5280"}) {
      EXPECT_EQ(Answer(R"({"anchors":[)" + Quoted(CardPki::Get().generations[2].certificate_der) +
                       R"(],"chain":[)" + Quoted(chain) + R"(],"no_revocation":true,"profile":")" +
                       profile + "\"}"),
                Verdict("reject", "MALFORMED"))
          << profile << chain.size();
    }
  }
}

TEST(ChainQuestion, WhatIsNoQuestionIsNamedByItsMember) {
  std::string id;
  const auto refused = [&](const std::string& line) {
    const auto asked = ChainFromJson(line, auth::Now(), id);
    return asked.ok() ? std::string("accepted") : std::string(asked.status().message());
  };
  EXPECT_EQ(refused("{"), "no JSON object");
  EXPECT_EQ(id, "null");
  EXPECT_EQ(refused(R"({"id":"a","anchors":"x"})"), "anchors: an array of base64 texts");
  EXPECT_EQ(id, "\"a\"");
  EXPECT_EQ(refused(R"({"crls":["*"]})"), "crls: an array of base64 texts");
  EXPECT_EQ(refused(R"({"no_revocation":1})"), "no_revocation: true or false");
  EXPECT_EQ(refused(R"({"time":"yesterday"})"), "time: RFC 3339");
  EXPECT_EQ(refused(R"({"policies":[1]})"), "policies: an array of texts");
  EXPECT_EQ(refused(R"({"profile":"pkix"})"), "profile: jpki or rfc5280");
  // A misspelt member must not become a question without it.
  EXPECT_EQ(refused(R"({"crl":[]})"), "an unknown member");
}

TEST(ChainQuestion, FilesAreDerOrEveryPemBlock) {
  const std::string der = auth::Signed(auth::DefaultCertificate());
  const std::string pem = auth::PemEncode("CERTIFICATE", der);
  EXPECT_EQ(DersIn(der, "CERTIFICATE"), std::vector<std::string>{der});
  EXPECT_EQ(DersIn("a note\n" + pem + pem, "CERTIFICATE"), (std::vector<std::string>{der, der}));
  EXPECT_EQ(DersIn("neither", "CERTIFICATE"), std::vector<std::string>{"neither"});
}

}  // namespace
}  // namespace kakunin

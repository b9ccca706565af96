// The rows of [[cards.algorithms]], from the text of a configuration to the verdict on a card.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "auth/crl_parser.h"
#include "server/config/config.h"
#include "tests/unit/auth/card_pki.h"

namespace kakunin {
namespace {

constexpr char kP384[] =
    "\n[[cards.algorithms]]\nkey_type = \"EC\"\nsize = 384\ndigest = \"SHA-384\"\n";

// WithRows is the example with its rows of algorithms replaced.
std::string WithRows(const std::string& rows) {
  std::string text(ExampleConfig());
  const size_t begin = text.find("\n[[cards.algorithms]]");
  const size_t end = text.find("\n# Who is asked whether a coverage");
  EXPECT_LT(begin, end);
  return text.replace(begin, end - begin, rows);
}

auth::CardPolicy PolicyOf(const std::string& toml) {
  const auto config = ParseConfig(toml, "test.toml");
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? CardPolicyOf(config->cards) : auth::CardPolicy();
}

std::string FaultOf(const std::string& rows) {
  const auto config = ParseConfig(WithRows(rows), "test.toml");
  return config.ok() ? "" : std::string(config.status().message());
}

// LineOf is the line of the configuration with `rows` that begins with `what`.
std::string LineOf(const std::string& rows, const std::string& what) {
  const std::string text = WithRows(rows);
  const auto end = text.begin() + static_cast<long>(text.find("\n" + what));
  return "test.toml:" + std::to_string(2 + std::count(text.begin(), end, '\n')) + ": ";
}

// Row is the P-384 row with one value of it replaced.
std::string Row(const std::string& from, const std::string& to) {
  std::string row = kP384;
  return row.replace(row.find(from), from.size(), to);
}

TEST(CardAlgorithms, ExampleAndDefaultAreRsa2048WithSha256) {
  for (const std::string& toml : {std::string(ExampleConfig()), WithRows("")}) {
    const auth::CardPolicy policy = PolicyOf(toml);
    ASSERT_EQ(policy.algorithms.size(), 1u);
    EXPECT_EQ(policy.algorithms[0].key_type, auth::KeyType::kRsa);
    EXPECT_EQ(policy.algorithms[0].bits, 2048);
    EXPECT_EQ(policy.algorithms[0].digest, auth::DigestKind::kSha256);
    EXPECT_EQ(policy.algorithms[0].from, absl::InfinitePast());
    EXPECT_EQ(policy.algorithms[0].to, absl::InfiniteFuture());
    EXPECT_EQ(policy.accepted_policies, auth::DefaultCardPolicy().accepted_policies);
  }
}

TEST(CardAlgorithms, AP384RowEnablesSuchACardFromItsDayToItsEnd) {
  using auth::At;
  const absl::Time from = At("2026-11-22T00:00:00+09:00");
  const absl::Time to = At("2026-11-23T00:00:00+09:00");
  const auth::Authority ca =
      auth::MakeAuthority(auth::JpkiAuthenticationName(), auth::PrivateKey::GenerateP384(),
                          At("2026-01-01T00:00:00Z"), At("2030-01-01T00:00:00Z"));
  const std::string roots[] = {ca.certificate_der};
  const auto trust = auth::TrustStore::Create(auth::Hierarchy::kUserAuthentication, roots).value();
  const auth::PrivateKey key = auth::PrivateKey::GenerateP384();
  auth::CertificateSpec spec = auth::MakeCardSpec(auth::DefaultCard(), ca, key.PublicKeyDer());
  spec.digest = auth::DigestKind::kSha384;
  const std::string card = auth::SignedBy(spec, ca);
  const std::string signature = key.Sign(auth::kMessage, auth::DigestKind::kSha384);
  auth::CrlSpec crl = auth::DefaultCrl(from);
  crl.next_update = to + absl::Hours(1);
  crl.digest = auth::DigestKind::kSha384;
  auth::RevocationSnapshot revocations;
  revocations.Put(auth::ParseCrl(auth::AsBytes(auth::IssueCrl(crl, ca)), *trust).value());
  const auto verdict_at = [&](const std::string& rows, absl::Time now) {
    return auth::Describe(auth::VerifyCard(auth::AsBytes(card), auth::AsBytes(signature),
                                           auth::kMessage, *trust, revocations,
                                           PolicyOf(WithRows(rows)), now, auth::Medium::kCard));
  };
  const std::string row = std::string(kP384) + "from = 2026-11-22\nto = 2026-11-23\n";
  EXPECT_EQ(verdict_at(row, from - absl::Seconds(1)), "REJECTED ALGORITHM");
  EXPECT_EQ(verdict_at(row, from), "ACCEPTED NONE");
  EXPECT_EQ(verdict_at(row, from + absl::Seconds(1)), "ACCEPTED NONE");
  EXPECT_EQ(verdict_at(row, to - absl::Seconds(1)), "ACCEPTED NONE");
  EXPECT_EQ(verdict_at(row, to), "REJECTED ALGORITHM");
  EXPECT_EQ(verdict_at(kP384, from - absl::Seconds(1)), "ACCEPTED NONE");
  EXPECT_EQ(verdict_at("", from), "REJECTED ALGORITHM");
}

TEST(CardAlgorithms, PrintedRowsLoadToTheSame) {
  const std::string rows = std::string(kP384) + "from = 2026-11-22\nto = 2026-11-23\n" +
                           Row("384\ndigest = \"SHA-384\"", "256\ndigest = \"SHA-256\"");
  const auto config = ParseConfig(WithRows(rows), "/e/x.toml");
  ASSERT_TRUE(config.ok()) << config.status();
  const std::string printed = PrintConfig(*config);
  EXPECT_NE(printed.find("[[cards.algorithms]]\nkey_type = \"EC\"\nsize = 384\n"
                         "digest = \"SHA-384\"\nfrom = 2026-11-22\nto = 2026-11-23\n"),
            std::string::npos)
      << printed;
  const auto again = ParseConfig(printed, "/e/x.toml");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(PrintConfig(*again), printed);
  EXPECT_EQ(again->cards.algorithms.size(), 2u);
}

TEST(CardAlgorithms, AnUnknownValueIsRefusedWithItsLine) {
  const struct {
    std::string rows;
    std::string line_of;
    std::string told;
  } kFaults[] = {
      {Row("EC", "DSA"), "key_type = \"DSA\"",
       "key_type in [cards.algorithms] must be one of \"RSA\""},
      {Row("SHA-384", "SHA-1"), "digest = \"SHA-1\"",
       "digest in [cards.algorithms] must be one of"},
      {Row("384\n", "521\n"), "size = 521", "must be 256 or 384 for EC"},
      {Row("EC", "RSA"), "size = 384", "must be at least 2048 for RSA"},
      {Row("384\n", "8192\n"), "size = 8192", "must be a whole number from 256 to 4096"},
      {std::string(kP384) + "from = 2026-11-22\nto = 2026-11-22\n", "to = 2026", "later than from"},
      {std::string(kP384) + "from = \"today\"\n", "from = \"today\"", "must be a day"},
      {std::string(kP384) + "until = 2026-11-22\n", "until = 2026", "unknown key \"until\""},
      {std::string(kP384) + Row("EC", "ES"), "key_type = \"ES\"", "did you mean"},
      {Row("key_type = \"EC\"\n", ""), "[[cards.algorithms]]\nsize", "needs key_type"},
      {"\n[cards.algorithms]\nsize = 384\n", "[cards.algorithms]", "must be a list of tables"},
  };
  for (const auto& fault : kFaults) {
    const std::string told = FaultOf(fault.rows);
    EXPECT_NE(told.find(fault.told), std::string::npos) << told;
    EXPECT_NE(told.find(LineOf(fault.rows, fault.line_of)), std::string::npos)
        << told << "\nbut not at " << LineOf(fault.rows, fault.line_of);
  }
}

}  // namespace
}  // namespace kakunin

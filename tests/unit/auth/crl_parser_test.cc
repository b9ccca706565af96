#include "auth/crl_parser.h"

#include <gtest/gtest.h>

#include <functional>

#include "auth/der_reader.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

const Authority& Issuer() { return CardPki::Get().generations[2]; }

absl::StatusOr<std::shared_ptr<const CrlPartition>> Parse(const std::string& crl) {
  return ParseCrl(AsBytes(crl), *CardPki::Get().store);
}

TEST(CrlParser, ReadsPartitionWithShortAndLongSerials) {
  CrlSpec spec = DefaultCrl(Now());
  const std::vector<uint64_t> serials = {300, 1, 0xffffffffffffffff, 127, 128, 300};
  const SerialNumber nine_octets = *SerialNumber::FromBigEndian(AsBytes(std::string(9, '\x01')));
  spec.serials = serials;
  spec.entries = {{nine_octets, Now(), 1}, {SerialNumber(5), Now()}};
  const auto parsed = Parse(IssueCrl(spec, Issuer()));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const CrlPartition& partition = **parsed;
  EXPECT_EQ(partition.serials, (std::vector<uint64_t>{1, 5, 127, 128, 300, 0xffffffffffffffff}));
  EXPECT_EQ(partition.long_serials, std::vector<SerialNumber>{nine_octets});
  EXPECT_EQ(partition.name, MunicipalityPoint(kCity));
  EXPECT_EQ(partition.issuer, Sha256(Issuer().key.PublicKeyDer()));
  EXPECT_EQ(partition.crl_number, SerialNumber(7));
  EXPECT_TRUE(partition.Contains(nine_octets));
  EXPECT_TRUE(partition.Contains(SerialNumber(128)));
  EXPECT_FALSE(partition.Contains(SerialNumber(129)));
}

// Only the reason "superseded" by itself says that nothing worse befell the card.
TEST(CrlParser, TellsApartWhatIsSupersededAndNothingWorse) {
  CrlSpec spec = DefaultCrl(Now());
  const SerialNumber nine_octets = *SerialNumber::FromBigEndian(AsBytes(std::string(9, '\x01')));
  const SerialNumber other_long = *SerialNumber::FromBigEndian(AsBytes(std::string(9, '\x02')));
  spec.entries = {{SerialNumber(9), Now(), 4},
                  {nine_octets, Now(), 4},
                  {other_long, Now(), 1},
                  {SerialNumber(8), Now()}};
  for (const int reason : {0, 1, 2, 3, 5, 6, 9, 10}) {
    spec.entries.push_back({SerialNumber(100 + static_cast<uint64_t>(reason)), Now(), reason});
  }
  // Twice in one list: whatever the other entry says, it is no more than that.
  spec.entries.push_back({SerialNumber(50), Now(), 4});
  spec.entries.push_back({SerialNumber(50), Now(), 1});
  spec.entries.push_back({SerialNumber(51), Now(), 4});
  spec.entries.push_back({SerialNumber(51), Now(), 4});
  spec.entries.push_back({SerialNumber(3), Now(), 4});
  const auto parsed = Parse(IssueCrl(spec, Issuer()));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ((*parsed)->superseded.serials, (std::vector<uint64_t>{3, 9}));
  EXPECT_EQ((*parsed)->superseded.long_serials, std::vector<SerialNumber>{nine_octets});
  // Each is listed all the same.
  EXPECT_EQ((*parsed)->entries(), 15u);
  for (const uint64_t serial : std::vector<uint64_t>{3, 9, 50, 51, 103}) {
    EXPECT_TRUE((*parsed)->Contains(SerialNumber(serial))) << serial;
  }
}

TEST(CrlParser, FindsTheSignerAmongGenerationsWithAndWithoutKeyId) {
  for (const Authority& issuer : CardPki::Get().generations) {
    for (const bool with_key_id : {true, false}) {
      CrlSpec spec = DefaultCrl(Now());
      spec.authority_key_id = with_key_id;
      const auto parsed = Parse(IssueCrl(spec, issuer));
      ASSERT_TRUE(parsed.ok());
      EXPECT_EQ((*parsed)->issuer, Sha256(issuer.key.PublicKeyDer()));
    }
  }
}

// jpki.md 6 rows 39, 40, 44, 45: refused at load, whatever it says about cards.
struct RefusalCase {
  const char* name;
  const char* text;  // part of the refusal
  std::function<std::string()> make;
};

class CrlRefusal : public testing::TestWithParam<RefusalCase> {};

TEST_P(CrlRefusal, IsRefusedWithItsReason) {
  const auto parsed = Parse(GetParam().make());
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(std::string(parsed.status().message()).find(GetParam().text), std::string::npos)
      << parsed.status();
}

std::string WithSpec(const std::function<void(CrlSpec&)>& change) {
  CrlSpec spec = DefaultCrl(Now());
  change(spec);
  return IssueCrl(spec, Issuer());
}

std::string WithPoint(const std::string& flags) {
  return WithSpec([&](CrlSpec& s) {
    s.raw_issuing_point = DerSequence({DerTlv(0xa0, DerTlv(0xa0, s.partition)), flags});
  });
}

std::string WithEntryExtension(ExtensionSpec extension) {
  return WithSpec([&](CrlSpec& s) { s.entries = {{SerialNumber(5), Now(), {}, {extension}}}; });
}

INSTANTIATE_TEST_SUITE_P(
    Table, CrlRefusal,
    testing::Values(
        RefusalCase{"Empty", "strict DER", [] { return std::string(); }},
        RefusalCase{"Garbage", "strict DER", [] { return std::string(300, 'x'); }},
        RefusalCase{"Trailing", "strict DER", [] { return WithSpec([](auto&) {}) + "x"; }},
        RefusalCase{"Truncated", "strict DER",
                    [] {
                      const std::string good = WithSpec([](auto&) {});
                      return good.substr(0, good.size() / 2);
                    }},
        RefusalCase{"OtherIssuerName", "not a trusted name",
                    [] { return IssueCrl(DefaultCrl(Now()), CardPki::Get().signing); }},
        RefusalCase{"WrongKey", "no trusted key",
                    [] { return IssueCrl(DefaultCrl(Now()), CardPki::Get().impostor); }},
        RefusalCase{"BadSignature", "no trusted key",
                    [] {
                      std::string crl = WithSpec([](auto&) {});
                      crl.back() = static_cast<char>(crl.back() ^ 1);
                      return crl;
                    }},
        RefusalCase{"NoNextUpdate", "no nextUpdate",
                    [] { return WithSpec([](auto& s) { s.next_update.reset(); }); }},
        RefusalCase{"NextUpdateNotAfter", "nextUpdate",
                    [] { return WithSpec([](auto& s) { s.next_update = s.this_update; }); }},
        RefusalCase{"NoNumber", "no crlNumber",
                    [] { return WithSpec([](auto& s) { s.crl_number.reset(); }); }},
        RefusalCase{"NoExtensions", "no crlNumber",
                    [] {
                      return WithSpec([](auto& s) {
                        s.crl_number.reset();
                        s.partition.clear();
                        s.authority_key_id = false;
                      });
                    }},
        RefusalCase{"Delta", "delta",
                    [] {
                      return WithSpec([](auto& s) {
                        s.extra_extensions = {{"2.5.29.27", true, DerInteger(6)}};
                      });
                    }},
        RefusalCase{"CaCertsOnly", "limited", [] { return WithPoint(DerTlv(0x82, "\xff")); }},
        RefusalCase{"SomeReasons", "limited",
                    [] { return WithPoint(DerTlv(0x83, std::string_view("\x01\x40", 2))); }},
        RefusalCase{"Indirect", "limited", [] { return WithPoint(DerTlv(0x84, "\xff")); }},
        RefusalCase{"AttributeCertsOnly", "limited",
                    [] { return WithPoint(DerTlv(0x85, "\xff")); }},
        RefusalCase{"RelativeName", "no usable name",
                    [] {
                      return WithSpec([](auto& s) {
                        s.raw_issuing_point = DerSequence({DerTlv(0xa0, DerTlv(0xa1, ""))});
                      });
                    }},
        RefusalCase{"UnknownCritical", "unknown critical extension",
                    [] {
                      return WithSpec([](auto& s) {
                        s.extra_extensions = {{"1.2.3.4", true, DerInteger(1)}};
                      });
                    }},
        RefusalCase{"DuplicateExtension", "duplicate",
                    [] {
                      return WithSpec([](auto& s) {
                        s.extra_extensions = {{"2.5.29.20", false, DerInteger(8)}};
                      });
                    }},
        RefusalCase{"EntryUnknownCritical", "unknown critical entry",
                    [] {
                      return WithEntryExtension({"1.2.3.4", true, DerInteger(1)});
                    }},
        RefusalCase{"EntryUndecodable", "does not decode",
                    [] {
                      return WithEntryExtension({"1.2.3.4", false, "\x30\x05garb"});
                    }},
        RefusalCase{"EntryReasonUndecodable", "does not decode",
                    [] {
                      return WithEntryExtension({"2.5.29.21", false, DerInteger(1)});
                    }},
        RefusalCase{"EntryReasonUnknown", "does not decode",
                    [] {
                      return WithEntryExtension({"2.5.29.21", false, "\x0a\x01\x07"});
                    }},
        RefusalCase{"EntryRemoveFromCrl", "removeFromCRL",
                    [] {
                      return WithEntryExtension({"2.5.29.21", false, "\x0a\x01\x08"});
                    }},
        RefusalCase{"EntryOtherIssuer", "another issuer",
                    [] {
                      return WithEntryExtension(
                          {"2.5.29.29", true, DerSequence({MunicipalityPoint(kCity)})});
                    }},
        RefusalCase{"Sha384IsSigned", "no trusted key",
                    [] {
                      std::string crl = WithSpec([](auto& s) { s.digest = DigestKind::kSha384; });
                      crl.back() = static_cast<char>(crl.back() ^ 1);
                      return crl;
                    }},
        RefusalCase{"InnerOuterDiffer", "inner and outer differ",
                    [] {
                      std::string crl = WithSpec([](auto&) {});
                      const std::string oid = DerOid("1.2.840.113549.1.1.11");
                      const size_t outer = crl.rfind(oid);
                      crl[outer + oid.size() - 1] = '\x0c';
                      return crl;
                    }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(CrlParser, AcceptsUnknownNonCriticalThatDecodes) {
  EXPECT_TRUE(Parse(WithEntryExtension({"1.2.3.4", false, DerInteger(1)})).ok());
  EXPECT_TRUE(Parse(WithSpec([](auto& s) {
                s.extra_extensions = {{"1.2.3.4", false, DerInteger(1)}};
              })).ok());
}

TEST(CrlParser, RefusesSignerWithoutCrlSign) {
  const PrivateKey& key = CardPki::Get().card_key;
  CertificateSpec spec = MakeRootSpec(JpkiAuthenticationName(), key, At("2023-07-16T00:00:00Z"),
                                      At("2033-07-15T14:59:59Z"));
  spec.extensions[0] = KeyUsageExtension(key_usage::kKeyCertSign);
  const std::string root = IssueCertificate(spec, JpkiAuthenticationName(), key);
  const std::vector<std::string> roots = {root};
  const auto store = TrustStore::Create(Hierarchy::kUserAuthentication, roots).value();
  const Authority authority = AuthorityFromCertificate(key, root).value();
  const std::string crl = IssueCrl(DefaultCrl(Now()), authority);
  const auto parsed = ParseCrl(AsBytes(crl), *store);
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(std::string(parsed.status().message()).find("may not sign CRLs"), std::string::npos);
}

TEST(CrlParser, RefusesEveryTruncation) {
  CrlSpec spec = DefaultCrl(Now());
  spec.entries = {{SerialNumber(5), Now(), 1}, {SerialNumber(6), Now()}};
  const std::string good = IssueCrl(spec, Issuer());
  for (size_t size = 0; size < good.size(); ++size) {
    const std::vector<uint8_t> part(good.begin(), good.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(ParseCrl(part, *CardPki::Get().store).ok()) << size;
  }
}

}  // namespace
}  // namespace kakunin::auth

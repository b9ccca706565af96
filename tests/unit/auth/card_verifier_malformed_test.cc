// jpki.md 6 rows 29 to 33, 36, 37: certificates that are not what they should be, byte by byte.
// The right CA signed each, so nothing but strictness refuses them.
#include <gtest/gtest.h>

#include <functional>

#include "auth/card_verifier.h"
#include "auth/der_reader.h"
#include "card_pki.h"

namespace kakunin::auth {
namespace {

std::string JudgeSpec(const std::function<void(CertificateSpec&)>& change) {
  CertificateSpec spec = DefaultCertificate();
  change(spec);
  return Describe(Judge(Signed(spec)));
}

std::string SubjectWith(uint8_t tag, std::string_view text) {
  return DerSequence({DerTlv(der::kSet, DerSequence({DerOid(kOidCommonName), DerTlv(tag, text)}))});
}

std::string JudgeSubject(uint8_t tag, std::string_view text) {
  return JudgeSpec([&](CertificateSpec& s) { s.subject = SubjectWith(tag, text); });
}

std::string JudgeValidity(const std::string& from, const std::string& to) {
  return JudgeSpec([&](CertificateSpec& s) { s.raw_validity = from + to; });
}

std::string Utc(std::string_view text) { return DerTlv(der::kUtcTime, text); }
std::string Generalized(std::string_view text) { return DerTlv(der::kGeneralizedTime, text); }

TEST(MalformedCard, RejectsWrongContainers) {
  const std::string good = Signed(DefaultCertificate());
  const std::string one_mebibyte(1 << 20, '\x30');
  std::string padded = DerTlv(der::kSequence, std::string(kMaxCertificateBytes, '\0'));
  for (const std::string& bytes :
       {std::string(), std::string("\x30"), one_mebibyte, padded, CertificatePem(good), good + good,
        good + std::string(1, '\0'), good.substr(0, good.size() - 1), good.substr(1)}) {
    EXPECT_EQ(Describe(Judge(bytes)), "REJECTED MALFORMED") << bytes.size();
  }
}

TEST(MalformedCard, RejectsNonMinimalAndIndefiniteOuterLength) {
  const std::string good = Signed(DefaultCertificate());
  ASSERT_EQ(good[1], '\x82');
  const std::string body = good.substr(4);
  EXPECT_EQ(Describe(Judge("\x30\x83" + std::string(1, '\0') + good.substr(2))),
            "REJECTED MALFORMED");
  EXPECT_EQ(Describe(Judge("\x30\x80" + body + std::string(2, '\0'))), "REJECTED MALFORMED");
  EXPECT_EQ(Describe(Judge("\x30\x84\xff\xff\xff\xff" + body)), "REJECTED MALFORMED");
}

TEST(MalformedCard, RejectsEveryTruncation) {
  const std::string good = Signed(DefaultCertificate());
  const RevocationSnapshot revocations;
  for (size_t size = 0; size < good.size(); ++size) {
    // A copy of exact size, so that a sanitizer sees any read past its end.
    const std::vector<uint8_t> part(good.begin(), good.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(ParseCertificate(part).has_value()) << size;
  }
}

TEST(MalformedCard, NeverAcceptsOneOctetChanged) {
  const std::string good = Signed(DefaultCertificate());
  const RevocationSnapshot revocations = FreshSnapshot(Now());
  Circumstances circumstances;
  circumstances.revocations = revocations;
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    EXPECT_EQ(Judge(bad, circumstances).kind, VerdictKind::kRejected) << i;
  }
}

TEST(MalformedCard, RejectsNestingBomb) {
  std::string nested;
  for (int depth = 0; depth < 1500; ++depth) nested = DerTlv(der::kSequence, nested);
  ASSERT_LT(nested.size(), kMaxCertificateBytes);
  EXPECT_EQ(Describe(Judge(nested)), "REJECTED MALFORMED");
  EXPECT_EQ(JudgeSpec([&](CertificateSpec& s) { s.subject = nested; }), "REJECTED MALFORMED");
}

TEST(MalformedCard, BoundsTheNumberOfExtensions) {
  const auto with_extensions = [](size_t count) {
    return JudgeSpec([&](CertificateSpec& s) {
      while (s.extensions.size() < count) {
        s.extensions.push_back({"1.2.3." + std::to_string(s.extensions.size()), false, "x"});
      }
    });
  };
  EXPECT_EQ(with_extensions(31), "ACCEPTED NONE");
  EXPECT_EQ(with_extensions(32), "ACCEPTED NONE");
  EXPECT_EQ(with_extensions(33), "REJECTED MALFORMED");
  EXPECT_EQ(with_extensions(10'000), "REJECTED MALFORMED");
}

TEST(MalformedCard, RejectsBadSerials) {
  for (const std::string& serial :
       {std::string(1, '\0'), std::string("\xff"), std::string("\x80\x01"),
        std::string("\x00\x01", 2), std::string(21, '\x01'),
        std::string(1, '\0') + std::string(20, '\x81')}) {
    EXPECT_EQ(JudgeSpec([&](CertificateSpec& s) { s.raw_serial = serial; }), "REJECTED MALFORMED");
  }
  EXPECT_EQ(JudgeSpec([](CertificateSpec& s) { s.raw_serial = std::string(20, '\x01'); }),
            "ACCEPTED NONE");
}

TEST(MalformedCard, RejectsDuplicateExtensionAndWrongVersions) {
  EXPECT_EQ(JudgeSpec([](CertificateSpec& s) { s.extensions.push_back(s.extensions.front()); }),
            "REJECTED MALFORMED");
  for (const int version : {0, 1, 3}) {
    EXPECT_EQ(JudgeSpec([&](CertificateSpec& s) { s.version = version; }), "REJECTED MALFORMED");
  }
}

TEST(MalformedCard, RejectsNonDerInsideExtensions) {
  const auto extension = [](const char* oid, const std::string& value) {
    return JudgeSpec([&](CertificateSpec& s) {
      std::erase_if(s.extensions, [&](const ExtensionSpec& e) { return e.oid == oid; });
      s.extensions.push_back({oid, true, value});
    });
  };
  const std::string boolean_one = DerSequence({DerTlv(der::kBoolean, "\x01")});
  const std::string boolean_false = DerSequence({DerTlv(der::kBoolean, std::string(1, '\0'))});
  const std::string path_without_ca = DerSequence({DerInteger(0)});
  EXPECT_EQ(extension("2.5.29.19", boolean_one), "REJECTED MALFORMED");
  EXPECT_EQ(extension("2.5.29.19", boolean_false), "REJECTED MALFORMED");
  EXPECT_EQ(extension("2.5.29.19", path_without_ca), "REJECTED MALFORMED");
  // Key usage: trailing zero bits, spare bits set, no bit, trailing octet after the element.
  EXPECT_EQ(extension("2.5.29.15", std::string("\x03\x02\x06\x80", 4)), "REJECTED MALFORMED");
  EXPECT_EQ(extension("2.5.29.15", std::string("\x03\x02\x07\x81", 4)), "REJECTED MALFORMED");
  EXPECT_EQ(extension("2.5.29.15", std::string("\x03\x01\x00", 3)), "REJECTED MALFORMED");
  EXPECT_EQ(extension("2.5.29.15", std::string("\x03\x02\x07\x80\x00", 5)), "REJECTED MALFORMED");
  EXPECT_EQ(extension("2.5.29.15", std::string("\x03\x02\x07\x80", 4)), "ACCEPTED NONE");
  EXPECT_EQ(extension("2.5.29.32", DerSequence({})), "REJECTED MALFORMED");
  EXPECT_EQ(extension("2.5.29.31", DerSequence({})), "REJECTED MALFORMED");
  EXPECT_EQ(extension("2.5.29.17", DerSequence({})), "REJECTED MALFORMED");
}

TEST(MalformedCard, RejectsUndecodableNames) {
  EXPECT_EQ(JudgeSubject(der::kUtf8String, "確認"), "ACCEPTED NONE");
  EXPECT_EQ(JudgeSubject(der::kUtf8String, std::string_view("a\0b", 3)), "REJECTED MALFORMED");
  EXPECT_EQ(JudgeSubject(der::kUtf8String, "\xc0\x80"), "REJECTED MALFORMED");
  EXPECT_EQ(JudgeSubject(der::kUtf8String, "\xed\xa0\x80"), "REJECTED MALFORMED");
  EXPECT_EQ(JudgeSubject(der::kUtf8String, "\xe7\xa2"), "REJECTED MALFORMED");
  EXPECT_EQ(JudgeSubject(der::kUtf8String, "\xf4\x90\x80\x80"), "REJECTED MALFORMED");
  EXPECT_EQ(JudgeSubject(der::kPrintableString, "A@B"), "REJECTED MALFORMED");
  EXPECT_EQ(JudgeSubject(0x1e, std::string_view("\x00\x41", 2)), "ACCEPTED NONE");
  EXPECT_EQ(JudgeSubject(0x1e, std::string_view("\x00\x41\x00", 3)), "REJECTED MALFORMED");
  EXPECT_EQ(JudgeSubject(0x1c, std::string_view("\x00\x00\x00\x41", 4)), "REJECTED MALFORMED");
  EXPECT_EQ(JudgeSubject(0x14, "A"), "REJECTED MALFORMED");
  EXPECT_EQ(JudgeSubject(der::kOctetString, "A"), "REJECTED MALFORMED");
  // A constructed string, legal in BER.
  EXPECT_EQ(JudgeSubject(0x2c, DerTlv(der::kUtf8String, "A")), "REJECTED MALFORMED");
}

TEST(MalformedCard, RejectsManyRdnsAndUnsortedSet) {
  EXPECT_EQ(JudgeSpec([](CertificateSpec& s) {
              s.subject = MakeName(std::vector<NamePart>(100, {kOidCommonName, "A"}));
            }),
            "REJECTED MALFORMED");
  const std::string a = DerSequence({DerOid(kOidCommonName), DerTlv(der::kUtf8String, "A")});
  const std::string b = DerSequence({DerOid(kOidCommonName), DerTlv(der::kUtf8String, "B")});
  EXPECT_EQ(
      JudgeSpec([&](CertificateSpec& s) { s.subject = DerSequence({DerTlv(der::kSet, a + b)}); }),
      "ACCEPTED NONE");
  EXPECT_EQ(
      JudgeSpec([&](CertificateSpec& s) { s.subject = DerSequence({DerTlv(der::kSet, b + a)}); }),
      "REJECTED MALFORMED");
  EXPECT_EQ(
      JudgeSpec([&](CertificateSpec& s) { s.subject = DerSequence({DerTlv(der::kSet, "")}); }),
      "REJECTED MALFORMED");
}

TEST(MalformedCard, RejectsMalformedTimes) {
  const std::string from = Utc("251027023000Z");
  const std::string to = Utc("300217145959Z");
  EXPECT_EQ(JudgeValidity(from, to), "ACCEPTED NONE");
  for (const std::string& bad : {Utc("3002171459Z"),
                                 Utc("300217145959+0900"),
                                 Utc("300217145959"),
                                 Utc("30021714595aZ"),
                                 Utc("300230145959Z"),
                                 Utc("300231145959Z"),
                                 Utc("300017145959Z"),
                                 Utc("301317145959Z"),
                                 Utc("300200145959Z"),
                                 Utc("300217245959Z"),
                                 Utc("300217146059Z"),
                                 Utc("300217145960Z"),
                                 Generalized("20300217145959Z"),
                                 Generalized("20491231235959Z"),
                                 Generalized("20500101000000.5Z"),
                                 Generalized("20500229000000Z"),
                                 Generalized("20500101000000"),
                                 Generalized("500101000000Z"),
                                 DerTlv(der::kUtf8String, "300217145959Z"),
                                 std::string()}) {
    EXPECT_EQ(JudgeValidity(from, bad), "REJECTED MALFORMED");
  }
  EXPECT_EQ(JudgeValidity(from, Generalized("20500101000000Z")), "ACCEPTED NONE");
  EXPECT_EQ(JudgeValidity(from, to + to), "REJECTED MALFORMED");
}

}  // namespace
}  // namespace kakunin::auth

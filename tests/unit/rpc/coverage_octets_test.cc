#include "server/rpc/coverage_octets.h"

#include <gtest/gtest.h>

#include "google/protobuf/util/message_differencer.h"
#include "kakunin/v1/types.pb.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

Coverage FullCoverage() {
  v1::MedicalTicket ticket;
  ticket.set_issue_number("A-1");
  ticket.add_injury_names("感冒");
  Coverage coverage;
  coverage.insurer_number = "06139463";
  coverage.card_classification = CardClassification::kGeneral;
  coverage.symbol = "１２３４";
  coverage.number = "5678910";
  coverage.branch_number = "01";
  coverage.personal_family_classification = 2;
  coverage.insured_name = {"髙橋　一郎", "タカハシ　イチロウ"};
  coverage.name = {"厚労　太郎", "コウロウ　タロウ"};
  coverage.sex = Sex::kMale;
  coverage.birth_date = absl::CivilDay(1970, 1, 1);
  coverage.qualification_date = absl::CivilDay(2018, 7, 1);
  coverage.disqualification_date = absl::CivilDay(2030, 1, 1);
  coverage.certificate_valid_through = absl::CivilDay(2029, 12, 31);
  coverage.partial_contribution_percent = 0;
  coverage.insurer_name = "試験組合";
  coverage.elderly_recipient_certificate = ElderlyRecipientCertificate{
      .valid_from = absl::CivilDay(2026, 1, 1), .contribution_percent = 20};
  coverage.limit_certificates.push_back({.classification = 1,
                                         .classification_flag = "A03",
                                         .valid_from = absl::CivilDay(2026, 1, 1),
                                         .valid_through = absl::CivilDay(2026, 7, 31)});
  coverage.limit_certificates.push_back({.classification = 1,
                                         .classification_flag = "A04",
                                         .valid_from = absl::CivilDay(2026, 8, 1)});
  coverage.specific_disease_certificates.push_back({.disease = 1, .self_pay_yen = 10000});
  coverage.specific_disease_certificates.push_back({.disease = 2, .self_pay_yen = 20000});
  coverage.medical_tickets.push_back({.serialised = ticket.SerializeAsString()});
  coverage.key_without_branch.octets = {1, 2, 3};
  return coverage;
}

// What the message is when it is built directly, with the first of the two limit certificates.
v1::Coverage DirectlyBuilt() {
  v1::Coverage out;
  out.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
  out.set_insurer_number("06139463");
  out.set_symbol("１２３４");
  out.set_number("5678910");
  out.set_branch_number("01");
  out.set_personal_family_classification(v1::PERSONAL_FAMILY_CLASSIFICATION_FAMILY);
  out.mutable_insured_name()->set_original("髙橋　一郎");
  out.mutable_insured_name()->set_jis_safe("高橋　一郎");
  out.mutable_insured_name()->set_jis_replaced(true);
  out.mutable_insured_name()->set_half_width_kana("ﾀｶﾊｼ ｲﾁﾛｳ");
  out.mutable_name()->set_original("厚労　太郎");
  out.mutable_name()->set_half_width_kana("ｺｳﾛｳ ﾀﾛｳ");
  out.set_sex(v1::SEX_MALE);
  *out.mutable_birth_date() = DayToProto(absl::CivilDay(1970, 1, 1));
  *out.mutable_qualification_date() = DayToProto(absl::CivilDay(2018, 7, 1));
  *out.mutable_disqualification_date() = DayToProto(absl::CivilDay(2030, 1, 1));
  *out.mutable_certificate_valid_through() = DayToProto(absl::CivilDay(2029, 12, 31));
  out.set_partial_contribution_percent(0);
  out.set_insurer_name("試験組合");
  auto& elderly = *out.mutable_elderly_recipient_certificate();
  *elderly.mutable_valid_from() = DayToProto(absl::CivilDay(2026, 1, 1));
  elderly.set_contribution_percent(20);
  auto& limit = *out.mutable_limit_certificate();
  limit.set_classification(v1::LIMIT_CERTIFICATE_CLASSIFICATION_LIMIT);
  limit.set_classification_flag("A03");
  *limit.mutable_valid_from() = DayToProto(absl::CivilDay(2026, 1, 1));
  *limit.mutable_valid_through() = DayToProto(absl::CivilDay(2026, 7, 31));
  auto& dialysis = *out.add_specific_disease_certificates();
  dialysis.set_disease(v1::SPECIFIC_DISEASE_DIALYSIS);
  dialysis.set_self_pay_yen(10000);
  auto& haemophilia = *out.add_specific_disease_certificates();
  haemophilia.set_disease(v1::SPECIFIC_DISEASE_HAEMOPHILIA);
  haemophilia.set_self_pay_yen(20000);
  auto& ticket = *out.add_medical_tickets();
  ticket.set_issue_number("A-1");
  ticket.add_injury_names("感冒");
  return out;
}

TEST(CoverageOctets, BaseAndPiecesTogetherAreTheWholeMessage) {
  const CoverageOctets octets(FullCoverage());
  const AnswerCoverage view = octets.View();
  std::string spliced(view.octets);
  bool limit_taken = false;
  for (const AnswerPiece& piece : view.pieces) {
    const bool limit = piece.kind == PieceKind::kLimitCertificate;
    if (limit && limit_taken) continue;
    limit_taken |= limit;
    spliced += piece.octets;
  }
  v1::Coverage parsed;
  ASSERT_TRUE(parsed.ParseFromString(spliced));
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  EXPECT_TRUE(differencer.Compare(DirectlyBuilt(), parsed)) << difference;
}

TEST(CoverageOctets, TheBaseHoldsNoDatedCertificate) {
  const CoverageOctets octets(FullCoverage());
  v1::Coverage base;
  ASSERT_TRUE(base.ParseFromString(std::string(octets.View().octets)));
  EXPECT_FALSE(base.has_elderly_recipient_certificate());
  EXPECT_FALSE(base.has_limit_certificate());
  EXPECT_EQ(base.specific_disease_certificates_size(), 0);
  EXPECT_EQ(base.medical_tickets_size(), 0);
}

TEST(CoverageOctets, PiecesKeepTheirOrderAndDays) {
  const CoverageOctets octets(FullCoverage());
  const auto pieces = octets.View().pieces;
  ASSERT_EQ(pieces.size(), 6u);
  EXPECT_EQ(pieces[0].kind, PieceKind::kElderlyRecipientCertificate);
  EXPECT_EQ(pieces[1].valid_through, absl::CivilDay(2026, 7, 31));
  EXPECT_EQ(pieces[2].valid_from, absl::CivilDay(2026, 8, 1));
  EXPECT_FALSE(pieces[2].valid_through.has_value());
  EXPECT_EQ(pieces[5].kind, PieceKind::kMedicalTicket);
}

TEST(CoverageOctets, AbsentValuesAreAbsent) {
  Coverage bare;
  bare.name.original = "厚労　太郎";
  const CoverageOctets octets(bare);
  v1::Coverage parsed;
  ASSERT_TRUE(parsed.ParseFromString(std::string(octets.View().octets)));
  EXPECT_FALSE(parsed.has_insured_name());
  EXPECT_FALSE(parsed.has_disqualification_date());
  EXPECT_FALSE(parsed.has_certificate_valid_from());
  EXPECT_FALSE(parsed.has_partial_contribution_percent());
  EXPECT_TRUE(octets.View().pieces.empty());
}

TEST(CoverageOctets, AWidthAloneIsNoReplacement) {
  Coverage coverage;
  coverage.name.original = "ｺｳﾛｳ";
  const CoverageOctets octets(coverage);
  v1::Coverage parsed;
  ASSERT_TRUE(parsed.ParseFromString(std::string(octets.View().octets)));
  EXPECT_EQ(parsed.name().jis_safe(), "コウロウ");
  EXPECT_FALSE(parsed.name().jis_replaced());
}

TEST(CoverageOctets, AnAnswerRowReadsBack) {
  Coverage aid = FullCoverage();
  aid.card_classification = CardClassification::kMedicalAid;
  aid.medical_aid_unregistered = true;
  const std::vector<Coverage> coverages = {FullCoverage(), aid};
  const std::string row = BuildAnswerRow(coverages);
  const auto decoded = DecodeAnswerRow(row);
  ASSERT_TRUE(decoded.ok());
  ASSERT_EQ(decoded->size(), 2u);
  EXPECT_EQ((*decoded)[0].octets, CoverageOctets(coverages[0]).View().octets);
  EXPECT_EQ((*decoded)[0].key_without_branch, coverages[0].key_without_branch);
  EXPECT_FALSE((*decoded)[0].medical_aid);
  EXPECT_TRUE((*decoded)[1].medical_aid);
  EXPECT_TRUE((*decoded)[1].medical_aid_unregistered);
  EXPECT_EQ((*decoded)[1].pieces.size(), 6u);
}

}  // namespace
}  // namespace kakunin

#include "server/rpc/coverage_octets.h"

#include <gtest/gtest.h>

#include "domain/medical_ticket.h"
#include "google/protobuf/util/message_differencer.h"
#include "kakunin/v1/types.pb.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

constexpr char kDesignated[] = "1318000002";
constexpr char kIssuer[] = "1310000003";
constexpr char kStranger[] = "1310000011";

v1::MedicalTicket FullTicket() {
  v1::MedicalTicket ticket;
  ticket.set_issue_number("A-1");
  ticket.add_injury_names("感冒");
  ticket.add_remarks("備考一");
  ticket.set_infection_status(1);
  ticket.set_designated_facility_code(kDesignated);
  ticket.set_prescription_issuer_code(kIssuer);
  ticket.set_ticket_type(2);
  ticket.set_treatment_month("202606");
  *ticket.mutable_valid_from() = DayToProto(absl::CivilDay(2026, 6, 1));
  *ticket.mutable_valid_through() = DayToProto(absl::CivilDay(2026, 6, 30));
  ticket.set_designated_facility_flag(1);  // says nothing of who will ask
  return ticket;
}

Coverage FullCoverage() {
  const v1::MedicalTicket ticket = FullTicket();
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
  coverage.address = "東京都千代田区霞が関一丁目";
  coverage.postal_code = "100-0013";
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
  out.set_address("東京都千代田区霞が関一丁目");
  out.set_postal_code("100-0013");
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
  ticket = FullTicket();
  ticket.set_designated_facility_flag(0);
  return out;
}

// What `facility_code` sees of the one ticket of `coverage`.
v1::MedicalTicket SeenBy(const Coverage& coverage, std::string_view facility_code) {
  const CoverageOctets octets(coverage);
  v1::Coverage seen;
  for (const AnswerPiece& piece : octets.View().pieces) {
    if (piece.kind != PieceKind::kMedicalTicket) continue;
    EXPECT_TRUE(seen.MergeFromString(std::string(TicketOctetsFor(piece, facility_code))));
  }
  EXPECT_EQ(seen.medical_tickets_size(), 1);
  return seen.medical_tickets_size() == 1 ? seen.medical_tickets(0) : v1::MedicalTicket();
}

Coverage WithTicket(const v1::MedicalTicket& ticket) {
  Coverage coverage;
  coverage.medical_tickets.push_back({.serialised = ticket.SerializeAsString()});
  return coverage;
}

// All that somebody whom the ticket does not name may know.
v1::MedicalTicket BareTicket() {
  v1::MedicalTicket bare;
  bare.set_ticket_type(2);
  bare.set_treatment_month("202606");
  *bare.mutable_valid_from() = DayToProto(absl::CivilDay(2026, 6, 1));
  *bare.mutable_valid_through() = DayToProto(absl::CivilDay(2026, 6, 30));
  return bare;
}

bool Equal(const v1::MedicalTicket& a, const v1::MedicalTicket& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

TEST(CoverageOctets, TheDesignatedFacilitySeesItsTicketAndAMatch) {
  v1::MedicalTicket expected = FullTicket();
  expected.set_designated_facility_flag(0);
  EXPECT_TRUE(Equal(SeenBy(WithTicket(FullTicket()), kDesignated), expected));
}

TEST(CoverageOctets, TheIssuerOfThePrescriptionSeesTheTicketAndAMismatch) {
  EXPECT_TRUE(Equal(SeenBy(WithTicket(FullTicket()), kIssuer), FullTicket()));
}

TEST(CoverageOctets, AnotherFacilitySeesThatThereIsATicketAndAMismatch) {
  v1::MedicalTicket expected = BareTicket();
  expected.set_designated_facility_flag(1);
  EXPECT_TRUE(Equal(SeenBy(WithTicket(FullTicket()), kStranger), expected));
}

TEST(CoverageOctets, ATicketThatDesignatesNobodyHasNoFlagWhoeverAsks) {
  v1::MedicalTicket ticket = FullTicket();
  ticket.clear_designated_facility_code();
  EXPECT_TRUE(Equal(SeenBy(WithTicket(ticket), kStranger), BareTicket()));
  v1::MedicalTicket whole = ticket;
  whole.clear_designated_facility_flag();
  EXPECT_TRUE(Equal(SeenBy(WithTicket(ticket), kIssuer), whole));
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
    spliced += piece.kind == PieceKind::kMedicalTicket ? TicketOctetsFor(piece, kDesignated)
                                                       : piece.octets;
  }
  v1::Coverage parsed;
  ASSERT_TRUE(parsed.ParseFromString(spliced));
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  EXPECT_TRUE(differencer.Compare(DirectlyBuilt(), parsed)) << difference;
}

TEST(CoverageOctets, TheBaseHoldsNeitherAddressNorDatedCertificate) {
  const CoverageOctets octets(FullCoverage());
  v1::Coverage base;
  ASSERT_TRUE(base.ParseFromString(std::string(octets.View().octets)));
  EXPECT_FALSE(base.has_elderly_recipient_certificate());
  EXPECT_FALSE(base.has_limit_certificate());
  EXPECT_EQ(base.specific_disease_certificates_size(), 0);
  EXPECT_EQ(base.medical_tickets_size(), 0);
  EXPECT_TRUE(base.address().empty());
  EXPECT_TRUE(base.postal_code().empty());
}

TEST(CoverageOctets, PiecesKeepTheirOrderAndDays) {
  const CoverageOctets octets(FullCoverage());
  const auto pieces = octets.View().pieces;
  ASSERT_EQ(pieces.size(), 7u);
  EXPECT_EQ(pieces[0].kind, PieceKind::kElderlyRecipientCertificate);
  EXPECT_EQ(pieces[1].valid_through, absl::CivilDay(2026, 7, 31));
  EXPECT_EQ(pieces[2].valid_from, absl::CivilDay(2026, 8, 1));
  EXPECT_FALSE(pieces[2].valid_through.has_value());
  EXPECT_EQ(pieces[5].kind, PieceKind::kMedicalTicket);
  EXPECT_EQ(pieces[6].kind, PieceKind::kAddress);
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
  EXPECT_EQ((*decoded)[1].pieces.size(), 7u);
}

}  // namespace
}  // namespace kakunin

#include "server/rpc/coverage_octets.h"

#include "domain/coverage_facts.h"
#include "domain/text/person_name.h"
#include "kakunin/v1/types.pb.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

using Day = std::optional<absl::CivilDay>;

// Absent days stay absent: a pointer to the field exists only once it is asked for.
template <class Message>
void SetDay(const Day& day, Message& message, google::type::Date* (Message::*field)()) {
  if (day) *(message.*field)() = DayToProto(*day);
}

bool DifferInMoreThanWidth(std::string_view a, std::string_view b) {
  return ToHalfWidthKana(a) != ToHalfWidthKana(b);
}

template <class Message>
void SetName(const PersonName& name, Message& message, v1::PersonName* (Message::*field)()) {
  if (name.original.empty() && name.kana.empty()) return;
  v1::PersonName& out = *(message.*field)();
  out.set_original(name.original);
  JisSafeName safe = ToJisX0208(name.original);
  if (safe.text != name.original) {
    out.set_jis_replaced(DifferInMoreThanWidth(safe.text, name.original));
    out.set_jis_safe(std::move(safe.text));
  }
  if (!name.kana.empty()) out.set_half_width_kana(ToHalfWidthKana(name.kana));
}

void SetPersonFields(const Coverage& coverage, v1::Coverage& out) {
  out.set_personal_family_classification(
      static_cast<v1::PersonalFamilyClassification>(coverage.personal_family_classification));
  SetName(coverage.insured_name, out, &v1::Coverage::mutable_insured_name);
  SetName(coverage.name, out, &v1::Coverage::mutable_name);
  SetName(coverage.other_name, out, &v1::Coverage::mutable_other_name);
  out.set_sex(static_cast<v1::Sex>(coverage.sex));
  out.set_sex_back(static_cast<v1::Sex>(coverage.sex_back));
  *out.mutable_birth_date() = DayToProto(coverage.birth_date);
  out.set_preschool(coverage.preschool);
}

v1::Coverage WithoutCertificates(const Coverage& coverage) {
  v1::Coverage out;
  out.set_card_classification(static_cast<v1::CardClassification>(coverage.card_classification));
  out.set_insurer_number(coverage.insurer_number);
  out.set_symbol(coverage.symbol);
  out.set_number(coverage.number);
  out.set_branch_number(coverage.branch_number);
  SetPersonFields(coverage, out);
  *out.mutable_qualification_date() = DayToProto(coverage.qualification_date);
  SetDay(coverage.disqualification_date, out, &v1::Coverage::mutable_disqualification_date);
  SetDay(coverage.certificate_issue_date, out, &v1::Coverage::mutable_certificate_issue_date);
  SetDay(coverage.certificate_valid_from, out, &v1::Coverage::mutable_certificate_valid_from);
  SetDay(coverage.certificate_valid_through, out, &v1::Coverage::mutable_certificate_valid_through);
  if (coverage.partial_contribution_percent) {
    out.set_partial_contribution_percent(*coverage.partial_contribution_percent);
  }
  out.set_reason_of_loss(static_cast<v1::ReasonOfLoss>(coverage.reason_of_loss));
  out.set_insurer_name(coverage.insurer_name);
  return out;
}

// A message that holds one field only serialises to exactly that field's octets.
std::string OctetsOf(const ElderlyRecipientCertificate& certificate) {
  v1::Coverage only;
  auto& out = *only.mutable_elderly_recipient_certificate();
  SetDay(certificate.issue_date, out, &v1::ElderlyRecipientCertificate::mutable_issue_date);
  SetDay(certificate.valid_from, out, &v1::ElderlyRecipientCertificate::mutable_valid_from);
  SetDay(certificate.valid_through, out, &v1::ElderlyRecipientCertificate::mutable_valid_through);
  out.set_contribution_percent(certificate.contribution_percent);
  return only.SerializeAsString();
}

std::string OctetsOf(const LimitCertificate& certificate) {
  v1::Coverage only;
  auto& out = *only.mutable_limit_certificate();
  out.set_classification(
      static_cast<v1::LimitCertificateClassification>(certificate.classification));
  out.set_classification_flag(certificate.classification_flag);
  SetDay(certificate.issue_date, out, &v1::LimitCertificate::mutable_issue_date);
  SetDay(certificate.valid_from, out, &v1::LimitCertificate::mutable_valid_from);
  SetDay(certificate.valid_through, out, &v1::LimitCertificate::mutable_valid_through);
  SetDay(certificate.long_term_date, out, &v1::LimitCertificate::mutable_long_term_date);
  return only.SerializeAsString();
}

std::string OctetsOf(const SpecificDiseaseCertificate& certificate) {
  v1::Coverage only;
  auto& out = *only.add_specific_disease_certificates();
  out.set_disease(static_cast<v1::SpecificDisease>(certificate.disease));
  SetDay(certificate.issue_date, out, &v1::SpecificDiseaseCertificate::mutable_issue_date);
  SetDay(certificate.valid_from, out, &v1::SpecificDiseaseCertificate::mutable_valid_from);
  SetDay(certificate.valid_through, out, &v1::SpecificDiseaseCertificate::mutable_valid_through);
  out.set_self_pay_yen(certificate.self_pay_yen);
  return only.SerializeAsString();
}

std::string OctetsOf(const v1::MedicalTicket& ticket) {
  v1::Coverage only;
  *only.add_medical_tickets() = ticket;
  return only.SerializeAsString();
}

std::string OctetsOfAddress(const Coverage& coverage) {
  v1::Coverage only;
  only.set_address(coverage.address);
  only.set_postal_code(coverage.postal_code);
  return only.SerializeAsString();
}

// Where the ticket holds and what is wrong with the patient, whom it does not concern need not
// know: that there is one, and when.
v1::MedicalTicket ForOthers(const v1::MedicalTicket& ticket) {
  v1::MedicalTicket out;
  out.set_ticket_type(ticket.ticket_type());
  out.set_treatment_month(ticket.treatment_month());
  if (ticket.has_valid_from()) *out.mutable_valid_from() = ticket.valid_from();
  if (ticket.has_valid_through()) *out.mutable_valid_through() = ticket.valid_through();
  return out;
}

// OQSCD026.
constexpr int kDesignated = 0;
constexpr int kNotDesignated = 1;

std::string WithFlag(v1::MedicalTicket ticket, int flag) {
  ticket.set_designated_facility_flag(flag);
  return OctetsOf(ticket);
}

}  // namespace

CoverageOctets::CoverageOctets(const Coverage& coverage)
    : facts_(SelectingFactsOf(coverage)),
      octets_(WithoutCertificates(coverage).SerializeAsString()) {
  for (const ElderlyRecipientCertificate& elderly : coverage.delivered_elderly_certificates) {
    AddPiece(PieceKind::kElderlyRecipientCertificate, elderly.valid_from, elderly.valid_through,
             OctetsOf(elderly));
  }
  if (const auto& elderly = coverage.elderly_recipient_certificate) {
    AddPiece(PieceKind::kElderlyRecipientCertificate, elderly->valid_from, elderly->valid_through,
             OctetsOf(*elderly));
  }
  for (const LimitCertificate& limit : coverage.limit_certificates) {
    AddPiece(PieceKind::kLimitCertificate, limit.valid_from, limit.valid_through, OctetsOf(limit));
  }
  for (const SpecificDiseaseCertificate& disease : coverage.specific_disease_certificates) {
    AddPiece(PieceKind::kSpecificDiseaseCertificate, disease.valid_from, disease.valid_through,
             OctetsOf(disease));
  }
  for (const MedicalTicket& ticket : coverage.medical_tickets) AddTicket(ticket);
  if (!coverage.address.empty() || !coverage.postal_code.empty()) {
    AddPiece(PieceKind::kAddress, {}, {}, OctetsOfAddress(coverage));
  }
}

void CoverageOctets::AddTicket(const MedicalTicket& ticket) {
  v1::MedicalTicket message;
  // Written by our own feed from a parsed message, so it parses.
  message.ParseFromString(ticket.serialised);
  // Whoever sent it could not know who asks.
  message.clear_designated_facility_flag();
  const bool designates = !message.designated_facility_code().empty();
  const v1::MedicalTicket others = ForOthers(message);
  Piece& piece = AddPiece(PieceKind::kMedicalTicket, ticket.valid_from, ticket.valid_through,
                          designates ? WithFlag(others, kNotDesignated) : OctetsOf(others));
  piece.designated_facility_code = message.designated_facility_code();
  piece.prescription_issuer_code = message.prescription_issuer_code();
  if (designates) piece.octets_for_designated = WithFlag(message, kDesignated);
  if (!message.prescription_issuer_code().empty()) {
    piece.octets_for_issuer = designates ? WithFlag(message, kNotDesignated) : OctetsOf(message);
  }
}

CoverageOctets::Piece& CoverageOctets::AddPiece(PieceKind kind, const Day& valid_from,
                                                const Day& valid_through, std::string octets) {
  Piece& piece = pieces_.emplace_back();
  piece.facts = {.kind = kind, .valid_from = valid_from, .valid_through = valid_through};
  piece.octets = std::move(octets);
  return piece;
}

AnswerCoverage CoverageOctets::View() const {
  AnswerCoverage view = facts_;
  view.octets = octets_;
  for (const Piece& piece : pieces_) {
    view.pieces.push_back(piece.facts);
    view.pieces.back().octets = piece.octets;
    view.pieces.back().ticket = {.designated_facility_code = piece.designated_facility_code,
                                 .prescription_issuer_code = piece.prescription_issuer_code,
                                 .octets_for_designated = piece.octets_for_designated,
                                 .octets_for_issuer = piece.octets_for_issuer};
  }
  return view;
}

std::string BuildAnswerRow(std::span<const Coverage> coverages) {
  std::vector<CoverageOctets> serialised;
  serialised.reserve(coverages.size());
  for (const Coverage& coverage : coverages) serialised.emplace_back(coverage);
  std::vector<AnswerCoverage> views;
  views.reserve(serialised.size());
  for (const CoverageOctets& one : serialised) views.push_back(one.View());
  return EncodeAnswerRow(views);
}

}  // namespace kakunin

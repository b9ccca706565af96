#include "server/synth/certificate_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "server/synth/facility_table.h"

namespace kakunin::synth {
namespace {

constexpr std::array<std::string_view, 6> kUnder70 = {"A01", "A02", "A03", "A04", "A05", "A06"};
constexpr std::array<std::string_view, 8> k70To74 = {"B01", "B02", "B03", "B04",
                                                     "B05", "B06", "B07", "B08"};
constexpr std::array<std::string_view, 9> kLateElderly = {"B01", "B02", "B03", "B05", "B06",
                                                          "B07", "B08", "B09", "B10"};

// OQSCD011 by OQSCD012: those with low income also pay less for meals (標準負担額減額).
v1::LimitCertificateClassification ClassificationOf(std::string_view flag) {
  for (const std::string_view low : {"A05", "B05", "B06", "B07"}) {
    if (flag == low) return v1::LIMIT_CERTIFICATE_CLASSIFICATION_LIMIT_AND_STANDARD_REDUCTION;
  }
  for (const std::string_view border : {"A06", "B08"}) {
    if (flag == border) return v1::LIMIT_CERTIFICATE_CLASSIFICATION_STANDARD_REDUCTION;
  }
  return v1::LIMIT_CERTIFICATE_CLASSIFICATION_LIMIT;
}

std::string_view DrawLimitFlag(int age, bool late_elderly, Draw& draw) {
  if (late_elderly) return draw.Pick(kLateElderly);
  return age >= 70 ? draw.Pick(k70To74) : draw.Pick(kUnder70);
}

void AddTicket(v1::CoverageRow& row, absl::CivilMonth month, int64_t issue_number,
               bool beside_insurance) {
  const Facility& clinic = Facilities()[0];
  const Facility& pharmacy = Facilities()[3];
  const bool dispensing = issue_number % 3 == 0;
  v1::MedicalTicket& ticket = *row.add_medical_tickets();
  ticket.set_ticket_type(dispensing ? 2 : 1);
  ticket.set_issue_number(fmt::format("{:08}", issue_number));
  ticket.set_treatment_month(fmt::format("{:04}{:02}", month.year(), month.month()));
  SetDate(ticket.mutable_valid_from(), absl::CivilDay(month));
  SetDate(ticket.mutable_valid_through(), absl::CivilDay(month + 1) - 1);
  const Facility& designated = dispensing ? pharmacy : clinic;
  ticket.set_designated_facility_code(designated.code);
  ticket.set_designated_facility_name(designated.name);
  if (dispensing) {
    ticket.set_prescription_issuer_code(clinic.code);
    ticket.set_prescription_issuer_name(clinic.name);
  }
  ticket.set_treatment_type(dispensing ? 4 : 2);
  ticket.set_self_pay_yen(issue_number % 5 == 0 ? 1500 : 0);
  ticket.set_district_contact_name("第一地区担当");
  ticket.set_handling_contact_name("医療扶助係");
  ticket.set_single_or_combined(beside_insurance ? 2 : 1);
  ticket.set_social_insurance_status(beside_insurance ? 1 : 2);
  ticket.set_infection_status(2);
  ticket.set_elderly_medical_care_status(2);
  ticket.set_prefectural_expenses_status(2);
  ticket.add_injury_names("高血圧症");
}

}  // namespace

void SetDate(google::type::Date* date, absl::CivilDay day) {
  date->set_year(static_cast<int>(day.year()));
  date->set_month(day.month());
  date->set_day(day.day());
}

CertificateYear CertificateYearOf(absl::CivilDay today) {
  const absl::CivilYear year =
      today.month() >= 8 ? absl::CivilYear(today) : absl::CivilYear(today) - 1;
  return {absl::CivilDay(year.year(), 8, 1), absl::CivilDay(year.year() + 1, 7, 31)};
}

bool IsPreschool(absl::CivilDay birth_date, absl::CivilDay today) {
  const bool early = birth_date < absl::CivilDay(birth_date.year(), 4, 2);
  return today < absl::CivilDay(birth_date.year() + (early ? 6 : 7), 4, 1);
}

void AddElderlyRecipientCertificate(v1::CoverageRow& row, absl::CivilDay birth_date,
                                    absl::CivilDay today, int contribution_percent) {
  const CertificateYear year = CertificateYearOf(today);
  v1::ElderlyRecipientCertificate& certificate = *row.mutable_elderly_recipient_certificate();
  SetDate(certificate.mutable_issue_date(), year.first);
  SetDate(certificate.mutable_valid_from(), year.first);
  SetDate(certificate.mutable_valid_through(), std::min(year.last, Birthday(birth_date, 75) - 1));
  certificate.set_contribution_percent(contribution_percent);
}

void AddLimitCertificate(v1::CoverageRow& row, const std::string& flag, absl::CivilDay today) {
  const CertificateYear year = CertificateYearOf(today);
  v1::LimitCertificate& certificate = *row.add_limit_certificates();
  certificate.set_classification(ClassificationOf(flag));
  certificate.set_classification_flag(flag);
  SetDate(certificate.mutable_issue_date(), year.first);
  SetDate(certificate.mutable_valid_from(), year.first);
  SetDate(certificate.mutable_valid_through(), year.last);
  if (flag == "B05") SetDate(certificate.mutable_long_term_date(), year.first);
}

void AddSpecificDiseaseCertificate(v1::CoverageRow& row, v1::SpecificDisease disease,
                                   absl::CivilDay since) {
  v1::SpecificDiseaseCertificate& certificate = *row.add_specific_disease_certificates();
  certificate.set_disease(disease);
  SetDate(certificate.mutable_issue_date(), since);
  SetDate(certificate.mutable_valid_from(), since);
  certificate.set_self_pay_yen(disease == v1::SPECIFIC_DISEASE_DIALYSIS ? 20'000 : 10'000);
}

void AddMedicalTickets(v1::CoverageRow& row, absl::CivilDay today, int64_t issue_number,
                       bool beside_insurance) {
  const absl::CivilMonth month(today);
  AddTicket(row, month - 1, issue_number, beside_insurance);
  AddTicket(row, month, issue_number + 1, beside_insurance);
}

void DrawCertificates(v1::CoverageRow& row, const Identity& person, bool late_elderly,
                      absl::CivilDay today, Draw& draw) {
  const int age = AgeOn(person.birth_date, today);
  if (late_elderly) {
    const int share = draw.Below(1000);
    row.set_partial_contribution_percent(share < 700 ? 10 : (share < 920 ? 20 : 30));
  } else if (age >= 70 && age < 75) {
    AddElderlyRecipientCertificate(row, person.birth_date, today, draw.PerMille(850) ? 20 : 30);
  }
  row.set_preschool(IsPreschool(person.birth_date, today));
  if (draw.PerMille(80)) {
    AddLimitCertificate(row, std::string(DrawLimitFlag(age, late_elderly, draw)), today);
  }
  if (draw.PerMille(6)) {
    AddSpecificDiseaseCertificate(row, static_cast<v1::SpecificDisease>(draw.Between(1, 3)),
                                  today - draw.Between(30, 1500));
  }
  // Sex on the back of the certificate (notice of 2012-09-21).
  if (draw.PerMille(2)) {
    row.set_sex_back(person.sex == Sex::kMale ? v1::SEX_FEMALE : v1::SEX_MALE);
  }
}

}  // namespace kakunin::synth

#pragma once

#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/synth/draw.h"
#include "server/synth/household.h"

namespace kakunin::synth {

// SetDate fills a date of the public API.
void SetDate(google::type::Date* date, absl::CivilDay day);

// CertificateYear is the year of certificates that `today` lies in: 1 August to 31 July, as
// municipalities and late-elderly unions issue them. Both days are within it.
struct CertificateYear {
  absl::CivilDay first;
  absl::CivilDay last;
};
CertificateYear CertificateYearOf(absl::CivilDay today);

// IsPreschool tells 未就学: until 31 March after the sixth birthday (a birthday on 1 April counts
// as the day before).
bool IsPreschool(absl::CivilDay birth_date, absl::CivilDay today);

// AddElderlyRecipientCertificate adds 高齢受給者証 (age 70 to 74).
void AddElderlyRecipientCertificate(v1::CoverageRow& row, absl::CivilDay birth_date,
                                    absl::CivilDay today, int contribution_percent);

// AddLimitCertificate adds 限度額適用認定証 with 適用区分 `flag` (OQSCD012) for the running year.
void AddLimitCertificate(v1::CoverageRow& row, const std::string& flag, absl::CivilDay today);

// AddSpecificDiseaseCertificate adds 特定疾病療養受療証, open-ended.
void AddSpecificDiseaseCertificate(v1::CoverageRow& row, v1::SpecificDisease disease,
                                   absl::CivilDay since);

// AddMedicalTickets adds the tickets (医療券・調剤券) of this month and the last.
void AddMedicalTickets(v1::CoverageRow& row, absl::CivilDay today, int64_t issue_number,
                       bool beside_insurance);

// DrawCertificates adds what chance gives a person of this age beside the coverage itself.
void DrawCertificates(v1::CoverageRow& row, const Identity& person, bool late_elderly,
                      absl::CivilDay today, Draw& draw);

}  // namespace kakunin::synth

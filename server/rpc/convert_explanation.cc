#include "server/rpc/convert_explanation.h"

#include "auth/uuid.h"
#include "domain/civil_day.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/patient_fields.h"

namespace kakunin {
namespace {

void SetVersion(const CoverageVersion& version, const Explained& asked, v1::CoverageVersion& out) {
  out.set_insurer_number(version.insurer_number);
  out.set_coverage_reference(version.coverage_reference);
  *out.mutable_qualification_date() = DayToProto(version.qualification_date);
  if (version.disqualification_date) {
    *out.mutable_disqualification_date() = DayToProto(*version.disqualification_date);
  }
  if (version.partial_contribution_percent) {
    out.set_partial_contribution_percent(*version.partial_contribution_percent);
  }
  out.set_reason_of_loss(static_cast<v1::ReasonOfLoss>(version.reason_of_loss));
  *out.mutable_known_from() = TimeToProto(version.known_from);
  if (version.known_to) *out.mutable_known_to() = TimeToProto(*version.known_to);
  out.set_feed_id(auth::UuidText(version.feed.octets));
  out.set_feed_number(version.feed_number);
  out.set_feed_kind(static_cast<v1::FeedKind>(version.feed_kind));
  out.set_feed_state(static_cast<v1::FeedState>(version.feed_state));
  out.set_visible(version.visible);
  out.set_known(WasKnown(version, asked.known_at));
  out.set_covers(Answers(version, asked.day, asked.known_at));
}

}  // namespace

std::optional<Explained> ReadExplained(FieldErrors& errors, const std::string& insurer_number,
                                       const v1::CoverageSubject& subject,
                                       const google::type::Date* day,
                                       const google::protobuf::Timestamp* known_time,
                                       absl::Time now) {
  Explained asked{.subject = {.insurer_number = insurer_number, .by = std::string()},
                  .day = CivilDayAt(now),
                  .known_at = OptionalInstant(errors, "known_time", known_time).value_or(now)};
  if (day != nullptr) {
    if (const auto given = RequiredDay(errors, "day", *day)) asked.day = *given;
  }
  if (!subject.coverage_reference().empty()) {
    if (OptionalLine(errors, "subject.coverage_reference", subject.coverage_reference(),
                     kMostReferenceCharacters)) {
      asked.subject.by = subject.coverage_reference();
    }
  } else if (const auto key = ReadInsuredKey(errors,
                                             {.insurer_number = insurer_number,
                                              .symbol = subject.symbol(),
                                              .number = subject.number(),
                                              .branch_number = subject.branch_number(),
                                              .birth_date = subject.birth_date(),
                                              .prefix = "subject."},
                                             CivilDayAt(now))) {
    asked.subject.by = *key;
  }
  if (!errors.violations().empty()) return std::nullopt;
  return asked;
}

void SetVersions(std::span<const CoverageVersion> versions, const Explained& asked,
                 google::protobuf::RepeatedPtrField<v1::CoverageVersion>& out) {
  int person = 0;
  PersonId last;
  for (const CoverageVersion& version : versions) {
    if (person == 0 || version.person != last) ++person;
    last = version.person;
    v1::CoverageVersion& told = *out.Add();
    told.set_person(person);
    SetVersion(version, asked, told);
  }
}

}  // namespace kakunin

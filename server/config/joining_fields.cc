#include "server/config/joining_fields.h"

#include <string>

#include "domain/applicant.h"

namespace kakunin {
namespace {

void VisitGround(std::string_view key, std::optional<OpenedGround>& opened, ConfigVisitor& v) {
  std::optional<absl::CivilDay> from;
  std::optional<absl::CivilDay> through;
  if (opened) {
    from = opened->from;
    through = opened->last_day;
  }
  const std::string from_key = std::string(key) + "_from";
  const std::string through_key = std::string(key) + "_through";
  v.OptionalDay(from_key, from);
  v.OptionalDay(through_key, through);
  if (through && !from) v.Fault(through_key, "needs " + from_key + ", the first day");
  if (from && through && *through < *from) v.Fault(through_key, "is before " + from_key);
  opened.reset();
  if (from) opened = OpenedGround{.from = *from, .last_day = through};
}

}  // namespace

void VisitMail(std::optional<MailConfig>& held, bool jobs, ConfigVisitor& v) {
  if (!v.Begin("mail", Need::kOptional, held.has_value())) return;
  if (!held) held.emplace();
  v.Path("folder", held->folder, Need::kRequired);
  v.Text("from", held->from, Need::kRequired);
  if (!held->from.empty() && !IsMailAddress(held->from)) {
    v.Fault("from", "is no mail address");
  }
  if (!jobs) v.Fault("folder", "needs a section [jobs]: mail is sent by the timed jobs");
  v.End();
}

void VisitGrounds(RestrictedGroundRules& c, ConfigVisitor& v) {
  const bool any = c.treatment_houses || c.paper_claims || c.check_up_bodies || c.midwives;
  if (!v.Begin("restricted_type", Need::kOptional, any)) return;
  VisitGround("treatment_houses", c.treatment_houses, v);
  VisitGround("paper_claims", c.paper_claims, v);
  VisitGround("check_up_bodies", c.check_up_bodies, v);
  VisitGround("midwives", c.midwives, v);
  v.End();
}

}  // namespace kakunin

#pragma once

#include <optional>

#include "server/config/config_fields.h"

namespace kakunin {

// VisitMail visits how news are mailed, which the timed jobs do; VisitGrounds the grounds of the
// restricted type that open by configuration.
void VisitMail(std::optional<MailConfig>& held, bool jobs, ConfigVisitor& v);
void VisitGrounds(RestrictedGroundRules& c, ConfigVisitor& v);

}  // namespace kakunin

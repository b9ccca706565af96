#pragma once

#include <string_view>

#include "domain/answer_row.h"

namespace kakunin {

// TicketOctetsFor chooses what `facility_code` sees of a medical aid ticket (医療券・調剤券): the
// designated facility and the issuer of its prescription see all of it, everybody else that there
// is one, for which days, and that it is not theirs (OQSCD026). A ticket that designates nobody is
// for nobody to see in full but the issuer it names. The view lives as long as the ticket's.
std::string_view TicketOctetsFor(const AnswerPiece& ticket, std::string_view facility_code);

}  // namespace kakunin

#include "domain/medical_ticket.h"

namespace kakunin {

std::string_view TicketOctetsFor(const AnswerPiece& ticket, std::string_view facility_code) {
  const TicketViews& views = ticket.ticket;
  if (facility_code.empty()) return ticket.octets;
  if (facility_code == views.designated_facility_code) return views.octets_for_designated;
  if (facility_code == views.prescription_issuer_code) return views.octets_for_issuer;
  return ticket.octets;
}

}  // namespace kakunin

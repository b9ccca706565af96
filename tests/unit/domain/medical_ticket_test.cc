#include "domain/medical_ticket.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

constexpr char kDesignated[] = "1318000002";
constexpr char kIssuer[] = "1310000003";
constexpr char kStranger[] = "1310000011";

AnswerPiece Ticket(std::string_view designated, std::string_view issuer) {
  return {.kind = PieceKind::kMedicalTicket,
          .octets = "others",
          .ticket = {.designated_facility_code = designated,
                     .prescription_issuer_code = issuer,
                     .octets_for_designated = designated.empty() ? "" : "designated",
                     .octets_for_issuer = issuer.empty() ? "" : "issuer"}};
}

TEST(MedicalTicket, EachFacilitySeesItsOwnView) {
  const AnswerPiece ticket = Ticket(kDesignated, kIssuer);
  EXPECT_EQ(TicketOctetsFor(ticket, kDesignated), "designated");
  EXPECT_EQ(TicketOctetsFor(ticket, kIssuer), "issuer");
  EXPECT_EQ(TicketOctetsFor(ticket, kStranger), "others");
}

TEST(MedicalTicket, AFacilityThatIssuedForItselfIsTheDesignatedOne) {
  EXPECT_EQ(TicketOctetsFor(Ticket(kDesignated, kDesignated), kDesignated), "designated");
}

TEST(MedicalTicket, WithoutADesignationOnlyTheIssuerSeesMore) {
  EXPECT_EQ(TicketOctetsFor(Ticket("", ""), kStranger), "others");
  EXPECT_EQ(TicketOctetsFor(Ticket("", kIssuer), kStranger), "others");
  EXPECT_EQ(TicketOctetsFor(Ticket("", kIssuer), kIssuer), "issuer");
}

TEST(MedicalTicket, AnAbsentCodeMatchesNoAbsentCode) {
  EXPECT_EQ(TicketOctetsFor(Ticket("", ""), ""), "others");
}

}  // namespace
}  // namespace kakunin

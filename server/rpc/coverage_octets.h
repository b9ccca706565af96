#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/answer_row.h"
#include "domain/coverage.h"

namespace kakunin {

// CoverageOctets is one coverage serialised for the answer row: the public Coverage message without
// its dated certificates and its address, and each of those as the octets of its own fields, so
// that `octets` followed by any choice of pieces parses as one Coverage. Immutable.
class CoverageOctets {
 public:
  explicit CoverageOctets(const Coverage& coverage);

  // View is the coverage as an answer row holds it; its views live as long as this object. Pieces
  // stand in the order: elderly recipient, limit, specific disease certificates, medical tickets,
  // each kind in the order in which the insurer sent them; the address last.
  AnswerCoverage View() const;

 private:
  // A piece and what its views look at, which View() sets.
  struct Piece {
    AnswerPiece facts;
    std::string octets;
    std::string designated_facility_code;
    std::string prescription_issuer_code;
    std::string octets_for_designated;
    std::string octets_for_issuer;
  };

  Piece& AddPiece(PieceKind kind, const std::optional<absl::CivilDay>& valid_from,
                  const std::optional<absl::CivilDay>& valid_through, std::string octets);
  void AddTicket(const MedicalTicket& ticket);

  AnswerCoverage facts_;  // likewise
  std::string octets_;
  std::vector<Piece> pieces_;
};

// BuildAnswerRow makes the octets of one person's answer row (format kAnswerFormat) from all
// visible coverages of current knowledge: the AnswerBuilder of storage/feed_store.h. Thread-safe.
std::string BuildAnswerRow(std::span<const Coverage> coverages);

}  // namespace kakunin

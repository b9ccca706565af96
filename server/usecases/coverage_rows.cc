#include "server/usecases/coverage_rows.h"

#include <optional>
#include <string_view>
#include <utility>

#include "domain/text/branch_number.h"
#include "domain/text/insured_key.h"

namespace kakunin {
namespace {

using Day = std::optional<absl::CivilDay>;

// CheckOrder: an absent day is in order with every other.
void CheckOrder(IncomingCoverage& row, const Day& earlier, const Day& later,
                std::string_view field) {
  if (earlier && later && *later < *earlier) {
    row.AddFault(RowFault::kDateOrderImpossible, std::string(field));
  }
}

template <class Pieces>
void CheckPieceOrder(IncomingCoverage& row, const Pieces& pieces, const std::string& field) {
  for (size_t i = 0; i < pieces.size(); ++i) {
    CheckOrder(row, pieces[i].valid_from, pieces[i].valid_through,
               field + "[" + std::to_string(i) + "].valid_through");
  }
}

void CheckDays(IncomingCoverage& row, absl::CivilDay today) {
  const Coverage& coverage = row.record;
  CheckOrder(row, coverage.birth_date, today, "birth_date");
  CheckOrder(row, coverage.birth_date, coverage.qualification_date, "qualification_date");
  // The loss date is the first day not covered; acquired and lost on one day covers none and does
  // occur.
  CheckOrder(row, coverage.qualification_date, coverage.disqualification_date,
             "disqualification_date");
  CheckOrder(row, coverage.certificate_valid_from, coverage.certificate_valid_through,
             "certificate_valid_through");
  if (const auto& elderly = coverage.elderly_recipient_certificate) {
    CheckOrder(row, elderly->valid_from, elderly->valid_through,
               "elderly_recipient_certificate.valid_through");
  }
  CheckPieceOrder(row, coverage.limit_certificates, "limit_certificates");
  CheckPieceOrder(row, coverage.specific_disease_certificates, "specific_disease_certificates");
  CheckPieceOrder(row, coverage.medical_tickets, "medical_tickets");
  if (row.action == RowAction::kLost && !coverage.disqualification_date) {
    row.AddFault(RowFault::kFieldMissing, "disqualification_date");
  }
}

// SetKeys reads symbol, number and branch, keeps them trimmed, and makes the look-up hashes.
void SetKeys(IncomingCoverage& row, const InsurerNumber& insurer, const auth::HmacKey& look_up) {
  Coverage& coverage = row.record;
  const auto symbol = InsuredSymbol::Parse(coverage.symbol);
  if (!symbol) row.AddFault(RowFault::kFieldMalformed, "symbol");
  const auto number = InsuredNumber::Parse(coverage.number);
  if (!number) {
    row.AddFault(coverage.number.empty() ? RowFault::kFieldMissing : RowFault::kFieldMalformed,
                 "number");
  }
  std::optional<BranchNumber> branch;
  if (!coverage.branch_number.empty()) {
    branch = BranchNumber::Parse(coverage.branch_number);
    if (!branch) row.AddFault(RowFault::kFieldMalformed, "branch_number");
  }
  if (!symbol || !number) return;
  const InsuredKey key{insurer, *symbol, *number, branch, coverage.birth_date};
  coverage.key_without_branch = LookUpHash(look_up, key, false);
  coverage.key_with_branch = LookUpHash(look_up, key, true);
  coverage.symbol = symbol->RevealOriginal();
  coverage.number = number->RevealOriginal();
  coverage.branch_number = branch ? std::string(branch->Reveal()) : std::string();
}

}  // namespace

Judged<Coverage> JudgeCoverages(std::vector<IncomingCoverage> rows, int64_t chunk,
                                const std::string& insurer_number, const FeedKeys& keys,
                                absl::CivilDay today) {
  const auto insurer = InsurerNumber::Parse(insurer_number);
  return JudgeEach(std::move(rows), chunk, keys, &Coverage::coverage_reference,
                   [&](IncomingCoverage& row) {
                     row.record.insurer_number = insurer_number;
                     SetKeys(row, *insurer, keys.look_up);
                     // Days that could not be read are told already; comparing their stand-ins
                     // would mislead.
                     if (!row.IsRefused()) CheckDays(row, today);
                   });
}

}  // namespace kakunin

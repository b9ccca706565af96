#include "server/usecases/feed_row.h"

#include <algorithm>
#include <utility>

#include "domain/text/branch_number.h"
#include "domain/text/insured_key.h"

namespace kakunin {
namespace {

constexpr RowFaultFacts kFaults[] = {
    {RowFault::kFieldMissing, "FIELD_MISSING", "必須の項目がありません。補って送り直してください。",
     false},
    {RowFault::kFieldMalformed, "FIELD_MALFORMED",
     "項目の形式が正しくありません。直して送り直してください。", false},
    {RowFault::kIndividualNumberInvalid, "INDIVIDUAL_NUMBER_INVALID",
     "個人番号の桁数または検査用数字が正しくありません。本人の番号を確かめて送り直してください。",
     false},
    {RowFault::kNoIndividualNumber, "NO_INDIVIDUAL_NUMBER",
     "個人番号がないため表示されません。個人番号を確かめて送り直してください。", true},
    {RowFault::kDateOrderImpossible, "DATE_ORDER_IMPOSSIBLE",
     "日付の前後関係が成り立ちません。直して送り直してください。", false},
};

const RowFaultFacts& FactsOf(RowFault fault) {
  return *std::find_if(std::begin(kFaults), std::end(kFaults),
                       [&](const RowFaultFacts& facts) { return facts.fault == fault; });
}

using Day = std::optional<absl::CivilDay>;

// CheckOrder: an absent day is in order with every other.
void CheckOrder(IncomingRow& row, const Day& earlier, const Day& later, std::string_view field) {
  if (earlier && later && *later < *earlier) {
    row.AddFault(RowFault::kDateOrderImpossible, std::string(field));
  }
}

template <class Pieces>
void CheckPieceOrder(IncomingRow& row, const Pieces& pieces, const std::string& field) {
  for (size_t i = 0; i < pieces.size(); ++i) {
    CheckOrder(row, pieces[i].valid_from, pieces[i].valid_through,
               field + "[" + std::to_string(i) + "].valid_through");
  }
}

void CheckDays(IncomingRow& row, absl::CivilDay today) {
  const Coverage& coverage = row.coverage;
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
void SetKeys(IncomingRow& row, const InsurerNumber& insurer, const auth::HmacKey& look_up) {
  Coverage& coverage = row.coverage;
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

bool IsRefused(const IncomingRow& row) {
  return std::any_of(row.faults.begin(), row.faults.end(),
                     [](const FieldFault& fault) { return !FactsOf(fault.fault).hidden; });
}

}  // namespace

std::span<const RowFaultFacts> AllRowFaults() { return kFaults; }

std::string_view MessageOfFinding(std::string_view reason) {
  const auto row = std::find_if(std::begin(kFaults), std::end(kFaults),
                                [&](const RowFaultFacts& facts) { return facts.reason == reason; });
  return row == std::end(kFaults) ? "この行は取り込めません。内容を確かめて送り直してください。"
                                  : row->message;
}

void IncomingRow::AddFault(RowFault fault, std::string field) {
  const bool told = std::any_of(faults.begin(), faults.end(),
                                [&](const FieldFault& known) { return known.field == field; });
  if (!told && faults.size() < kMostFaultsOfRow) faults.push_back({fault, std::move(field)});
}

JudgedChunk JudgeRows(std::vector<IncomingRow> rows, int64_t chunk,
                      const std::string& insurer_number, const FeedKeys& keys,
                      absl::CivilDay today) {
  const auto insurer = InsurerNumber::Parse(insurer_number);
  JudgedChunk judged;
  judged.staged.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    IncomingRow& row = rows[i];
    const auto index = static_cast<int32_t>(i);
    row.coverage.insurer_number = insurer_number;
    SetKeys(row, *insurer, keys.look_up);
    // Days that could not be read are told already; comparing their stand-ins would mislead.
    if (!IsRefused(row)) CheckDays(row, today);
    if (row.individual_number && !row.individual_number->HasValidCheckDigit()) {
      row.AddFault(RowFault::kIndividualNumberInvalid, "individual_number");
    } else if (!row.individual_number) {
      row.AddFault(RowFault::kNoIndividualNumber, "individual_number");
    }
    const bool refused = IsRefused(row);
    for (const FieldFault& fault : row.faults) {
      const RowFaultFacts& facts = FactsOf(fault.fault);
      judged.findings.push_back({chunk, index, row.coverage.coverage_reference,
                                 std::string(facts.reason), fault.field, facts.hidden});
    }
    if (refused) {
      ++judged.refused;
      continue;
    }
    StagedCoverage staged{.row_index = index, .action = row.action};
    if (row.individual_number) {
      staged.individual = HashOf(keys.individual_number, *row.individual_number);
    }
    staged.coverage = std::move(row.coverage);
    judged.staged.push_back(std::move(staged));
  }
  return judged;
}

}  // namespace kakunin

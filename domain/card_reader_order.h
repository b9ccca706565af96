#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/actor.h"
#include "domain/error.h"
#include "domain/subsidy_class.h"

namespace kakunin {

// CardReaderMaker makes face-recognising card readers (顔認証付きカードリーダー); seed 001 offers
// three.
enum class CardReaderMaker {
  kFujitsuJapan = 1,
  kPanasonicSystemSolutionsJapan,
  kAlmex,
};
inline constexpr int kCardReaderMakers = 3;

// NameOf is the company's name, KeyOf the word for files and options.
std::string_view NameOf(CardReaderMaker maker);
std::string_view KeyOf(CardReaderMaker maker);

// FreeReaders is how many readers a facility gets free of charge: a hospital up to 3, a clinic (a
// dental one too) and a pharmacy 1, every other kind none. Seeds 000 and 001.
int FreeReaders(FacilityType type);

// CardReaderOffer is when orders are taken: from `from` through `last_day`, JST. Configuration: the
// source documents tell only that applications begin in the summer of 2020, and no end. An empty
// `last_day`: no end is set yet.
struct CardReaderOffer {
  absl::CivilDay from;
  std::optional<absl::CivilDay> last_day;
};

// CardReaderOrder is what a facility orders.
struct CardReaderOrder {
  std::optional<CardReaderMaker> maker;
  std::optional<int> units;
};

// CheckCardReaderOrder is everything that is wrong with an order of `day`, fields named below
// `card_reader_order.`; an empty `offer`: no orders are taken. An unknown `type` skips what depends
// on it.
std::vector<FieldViolation> CheckCardReaderOrder(const CardReaderOrder& order,
                                                 std::optional<FacilityType> type,
                                                 const std::optional<CardReaderOffer>& offer,
                                                 absl::CivilDay day);

// ReaderReimbursement is a row of the rule before the law of 2020: the purchase was to be
// reimbursed up to so many yen, at a rate that is not stated (seed 003, 現行法の内容). The law
// passed, so that nothing is calculated by it; kept as the dated table has it.
struct ReaderReimbursement {
  SubsidyClass subsidy_class;
  int units;
  int64_t most_yen;
};
std::span<const ReaderReimbursement> ReaderReimbursements();

}  // namespace kakunin

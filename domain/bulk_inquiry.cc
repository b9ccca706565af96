#include "domain/bulk_inquiry.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "domain/eligibility.h"

namespace kakunin {
namespace {

std::string_view MeetingPlace(FormOfCare form) {
  switch (form) {
    case FormOfCare::kHomeVisit:
      return "訪問のときに";
    case FormOfCare::kOnlineCare:
      return "オンラインの診療や服薬指導のときに";
    case FormOfCare::kOutpatient:
    case FormOfCare::kEmergency:
      break;
  }
  return "来院時の受付で";
}

}  // namespace

bool IsOver(BulkState state, absl::Time touched, absl::Time now) {
  switch (state) {
    case BulkState::kReceiving:
      return touched + kBulkReceivingLife <= now;
    case BulkState::kRunning:
      return false;
    case BulkState::kDone:
    case BulkState::kCancelled:
    case BulkState::kStopped:
      return touched + kBulkResultsLife <= now;
    case BulkState::kDeleted:
      return true;
  }
  return true;
}

bool SearchesRatherThanAsks(const BulkCounts& counts) {
  constexpr int64_t kFrom = 1000;
  constexpr int64_t kMost = 50'000;
  return counts.not_found > kMost || (counts.asked >= kFrom && counts.not_found * 2 > counts.asked);
}

bool IsSameOnBothDays(std::span<const AnswerCoverage> coverages, const KeyHash& key,
                      absl::CivilDay one, absl::CivilDay other) {
  if (one == other) return true;
  const Selection first = SelectForKey(coverages, key, one);
  const Selection second = SelectForKey(coverages, key, other);
  if (first.validity != second.validity || first.shown != second.shown) return false;
  return std::ranges::all_of(first.shown, [&](const AnswerCoverage* coverage) {
    return std::ranges::all_of(coverage->pieces, [&](const AnswerPiece& piece) {
      const bool counts = piece.kind == PieceKind::kElderlyRecipientCertificate ||
                          piece.kind == PieceKind::kLimitCertificate;
      return !counts || HoldsOn(piece, one) == HoldsOn(piece, other);
    });
  });
}

std::string BulkNextStep(Validity validity, FormOfCare form) {
  const std::string_view there = MeetingPlace(form);
  switch (validity) {
    case Validity::kValid:
      return fmt::format("資格は有効です。{}、もう一度確認してください。", there);
    case Validity::kValidUnregistered:
      return fmt::format("医療扶助の登録が終わっていません。{}、もう一度確認してください。", there);
    case Validity::kInvalid:
      return fmt::format("資格が有効ではありません。{}、カードか新しい書類により確認してください。",
                         there);
    case Validity::kInvalidNewerExists:
      return fmt::format("新しい資格があります。{}、カードか新しい書類により確認してください。",
                         there);
    case Validity::kSeveralFound:
      return fmt::format("該当する方が複数います。枝番を加えて照会するか、{}確認してください。",
                         there);
    case Validity::kNotFound:
      return fmt::format("該当する資格がありません。入力を確かめるか、{}確認してください。", there);
  }
  return fmt::format("{}確認してください。", there);
}

}  // namespace kakunin

#include "server/usecases/health_check_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "domain/text/insurer_number.h"

namespace kakunin {
namespace {

constexpr size_t kCodeCharacters = 17;  // JLAC10 (domain.md 1.8)
constexpr std::array<std::string_view, 4> kDataTypes = {"PQ", "CD", "CO", "ST"};

bool IsItemCode(std::string_view code) {
  return code.size() == kCodeCharacters && std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

HealthCheckProgramme ProgrammeOf(const std::string& insurer_number) {
  const auto insurer = InsurerNumber::Parse(insurer_number);
  return insurer && insurer->Kind() == InsurerKind::kLateElderly
             ? HealthCheckProgramme::kLateElderly
             : HealthCheckProgramme::kSpecific;
}

void CheckContent(IncomingHealthCheck& row, HealthCheckProgramme programme, absl::CivilDay today) {
  const HealthCheck& check = row.record;
  if (check.examination_day > today) {
    row.AddFault(RowFault::kDateInFuture, "examination_date");
  }
  if (check.programme != programme) {
    row.AddFault(RowFault::kProgrammeNotOfRegistrar, "programme");
  }
  if (check.items.empty()) row.AddFault(RowFault::kFieldMissing, "items");
  for (size_t i = 0; i < check.items.size(); ++i) {
    const HealthCheckItem& item = check.items[i];
    if (!IsItemCode(item.code)) {
      row.AddFault(RowFault::kFieldMalformed, fmt::format("items[{}].code", i));
    }
    if (std::find(kDataTypes.begin(), kDataTypes.end(), item.data_type) == kDataTypes.end()) {
      row.AddFault(RowFault::kFieldMalformed, fmt::format("items[{}].data_type", i));
    }
  }
}

}  // namespace

Judged<HealthCheck> JudgeHealthChecks(std::vector<IncomingHealthCheck> rows, int64_t chunk,
                                      const std::string& insurer_number, const FeedKeys& keys,
                                      absl::CivilDay today) {
  const HealthCheckProgramme programme = ProgrammeOf(insurer_number);
  return JudgeEach(std::move(rows), chunk, keys, &HealthCheck::reference,
                   [&](IncomingHealthCheck& row) {
                     row.record.registrar_number = insurer_number;
                     if (row.action != RowAction::kLost && !row.IsRefused()) {
                       CheckContent(row, programme, today);
                     }
                   });
}

}  // namespace kakunin

#include "server/synth/nation_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "server/synth/facility_table.h"
#include "server/synth/insurer_table.h"
#include "server/synth/test_persons.h"

namespace kakunin::synth {
namespace {

constexpr int kFormat = 1;

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted.append(1, '\\').append(1, c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      quoted.append(1, c);
    }
  }
  return quoted + '"';
}

// One object a line, so that a person can read and compare the files.
std::string List(const std::vector<std::string>& objects) {
  return fmt::format("[\n  {}\n]\n", fmt::join(objects, ",\n  "));
}

std::string Instant(absl::Time time) {
  return Quote(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()));
}

std::string_view StateName(CardState state) {
  switch (state) {
    case CardState::kValid:
      return "VALID";
    case CardState::kInGrace:
      return "IN_GRACE";
    case CardState::kExpired:
      return "EXPIRED";
    case CardState::kSuperseded:
      return "SUPERSEDED";
    case CardState::kRevoked:
      return "REVOKED";
    case CardState::kNotLinked:
      return "NOT_LINKED";
    case CardState::kIssuerOver:
      return "ISSUER_OVER";
  }
  return "";
}

}  // namespace

std::string NationJson(const NationSummary& summary) {
  const NationOptions& o = summary.options;
  return fmt::format(
      "{{\n  \"format\": {},\n  \"seed\": {},\n  \"today\": {},\n  \"persons\": {},\n"
      "  \"key_pool_size\": {},\n  \"insurers\": {},\n  \"rows\": {},\n  \"cards\": {},\n"
      "  \"card_links\": {},\n  \"records_for\": {},\n  \"receipts\": {},\n"
      "  \"health_checks\": {}\n}}\n",
      // The seed has 64 bits, more than a JSON number is sure to keep.
      kFormat, Quote(std::to_string(o.seed)), Quote(absl::FormatCivilTime(o.today)), o.persons,
      o.key_pool_size, summary.insurers, summary.rows, summary.cards, summary.card_links,
      o.records_for, summary.receipts, summary.health_checks);
}

absl::StatusOr<NationSummary> ParseNationJson(const std::string& text) {
  google::protobuf::Struct parsed;
  if (!google::protobuf::util::JsonStringToMessage(text, &parsed).ok()) {
    return absl::DataLossError("nation.json is not JSON");
  }
  const auto number = [&](const char* key) {
    const auto found = parsed.fields().find(key);
    return found == parsed.fields().end() ? int64_t{-1}
                                          : static_cast<int64_t>(found->second.number_value());
  };
  const auto word = [&](const char* key) {
    const auto found = parsed.fields().find(key);
    return found == parsed.fields().end() ? std::string() : found->second.string_value();
  };
  NationSummary summary;
  const std::string seed = word("seed");
  const bool read = absl::SimpleAtoi(seed, &summary.options.seed) &&
                    absl::ParseCivilTime(word("today"), &summary.options.today);
  if (!read || number("format") != kFormat) {
    return absl::DataLossError("nation.json: format, seed or today");
  }
  summary.options.persons = number("persons");
  summary.options.key_pool_size = static_cast<int>(number("key_pool_size"));
  summary.insurers = number("insurers");
  summary.rows = number("rows");
  summary.cards = number("cards");
  summary.card_links = number("card_links");
  // A nation of before there were records says nothing of them.
  summary.options.records_for = std::max<int64_t>(number("records_for"), 0);
  summary.receipts = std::max<int64_t>(number("receipts"), 0);
  summary.health_checks = std::max<int64_t>(number("health_checks"), 0);
  if (!CheckOptions(summary.options).ok() || summary.rows < 0) {
    return absl::DataLossError("nation.json: persons, key_pool_size or rows");
  }
  return summary;
}

std::string InsurersJson(std::span<const int64_t> rows) {
  std::vector<std::string> objects;
  const auto all = Insurers();
  for (size_t i = 0; i < all.size(); ++i) {
    objects.push_back(fmt::format(
        R"({{"number": {}, "name": {}, "kind": {}, "test_persons": {}, "rows": {}, "file": {}}})",
        Quote(all[i].number), Quote(all[i].name), Quote(KindName(all[i].kind)),
        all[i].for_test_persons, rows[i], Quote(fmt::format("feeds/{}.rows", all[i].number))));
  }
  return List(objects);
}

std::string FacilitiesJson() {
  std::vector<std::string> objects;
  for (const Facility& facility : Facilities()) {
    std::vector<std::string> terminals;
    for (const Terminal& terminal : facility.terminals) {
      terminals.push_back(fmt::format(R"({{"id": {}, "kind": {}}})", Quote(terminal.id),
                                      Quote(v1::TerminalKind_Name(terminal.kind))));
    }
    objects.push_back(fmt::format(R"({{"code": {}, "name": {}, "type": {}, "terminals": [{}]}})",
                                  Quote(facility.code), Quote(facility.name),
                                  Quote(v1::FacilityType_Name(facility.type)),
                                  fmt::join(terminals, ", ")));
  }
  return List(objects);
}

std::string PersonsJson(absl::CivilDay today) {
  std::vector<std::string> objects;
  for (const TestPerson& line : TestPersons(today)) {
    const TestAsk& ask = line.ask;
    objects.push_back(fmt::format(
        R"({{"id": {}, "same_person_as": {}, "description": {}, "insurer_number": {}, )"
        R"("symbol": {}, "number": {}, "branch_number": {}, "birth_date": {}, )"
        R"("validity_by_number": {}, "card_verdict": {}, "card_refusal": {}, )"
        R"("validity_by_card": {}, "coverages_by_card": {}}})",
        Quote(line.id), Quote(line.same_person_as), Quote(line.description),
        Quote(ask.insurer_number), Quote(ask.symbol), Quote(ask.number), Quote(ask.branch_number),
        Quote(absl::FormatCivilTime(ask.birth_date)), Quote(v1::Validity_Name(line.by_number)),
        Quote(v1::CardVerdict_Name(line.by_card.verdict)), Quote(line.by_card.refusal),
        Quote(v1::Validity_Name(line.by_card.validity)), line.by_card.coverages));
  }
  return List(objects);
}

std::string CardsJson(absl::CivilDay today) {
  std::vector<std::string> objects;
  for (const TestPerson& line : TestPersons(today)) {
    for (const CardRecord& card : line.cards) {
      objects.push_back(fmt::format(
          R"({{"id": {}, "generation": {}, "serial": "{:08x}", "medium": {}, "state": {}, )"
          R"("municipality": {}, "key_index": {}, "not_before": {}, "not_after": {}}})",
          Quote(line.id), card.generation, card.serial, Quote(v1::CardMedium_Name(card.medium)),
          Quote(StateName(card.state)), Quote(card.municipality_code), card.key_index,
          Instant(card.not_before), Instant(card.not_after)));
    }
  }
  return List(objects);
}

}  // namespace kakunin::synth

#include "server/rpc/convert_repair.h"

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/encoding.h"
#include "auth/uuid.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/individual_number_field.h"
#include "server/rpc/write_call.h"

namespace kakunin {
namespace {

constexpr size_t kInsurerDigits = 8;
constexpr size_t kReviewerDigits = 3;
constexpr size_t kKeyIdOctets = 32;
constexpr size_t kMostSerialOctets = 20;  // RFC 5280 4.1.2.2
constexpr int kMostNamed = 1000;
constexpr size_t kLabelOctets = 4;

std::string OctetsOf(const Digest32& digest) { return {digest.begin(), digest.end()}; }

HeldKey ReadReference(FieldErrors& errors, const std::string& field, HeldKind kind,
                      const v1::OwnReference& own, size_t digits) {
  RequiredDigits(errors, field + ".party_number", own.party_number(), digits);
  RequiredLine(errors, field + ".reference", own.reference(), kMostReferenceCharacters);
  return {kind, own.party_number(), own.reference()};
}

PersonSubject ReadSubject(FieldErrors& errors, const std::string& field,
                          const v1::PersonSubject& subject, const auth::HmacKey& key) {
  switch (subject.by_case()) {
    case v1::PersonSubject::kIndividualNumber:
      return ReadIndividualNumber(errors, field + ".individual_number", subject.individual_number(),
                                  key);
    case v1::PersonSubject::kCoverage: {
      const HeldKey named = ReadReference(errors, field + ".coverage", HeldKind::kCoverage,
                                          subject.coverage(), kInsurerDigits);
      return CoverageName{named.owner, named.name};
    }
    case v1::PersonSubject::BY_NOT_SET:
      break;
  }
  errors.Add(field, kFieldMissing);
  return {};
}

HeldKey ReadCard(FieldErrors& errors, const std::string& field, const v1::CardName& card) {
  RequiredOctets(errors, field + ".issuer_key_id", card.issuer_key_id(), kKeyIdOctets,
                 kKeyIdOctets);
  RequiredOctets(errors, field + ".serial", card.serial(), 1, kMostSerialOctets);
  return {HeldKind::kCard, card.issuer_key_id(), card.serial()};
}

SplitWish ReadSplit(FieldErrors& errors, const v1::SplitPerson& split, const auth::HmacKey& key) {
  SplitWish wish{
      .person = ReadSubject(errors, "split.person", split.person(), key),
      .undoes = OptionalUuid<RepairId>(errors, "split.undoes_repair_id", split.undoes_repair_id()),
      .only_named = split.only_named()};
  if (split.individual_numbers_size() + split.coverages_size() + split.cards_size() +
          split.receipts_size() + split.health_checks_size() >
      kMostNamed) {
    errors.Add("split", "一度に指定できるのは1,000件までです。分けて申請してください。");
    return wish;
  }
  std::set<HeldKey> seen;
  const auto add = [&](HeldKey named, std::string key_id = {}) {
    if (seen.insert(named).second) wish.named.push_back({std::move(named), std::move(key_id)});
  };
  for (int i = 0; i < split.individual_numbers_size(); ++i) {
    const IndividualNumberHash number = ReadIndividualNumber(
        errors, FieldAt("split.individual_numbers", i), split.individual_numbers(i), key);
    add({HeldKind::kNumber, OctetsOf(number.hash), ""}, number.key_id);
  }
  for (int i = 0; i < split.cards_size(); ++i) {
    add(ReadCard(errors, FieldAt("split.cards", i), split.cards(i)));
  }
  const auto add_all = [&](const char* field, HeldKind kind, const auto& named, size_t digits) {
    for (int i = 0; i < named.size(); ++i) {
      add(ReadReference(errors, FieldAt(field, i), kind, named.Get(i), digits));
    }
  };
  add_all("split.coverages", HeldKind::kCoverage, split.coverages(), kInsurerDigits);
  add_all("split.receipts", HeldKind::kReceipt, split.receipts(), kReviewerDigits);
  add_all("split.health_checks", HeldKind::kHealthCheck, split.health_checks(), kInsurerDigits);
  return wish;
}

NumberChange ReadReplaced(FieldErrors& errors, const v1::ReplaceNumber& replaced,
                          const auth::HmacKey& key, absl::CivilDay today) {
  NumberChange change;
  change.from = ReadIndividualNumber(errors, "replace_number.old_individual_number",
                                     replaced.old_individual_number(), key);
  change.to = ReadIndividualNumber(errors, "replace_number.new_individual_number",
                                   replaced.new_individual_number(), key);
  if (!change.from.key_id.empty() && change.from.hash == change.to.hash) {
    errors.Add("replace_number.new_individual_number", "変更前の番号と同じです。");
  }
  if (const auto day = RequiredDay(errors, "replace_number.day", replaced.day())) {
    change.day = *day;
    if (*day > today) errors.Add("replace_number.day", "未来の年月日は指定できません。");
  }
  return change;
}

void SetDecision(const RepairName& name, v1::RepairDecision& out) {
  out.set_operator_(name.actor);
  out.set_decided_by(name.name);
  *out.mutable_time() = TimeToProto(name.at);
}

}  // namespace

std::optional<RepairWish> ReadRepairWish(FieldErrors& errors,
                                         const v1::ProposePersonRepairRequest& request,
                                         const auth::HmacKey& number_key, absl::CivilDay today) {
  std::optional<RepairWish> wish;
  switch (request.repair_case()) {
    case v1::ProposePersonRepairRequest::kMerge:
      wish =
          MergeWish{ReadSubject(errors, "merge.stays", request.merge().stays(), number_key),
                    ReadSubject(errors, "merge.given_up", request.merge().given_up(), number_key)};
      break;
    case v1::ProposePersonRepairRequest::kSplit:
      wish = ReadSplit(errors, request.split(), number_key);
      break;
    case v1::ProposePersonRepairRequest::kReplaceNumber:
      wish = ReadReplaced(errors, request.replace_number(), number_key, today);
      break;
    case v1::ProposePersonRepairRequest::REPAIR_NOT_SET:
      errors.Add("repair", kFieldMissing);
      break;
  }
  if (!errors.empty()) return std::nullopt;
  return wish;
}

void WipeNumbers(v1::ProposePersonRepairRequest& request) {
  const auto wipe = [](v1::PersonSubject& subject) {
    if (subject.has_individual_number()) Wipe(*subject.mutable_individual_number());
  };
  if (request.has_merge()) {
    wipe(*request.mutable_merge()->mutable_stays());
    wipe(*request.mutable_merge()->mutable_given_up());
  }
  if (request.has_split()) {
    wipe(*request.mutable_split()->mutable_person());
    for (std::string& number : *request.mutable_split()->mutable_individual_numbers()) Wipe(number);
  }
  if (request.has_replace_number()) {
    Wipe(*request.mutable_replace_number()->mutable_old_individual_number());
    Wipe(*request.mutable_replace_number()->mutable_new_individual_number());
  }
}

void SetRepair(const PersonRepair& repair, v1::PersonRepair& out) {
  out.set_repair_id(auth::UuidText(repair.id.octets));
  out.set_kind(static_cast<v1::PersonRepairKind>(repair.kind));
  out.set_state(static_cast<v1::PersonRepairState>(repair.state));
  SetDecision(repair.proposed, *out.mutable_proposed());
  if (repair.decided) SetDecision(*repair.decided, *out.mutable_decided());
  if (repair.case_id) out.set_case_id(auth::UuidText(repair.case_id->octets));
  if (repair.undoes) out.set_undoes_repair_id(auth::UuidText(repair.undoes->octets));
}

void SetHeldRow(const HeldRow& row, v1::HeldRow& out) {
  out.set_kind(static_cast<v1::HeldKind>(row.key.kind));
  switch (row.key.kind) {
    case HeldKind::kNumber:
      out.set_number_label(
          auth::HexEncode(std::string_view(row.key.owner).substr(0, kLabelOctets)));
      break;
    case HeldKind::kCard:
      out.mutable_card()->set_issuer_key_id(row.key.owner);
      out.mutable_card()->set_serial(row.key.name);
      break;
    case HeldKind::kConsent:
    case HeldKind::kConsentEnd:
      out.set_facility_code(row.facility_code);
      *out.mutable_time() = TimeToProto(row.at);
      break;
    case HeldKind::kReferenceNumber:  // the number is nobody's to see but the facility's
      out.set_facility_code(row.key.owner);
      *out.mutable_time() = TimeToProto(row.at);
      break;
    case HeldKind::kReceipt:
    case HeldKind::kHealthCheck:
      *out.mutable_month() = DayToProto(absl::CivilDay(row.month));
      [[fallthrough]];
    case HeldKind::kCoverage:
      out.mutable_own_reference()->set_party_number(row.key.owner);
      out.mutable_own_reference()->set_reference(row.key.name);
      break;
  }
}

}  // namespace kakunin

#include "server/bench/request_files.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <set>

#include "domain/civil_day.h"
#include "domain/error.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "server/synth/test_persons.h"
#include "server/text_file.h"

namespace kakunin::bench {
namespace {

constexpr int kUsedAgainDays = 92;

bool Before(const google::type::Date& date, absl::CivilDay day) {
  return absl::CivilDay(date.year(), date.month(), date.day()) < day;
}

void SetDay(google::type::Date* date, absl::CivilDay day) {
  date->set_year(static_cast<int>(day.year()));
  date->set_month(day.month());
  date->set_day(day.day());
}

// PlainCoverage is the one row of a person that is valid on `today` beyond any doubt, or null:
// whoever has moved, receives medical aid or holds an expired certificate is left out.
const synth::InsurerRow* PlainCoverage(const synth::Person& person, absl::CivilDay today) {
  const synth::InsurerRow* found = nullptr;
  for (const synth::InsurerRow& one : person.rows) {
    const v1::CoverageRow& row = one.row;
    if (row.card_classification() == v1::CARD_CLASSIFICATION_MEDICAL_AID) return nullptr;
    if (row.has_disqualification_date() && Before(row.disqualification_date(), today)) continue;
    if (found != nullptr || row.has_disqualification_date()) return nullptr;
    if (!Before(row.qualification_date(), today) || row.individual_number().empty()) return nullptr;
    if (row.has_certificate_valid_through() && Before(row.certificate_valid_through(), today)) {
      return nullptr;
    }
    found = &one;
  }
  return found;
}

// Ask is the request about a person's plain coverage; false when the person has none.
bool Ask(const synth::Person& person, absl::CivilDay today,
         v1::ConfirmByInsuredNumberRequest& request) {
  const synth::InsurerRow* plain = PlainCoverage(person, today);
  if (plain == nullptr) return false;
  const v1::CoverageRow& row = plain->row;
  request.Clear();
  request.set_insurer_number(std::string(synth::Insurers()[plain->insurer].number));
  request.set_symbol(row.symbol());
  request.set_number(row.number());
  request.set_branch_number(row.branch_number());
  *request.mutable_birth_date() = row.birth_date();
  SetDay(request.mutable_day(), today);
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  request.set_limit_certificate_consent(v1::DECISION_NOT_ASKED);
  request.set_document_shown(v1::DOCUMENT_SHOWN_ELIGIBILITY_CERTIFICATE);
  return true;
}

void AskByCard(absl::CivilDay today, v1::ConfirmByCardRequest& request) {
  request.set_holder_verification(v1::HOLDER_VERIFICATION_FACE);
  SetDay(request.mutable_day(), today);
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  request.set_prescription_form(v1::PRESCRIPTION_FORM_PAPER);
  for (const auto kind :
       {v1::CONSENT_KIND_DRUG, v1::CONSENT_KIND_TREATMENT, v1::CONSENT_KIND_SURGERY,
        v1::CONSENT_KIND_HEALTH_CHECK, v1::CONSENT_KIND_LIMIT_CERTIFICATE,
        v1::CONSENT_KIND_SPECIFIC_DISEASE_CERTIFICATE}) {
    v1::ConsentDecision& decision = *request.add_decisions();
    decision.set_kind(kind);
    decision.set_decision(kind == v1::CONSENT_KIND_SPECIFIC_DISEASE_CERTIFICATE
                              ? v1::DECISION_NOT_ASKED
                              : v1::DECISION_AGREED);
  }
}

}  // namespace

absl::StatusOr<RequestList> RequestList::Load(const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadTextFile(file));
  google::protobuf::io::ArrayInputStream array(text.data(), static_cast<int>(text.size()));
  google::protobuf::io::CodedInputStream in(&array);
  RequestList list;
  std::string one;
  for (uint32_t length = 0; in.ReadVarint32(&length);) {
    if (!in.ReadString(&one, static_cast<int>(length))) break;
    list.Add(one);
  }
  if (list.size() == 0) return absl::InternalError(file.string() + " holds no requests");
  return list;
}

void RequestList::Add(std::string_view octets) {
  octets_ += octets;
  ends_.push_back(octets_.size());
}

std::string_view RequestList::operator[](size_t i) const {
  const size_t begin = i == 0 ? 0 : ends_[i - 1];
  return std::string_view(octets_).substr(begin, ends_[i] - begin);
}

absl::Status WriteNumberRequests(const RequestFolder& folder, const synth::Nation& nation) {
  const absl::CivilDay today = nation.options().today;
  std::set<std::string> test_persons;
  for (const synth::TestPerson& line : synth::TestPersons(today)) {
    test_persons.insert(line.individual_number);
  }
  std::string file;
  v1::ConfirmByInsuredNumberRequest request;
  synth::Person person;
  const auto ask = [&] {
    if (Ask(person, today, request)) AppendDelimited(request, file);
    person.rows.clear();
  };
  // A person's rows follow one another.
  nation.ForEachRow([&](size_t insurer, const v1::CoverageRow& row) {
    if (test_persons.contains(row.individual_number())) return;
    if (row.individual_number() != person.individual_number) ask();
    person.individual_number = row.individual_number();
    person.rows.push_back({insurer, row});
  });
  ask();
  return ReplaceTextFile(folder.numbers(), file);
}

std::vector<CardHolder> CardHolders(const synth::Nation& nation, int count) {
  std::vector<CardHolder> found;
  // Spread over the whole nation: neighbours share pages and municipalities.
  const int64_t step = std::max<int64_t>(1, nation.options().persons / (int64_t{count} * 8));
  // The files are used again on later days, when these cards must be as good.
  const absl::Time lasting = StartOfDay(nation.options().today + kUsedAgainDays);
  for (int64_t i = 0; i < nation.options().persons && std::ssize(found) < count; i += step) {
    const synth::Person person = nation.MakePerson(i);
    const synth::InsurerRow* row = PlainCoverage(person, nation.options().today);
    if (row == nullptr) continue;
    const auto card = std::ranges::find_if(person.cards, [&](const synth::CardRecord& one) {
      return one.state == synth::CardState::kValid && one.linked &&
             one.medium == v1::CARD_MEDIUM_CARD && one.not_after >= lasting;
    });
    if (card != person.cards.end()) {
      found.push_back({person.individual_number, row->insurer, *card});
    }
  }
  return found;
}

absl::Status WriteCardRequests(const RequestFolder& folder, absl::CivilDay today,
                               const std::vector<CardHolder>& holders,
                               const dev::CardAuthorities& authorities) {
  std::string file;
  std::string keys;
  for (const CardHolder& holder : holders) {
    v1::ConfirmByCardRequest request;
    AskByCard(today, request);
    request.set_certificate(authorities.Certificate(holder.card));
    AppendDelimited(request, file);
    keys += fmt::format("{}\n", holder.card.key_index);
  }
  if (holders.empty()) return absl::InternalError("the nation holds no valid card");
  RETURN_IF_ERROR(ReplaceTextFile(folder.cards(), file));
  return ReplaceTextFile(folder.card_keys(), keys);
}

void AppendDelimited(const google::protobuf::MessageLite& message, std::string& file) {
  const std::string octets = message.SerializeAsString();
  uint8_t length[10];
  const uint8_t* end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(
      static_cast<uint32_t>(octets.size()), length);
  file.append(reinterpret_cast<const char*>(length), static_cast<size_t>(end - length));
  file += octets;
}

}  // namespace kakunin::bench

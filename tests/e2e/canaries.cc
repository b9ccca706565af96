#include "tests/e2e/canaries.h"

#include <fmt/format.h>

#include <cctype>
#include <set>
#include <stdexcept>

#include "server/dev/child_process.h"
#include "server/synth/test_persons.h"

namespace kakunin::e2e {
namespace {

// Shorter texts occur by chance: "1234" is a symbol and a port.
constexpr size_t kLeastText = 6;  // two kanji

std::string DayText(const google::type::Date& day, const char* form) {
  return fmt::format(fmt::runtime(form), day.year(), day.month(), day.day());
}

void AddRow(const v1::CoverageRow& row, absl::CivilDay today, Canaries& canaries) {
  for (const v1::RawName* name : {&row.insured_name(), &row.name(), &row.other_name()}) {
    canaries.AddText(name->original());
    canaries.AddText(name->kana());
  }
  canaries.AddText(row.address());
  canaries.AddNumber(row.individual_number());
  canaries.AddNumber(row.number());
  // A log's own dates are of this year.
  if (row.birth_date().year() >= today.year() - 1) return;
  canaries.AddText(DayText(row.birth_date(), "{:04}-{:02}-{:02}"));
  canaries.AddNumber(DayText(row.birth_date(), "{:04}{:02}{:02}"));
}

void AddCard(const synth::CardRecord& card, Canaries& canaries) {
  canaries.AddNumber(std::to_string(card.serial));
  canaries.AddNumber(fmt::format("{:x}", card.serial));
}

// BeginOf is the first two octets as a number.
size_t BeginOf(const char* text) {
  return static_cast<size_t>(static_cast<unsigned char>(text[0])) << 8 |
         static_cast<unsigned char>(text[1]);
}

// One random id in forty begins with eight decimal digits: among thousands of them some are a birth
// date or a number by chance.
constexpr size_t kUuidOctets = 36;
bool BeginsWithUuid(std::string_view text) {
  if (text.size() < kUuidOctets) return false;
  for (size_t i = 0; i < kUuidOctets; ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const auto c = static_cast<unsigned char>(text[i]);
    if (hyphen ? c != '-' : std::isxdigit(c) == 0) return false;
  }
  return true;
}

}  // namespace

void Canaries::AddText(std::string text) {
  if (text.size() < kLeastText) return;
  begins_.set(BeginOf(text.data()));
  by_prefix_.emplace(text.substr(0, kLeastText), texts_.size());
  texts_.push_back(std::move(text));
}

void Canaries::AddNumber(std::string digits) {
  if (digits.size() >= kEveryNumber) numbers_.insert(std::move(digits));
}

int Canaries::FoundIn(std::string_view text, size_t least_digits) const {
  int found = 0;
  // One pass: a log of a hundred megabytes is not read again for each of some thousand texts.
  std::set<const std::string*> seen;
  for (size_t at = 0; at + kLeastText <= text.size(); ++at) {
    if (!begins_.test(BeginOf(text.data() + at))) continue;
    const auto [first, last] = by_prefix_.equal_range(text.substr(at, kLeastText));
    for (auto it = first; it != last; ++it) {
      const std::string& canary = texts_[it->second];
      if (!text.substr(at).starts_with(canary) || !seen.insert(&canary).second) continue;
      ++found;
      fmt::print("canary: a text of {} octets\n", canary.size());
    }
  }
  size_t begin = 0;
  while (begin < text.size()) {
    if (BeginsWithUuid(text.substr(begin))) {
      begin += kUuidOctets;
      continue;
    }
    size_t end = begin;
    while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
    if (end - begin >= least_digits &&
        numbers_.contains(std::string(text.substr(begin, end - begin)))) {
      ++found;
      fmt::print("canary: a number of {} digits\n", end - begin);
    }
    begin = end + 1;
  }
  return found;
}

Canaries CanariesOf(absl::CivilDay today, int64_t persons) {
  Canaries canaries;
  for (const synth::TestPerson& person : synth::TestPersons(today)) {
    canaries.AddNumber(person.individual_number);
    canaries.AddNumber(person.ask.number);
    for (const synth::InsurerRow& row : person.rows) AddRow(row.row, today, canaries);
    for (const synth::CardRecord& card : person.cards) AddCard(card, canaries);
  }
  synth::NationOptions options;
  options.persons = persons;
  options.today = today;
  const synth::Nation nation(options);
  for (int64_t i = 0; i < persons; ++i) {
    const synth::Person person = nation.MakePerson(i);
    canaries.AddNumber(person.individual_number);
    for (const synth::InsurerRow& row : person.rows) AddRow(row.row, today, canaries);
    for (const synth::CardRecord& card : person.cards) AddCard(card, canaries);
  }
  return canaries;
}

std::string AuditText(const std::string& socket_folder) {
  std::string text;
  for (const char* table :
       {"audit_event", "alarm", "request_outcome", "inquiry_count", "feed_finding"}) {
    const auto rows = dev::ChildProcess::Run(
        {"/usr/bin/psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", socket_folder, "-U",
         "postgres", "-d", "kakunin", "-c", fmt::format("SELECT t FROM kakunin.{} t", table)});
    if (!rows.ok()) throw std::runtime_error(fmt::format("cannot read {}", table));
    text += *rows;
  }
  return text;
}

}  // namespace kakunin::e2e

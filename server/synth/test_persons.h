#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "kakunin/v1/types.pb.h"
#include "server/synth/nation.h"

namespace kakunin::synth {

// TestAsk is what a clerk types to ask for a test person by number.
struct TestAsk {
  std::string insurer_number;
  std::string symbol;
  std::string number;
  std::string branch_number;  // empty: not typed
  absl::CivilDay birth_date;
};

// CardOutcome is what presenting the first card of a test person leads to.
struct CardOutcome {
  // UNSPECIFIED: the card is refused, see `refusal`.
  v1::CardVerdict verdict = v1::CARD_VERDICT_UNSPECIFIED;
  // The exact reason as in the audit, such as "REVOKED" (auth::CardReasonName), or "SUPERSEDED"
  // where the links decide; empty when not refused.
  std::string refusal;
  // UNSPECIFIED when the card leads to nobody.
  v1::Validity validity = v1::VALIDITY_UNSPECIFIED;
  int coverages = 0;
};

// TestPerson is one line of the documented table: a person made for one outcome. Identifiers are
// fixed, the same for every seed and size; days are relative to today. Expectations hold when asked
// on that day, for that day.
struct TestPerson {
  std::string id;           // "TP01", or "SD01" for the source documents' examples
  std::string description;  // what it shows, ja-JP
  std::string note;         // what was mended in the source document, ja-JP; mostly empty
  // Another line about the same person; that line has the rows and the cards.
  std::string same_person_as;
  std::string individual_number;
  TestAsk ask;
  std::string birth_date_text;  // for the document: fixed, or in words when relative
  v1::Validity by_number = v1::VALIDITY_UNSPECIFIED;
  std::vector<CardRecord> cards;        // the first one is the line's; empty: no card
  std::vector<std::string> card_texts;  // what each card is, ja-JP
  CardOutcome by_card;
  std::vector<InsurerRow> rows;
};

// TestPersons is the table: TP01 to TP30, then the examples of the source documents.
std::vector<TestPerson> TestPersons(absl::CivilDay today);

// FindTestPerson returns a line by its id, with the rows and cards of the person it is about. The
// id must be in the table.
TestPerson FindTestPerson(absl::CivilDay today, const std::string& id);

// TestPersonsDocument is the table as docs/test_persons.md shows it; it does not depend on a day.
std::string TestPersonsDocument();

}  // namespace kakunin::synth

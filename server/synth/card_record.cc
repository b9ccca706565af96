#include "server/synth/card_record.h"

#include <algorithm>

#include "auth/serial_number.h"
#include "domain/civil_day.h"
#include "server/synth/coverage_plan.h"
#include "server/synth/draw.h"

namespace kakunin::synth {
namespace {

// One running counter as the field has it; test persons' serials lie below.
constexpr uint64_t kFirstSerial = 0x08000000;
constexpr uint64_t kSerialsPerPerson = 4;

constexpr int kReasonKeyCompromise = 1;
constexpr int kReasonCessationOfOperation = 5;

std::string Octets(uint64_t value) {
  const auth::SerialNumber serial(value);
  return {reinterpret_cast<const char*>(serial.bytes().data()), serial.bytes().size()};
}

// The newest generation that issued on that day. A CA starts to issue some weeks after it was made.
int GenerationOf(absl::CivilDay issue_day, absl::CivilDay today) {
  return issue_day >= SameDayYearsBefore(today, 3) + 30 ? 3 : 2;
}

// Grace lasts to the end of the third month after the month of expiry (jpki.md 1.6).
bool InGrace(absl::CivilDay last_day, absl::CivilDay today) {
  return today > last_day && absl::CivilMonth(today) <= absl::CivilMonth(last_day) + 3;
}

CardState StateAt(const CardRecord& card, absl::CivilDay last_day, absl::CivilDay today) {
  if (today <= last_day) return CardState::kValid;
  return card.medium == v1::CARD_MEDIUM_CARD && InGrace(last_day, today) ? CardState::kInGrace
                                                                         : CardState::kExpired;
}

void Revoke(CardRecord& card, absl::CivilDay day, int reason) {
  card.state = CardState::kRevoked;
  card.revoked_at = std::max(StartOfDay(day), card.not_before);
  card.revocation_reason = reason;
}

class CardMaker {
 public:
  CardMaker(const NationOptions& options, const Household& household, size_t member)
      : options_(options),
        person_(household.first_person + static_cast<int64_t>(member)),
        birth_date_(household.members[member].birth_date),
        municipality_(household.home->code),
        draw_(options.seed, DrawStream::kCards, static_cast<uint64_t>(person_)) {}

  CardRecord Make(v1::CardMedium medium, absl::CivilDay issue_day, absl::CivilDay last_day) {
    CardRecord card;
    card.generation = GenerationOf(issue_day, options_.today);
    card.serial = kFirstSerial + static_cast<uint64_t>(person_) * kSerialsPerPerson + made_++;
    card.medium = medium;
    card.municipality_code = municipality_;
    card.key_index = draw_.Below(options_.key_pool_size);
    card.not_before = StartOfDay(issue_day);
    card.not_after = LastSecondOf(last_day);
    card.state = StateAt(card, last_day, options_.today);
    return card;
  }

  CardRecord MakeCard(absl::CivilDay issue_day) {
    return Make(v1::CARD_MEDIUM_CARD, issue_day, FifthBirthday(birth_date_, issue_day));
  }

  absl::CivilDay DrawIssueDay(int oldest) {
    const int lived = static_cast<int>(options_.today - birth_date_);
    return options_.today - draw_.Between(0, std::min(oldest, lived));
  }

  Draw& draw() { return draw_; }

 private:
  const NationOptions& options_;
  const int64_t person_;
  const absl::CivilDay birth_date_;
  const std::string municipality_;
  Draw draw_;
  uint64_t made_ = 0;
};

// A renewed card and the one before it: the old one is in a CRL for nearly everybody, and only in
// the links for some days after.
std::vector<CardRecord> Renewed(CardMaker& maker, absl::CivilDay today) {
  const absl::CivilDay renewed_on = today - maker.draw().Between(0, 300);
  CardRecord old = maker.MakeCard(renewed_on - maker.draw().Between(200, 1200));
  CardRecord card = maker.MakeCard(renewed_on);
  card.replaces_serial = old.serial;
  card.replaces_generation = old.generation;
  constexpr int kReasonSuperseded = 4;
  if (today - renewed_on > 20) {
    Revoke(old, renewed_on, kReasonSuperseded);
  } else {
    old.state = CardState::kSuperseded;
  }
  return {old, card};
}

}  // namespace

std::array<CertificatePeriod, kCardGenerations> CardAuthorityPeriods(absl::CivilDay today) {
  const auto period = [&](int begin_years_ago, absl::CivilDay last_day) {
    return CertificatePeriod{StartOfDay(SameDayYearsBefore(today, begin_years_ago)),
                             LastSecondOf(last_day)};
  };
  return {period(11, SameDayYearsBefore(today, 1) - 30), period(7, SameDayYearsBefore(today, -3)),
          period(3, SameDayYearsBefore(today, -7))};
}

absl::Time LastSecondOf(absl::CivilDay day) { return EndOfDay(day) - absl::Seconds(1); }

absl::CivilDay FifthBirthday(absl::CivilDay birth_date, absl::CivilDay issue_day) {
  const int next = AgeOn(birth_date, issue_day) + 1;
  return Birthday(birth_date, next + 4);
}

std::vector<CardRecord> CardsOf(const NationOptions& options, const Household& household,
                                size_t member) {
  CardMaker maker(options, household, member);
  Draw& draw = maker.draw();
  if (draw.PerMille(200)) return {};
  const bool grown = options.today - household.members[member].birth_date > 2000;
  std::vector<CardRecord> cards;
  if (grown && draw.PerMille(60)) {
    cards = Renewed(maker, options.today);
  } else {
    cards.push_back(maker.MakeCard(maker.DrawIssueDay(62 * 30)));
  }
  CardRecord& card = cards.back();
  const int fate = draw.Below(1000);
  if (const auto death = DeathDay(options, household, member)) {
    Revoke(card, *death + 1, kReasonCessationOfOperation);
  } else if (fate < 15) {
    Revoke(card, options.today - draw.Between(0, 300), kReasonKeyCompromise);
  } else if (cards.size() == 1 && card.state == CardState::kValid && fate < 120) {
    card.linked = false;
    card.state = CardState::kNotLinked;
  } else if (cards.size() == 1 && card.state == CardState::kValid && grown && fate < 124) {
    card.generation = 1;
    // Made in the last weeks of the first CA.
    const absl::CivilDay issue_day = SameDayYearsBefore(options.today, 1) - 60;
    card.not_before = StartOfDay(issue_day);
    card.not_after = LastSecondOf(FifthBirthday(household.members[member].birth_date, issue_day));
    card.state = CardState::kIssuerOver;
  } else if (card.state == CardState::kValid && grown && fate < 200) {
    // A phone's certificate lives no longer than the card's; some were issued to an older card.
    const v1::CardMedium medium = fate % 2 == 0 ? v1::CARD_MEDIUM_ANDROID : v1::CARD_MEDIUM_IPHONE;
    const absl::CivilDay card_issued = CivilDayAt(card.not_before);
    const bool over = draw.PerMille(80);
    const absl::CivilDay issued =
        over ? options.today - 500 : std::max(card_issued, options.today - draw.Below(400));
    cards.push_back(
        maker.Make(medium, issued, over ? options.today - 1 : CivilDayAt(cards.back().not_after)));
  }
  return cards;
}

v1::CardLink CardLinkOf(const CardRecord& card, const std::string& individual_number) {
  v1::CardLink link;
  link.set_issuer_key_id(Octets(static_cast<uint64_t>(card.generation)));
  link.set_serial(Octets(card.serial));
  link.set_medium(card.medium);
  link.set_individual_number(individual_number);
  if (card.replaces_serial != 0) {
    link.set_replaces_issuer_key_id(Octets(static_cast<uint64_t>(card.replaces_generation)));
    link.set_replaces_serial(Octets(card.replaces_serial));
  }
  return link;
}

}  // namespace kakunin::synth

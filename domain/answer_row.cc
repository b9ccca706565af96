#include "domain/answer_row.h"

#include <limits>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

constexpr int32_t kNoDay = std::numeric_limits<int32_t>::min();

// Little-endian, fixed width: the row is read a thousand times for each time it is written.
void PutInt(std::string& out, int32_t value) {
  const auto bits = static_cast<uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(bits >> shift));
}

void PutDay(std::string& out, const std::optional<absl::CivilDay>& day) {
  PutInt(out, day ? DayNumber(*day) : kNoDay);
}

void PutOctets(std::string& out, std::string_view octets) {
  PutInt(out, static_cast<int32_t>(octets.size()));
  out.append(octets);
}

// Cursor reads what the functions above wrote; after the first short read everything fails.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  int32_t Int() {
    const std::string_view octets = Take(4);
    if (octets.size() != 4) return 0;
    uint32_t bits = 0;
    for (int i = 3; i >= 0; --i) bits = bits << 8 | static_cast<uint8_t>(octets[i]);
    return static_cast<int32_t>(bits);
  }
  std::optional<absl::CivilDay> Day() {
    const int32_t number = Int();
    if (number == kNoDay) return std::nullopt;
    return DayFromNumber(number);
  }
  std::string_view Octets() {
    const int32_t size = Int();
    if (size < 0) ok_ = false;
    return Take(ok_ ? static_cast<size_t>(size) : 0);
  }
  std::string_view Take(size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  bool ok() const { return ok_; }
  size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

constexpr int32_t kMedicalAid = 1;
constexpr int32_t kUnregistered = 2;

void PutTicket(std::string& out, const TicketViews& ticket) {
  PutOctets(out, ticket.designated_facility_code);
  PutOctets(out, ticket.prescription_issuer_code);
  PutOctets(out, ticket.octets_for_designated);
  PutOctets(out, ticket.octets_for_issuer);
}

TicketViews TakeTicket(Cursor& in) {
  TicketViews ticket;
  ticket.designated_facility_code = in.Octets();
  ticket.prescription_issuer_code = in.Octets();
  ticket.octets_for_designated = in.Octets();
  ticket.octets_for_issuer = in.Octets();
  return ticket;
}

}  // namespace

std::string EncodeAnswerRow(std::span<const AnswerCoverage> coverages) {
  std::string out;
  PutInt(out, static_cast<int32_t>(coverages.size()));
  for (const AnswerCoverage& coverage : coverages) {
    out.append(reinterpret_cast<const char*>(coverage.key_without_branch.octets.data()), 16);
    PutDay(out, coverage.qualification_date);
    PutDay(out, coverage.disqualification_date);
    PutDay(out, coverage.certificate_valid_from);
    PutDay(out, coverage.certificate_valid_through);
    PutInt(out, (coverage.medical_aid ? kMedicalAid : 0) |
                    (coverage.medical_aid_unregistered ? kUnregistered : 0));
    PutOctets(out, coverage.octets);
    PutInt(out, static_cast<int32_t>(coverage.pieces.size()));
    for (const AnswerPiece& piece : coverage.pieces) {
      PutInt(out, static_cast<int32_t>(piece.kind));
      PutDay(out, piece.valid_from);
      PutDay(out, piece.valid_through);
      PutOctets(out, piece.octets);
      if (piece.kind == PieceKind::kMedicalTicket) PutTicket(out, piece.ticket);
    }
  }
  return out;
}

absl::StatusOr<std::vector<AnswerCoverage>> DecodeAnswerRow(std::string_view octets) {
  const auto broken = [] {
    return absl::DataLossError("answer row is not in the expected format");
  };
  Cursor in(octets);
  const int32_t count = in.Int();
  // A coverage takes at least 44 octets: refuse counts that cannot be, before reserving for them.
  if (!in.ok() || count < 0 || static_cast<size_t>(count) > octets.size() / 44) return broken();
  std::vector<AnswerCoverage> coverages(count);
  for (AnswerCoverage& coverage : coverages) {
    const std::string_view key = in.Take(16);
    if (!in.ok()) return broken();
    std::memcpy(coverage.key_without_branch.octets.data(), key.data(), key.size());
    const auto first = in.Day();
    if (!first) return broken();
    coverage.qualification_date = *first;
    coverage.disqualification_date = in.Day();
    coverage.certificate_valid_from = in.Day();
    coverage.certificate_valid_through = in.Day();
    const int32_t flags = in.Int();
    coverage.medical_aid = (flags & kMedicalAid) != 0;
    coverage.medical_aid_unregistered = (flags & kUnregistered) != 0;
    coverage.octets = in.Octets();
    const int32_t pieces = in.Int();
    if (!in.ok() || pieces < 0 || static_cast<size_t>(pieces) > in.left() / 16) return broken();
    coverage.pieces.resize(pieces);
    for (AnswerPiece& piece : coverage.pieces) {
      piece.kind = static_cast<PieceKind>(in.Int());
      piece.valid_from = in.Day();
      piece.valid_through = in.Day();
      piece.octets = in.Octets();
      if (piece.kind == PieceKind::kMedicalTicket) piece.ticket = TakeTicket(in);
    }
  }
  if (!in.ok() || in.left() != 0) return broken();
  return coverages;
}

}  // namespace kakunin

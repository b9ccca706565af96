#include "auth/crl_memory.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

#include "auth/card_verifier.h"

namespace kakunin::auth {
namespace {

constexpr char kFormat = 1;
constexpr char kSupersededFormat = 2;
constexpr int kVarintBits = 7;
constexpr int kMostVarintOctets = 10;

uint32_t Clamped(int64_t seconds) {
  constexpr int64_t kMost = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(std::clamp<int64_t>(seconds, 0, kMost));
}

// Grace tells of instants whether a certificate that ended by then can still be in grace. Many
// serials vanish at once, so the last answer is kept.
class Grace {
 public:
  explicit Grace(const CrlPartition& crl) : now_(absl::FromUnixSeconds(crl.this_update)) {}

  bool MayLast(uint32_t until) {
    if (until != until_) {
      until_ = until;
      may_last_ = GraceEnd(absl::FromUnixSeconds(until)) > now_;
    }
    return may_last_;
  }

 private:
  absl::Time now_;
  int64_t until_ = -1;
  bool may_last_ = false;
};

// Carry builds the former serials of one kind anew, in their order: those of before that still
// count, and those that have just vanished. What counts no more goes to `forgotten`.
template <typename Serial>
void Carry(FormerList<Serial>& former, const std::vector<Serial>& before,
           const std::vector<Serial>& listed, const CrlPartition& crl,
           std::vector<ForgottenSerial>* forgotten) {
  std::vector<Serial> vanished;
  std::ranges::set_difference(before, listed, std::back_inserter(vanished));
  Grace grace(crl);
  FormerList<Serial> next;
  const auto keep = [&](const Serial& serial, uint32_t until) {
    if (!grace.MayLast(until)) {
      if (forgotten != nullptr) forgotten->push_back({SerialNumber(serial), until});
      return;
    }
    next.serials.push_back(serial);
    next.until.push_back(until);
  };
  size_t old = 0;
  const auto keep_old = [&] {
    if (!std::ranges::binary_search(listed, former.serials[old])) {
      keep(former.serials[old], former.until[old]);
    }
    ++old;
  };
  for (const Serial& serial : vanished) {
    while (old < former.serials.size() && former.serials[old] < serial) keep_old();
    if (old < former.serials.size() && former.serials[old] == serial) ++old;
    keep(serial, Clamped(crl.next_update));
  }
  while (old < former.serials.size()) keep_old();
  next.serials.shrink_to_fit();
  next.until.shrink_to_fit();
  former = std::move(next);
}

template <typename Serial>
void Unite(std::vector<Serial>& serials, const std::vector<Serial>& others) {
  std::vector<Serial> all;
  all.reserve(serials.size() + others.size());
  std::ranges::set_union(serials, others, std::back_inserter(all));
  all.shrink_to_fit();
  serials = std::move(all);
}

void PutVarint(uint64_t value, std::string& out) {
  while (value >> kVarintBits != 0) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= kVarintBits;
  }
  out.push_back(static_cast<char>(value));
}

// Numbers go as the difference to the one before, longer serials as they are.
void PutSerials(const std::vector<uint64_t>& serials, std::string& out) {
  PutVarint(serials.size(), out);
  uint64_t before = 0;
  for (const uint64_t serial : serials) PutVarint(serial - std::exchange(before, serial), out);
}

void PutSerials(const std::vector<SerialNumber>& serials, std::string& out) {
  PutVarint(serials.size(), out);
  for (const SerialNumber& serial : serials) {
    out.push_back(static_cast<char>(serial.bytes().size()));
    out.append(serial.bytes().begin(), serial.bytes().end());
  }
}

template <typename Serial>
void PutFormer(const FormerList<Serial>& former, std::string& out) {
  PutSerials(former.serials, out);
  for (const uint32_t until : former.until) PutVarint(until, out);
}

// MemoryReader reads what the functions above wrote; after the first fault everything is empty.
class MemoryReader {
 public:
  explicit MemoryReader(std::string_view octets) : left_(octets) {}

  bool Finished() const { return good_ && left_.empty(); }

  uint64_t Varint() {
    uint64_t value = 0;
    for (int i = 0; i < kMostVarintOctets && !left_.empty(); ++i) {
      const auto octet = static_cast<uint8_t>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<uint64_t>(octet & 0x7f) << (i * kVarintBits);
      if ((octet & 0x80) == 0) return value;
    }
    good_ = false;
    return 0;
  }

  void Serials(std::vector<uint64_t>& out) {
    const size_t count = Count();
    out.reserve(count);
    uint64_t serial = 0;
    for (size_t i = 0; i < count && good_; ++i) {
      const uint64_t step = Varint();
      good_ = good_ && step > 0 && serial + step > serial;  // sorted, each once
      serial += step;
      out.push_back(serial);
    }
  }

  void Serials(std::vector<SerialNumber>& out) {
    const size_t count = Count();
    for (size_t i = 0; i < count && good_; ++i) {
      const size_t size = left_.empty() ? 0 : static_cast<uint8_t>(left_.front());
      good_ = size > sizeof(uint64_t) && left_.size() > size;
      if (!good_) return;
      const auto serial = SerialNumber::FromBigEndian(
          std::span(reinterpret_cast<const uint8_t*>(left_.data()) + 1, size));
      good_ = serial && serial->bytes().size() == size && (out.empty() || out.back() < *serial);
      if (good_) out.push_back(*serial);
      left_.remove_prefix(1 + size);
    }
  }

  template <typename Serial>
  void Former(FormerList<Serial>& out) {
    Serials(out.serials);
    out.until.reserve(out.serials.size());
    for (size_t i = 0; i < out.serials.size() && good_; ++i) out.until.push_back(Clamped(Signed()));
  }

  int64_t Signed() {
    const uint64_t value = Varint();
    good_ = good_ && value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    return static_cast<int64_t>(value);
  }

 private:
  // Every element takes an octet at least: a count that cannot be reserves nothing.
  size_t Count() {
    const uint64_t count = Varint();
    good_ = good_ && count <= left_.size();
    return good_ ? static_cast<size_t>(count) : 0;
  }

  std::string_view left_;
  bool good_ = true;
};

}  // namespace

CrlMemory Remember(CrlMemory memory, const CrlPartition& crl,
                   std::vector<ForgottenSerial>* forgotten) {
  if (crl.this_update < memory.this_update) return memory;
  Carry(memory.former.serials, memory.serials, crl.serials, crl, forgotten);
  Carry(memory.former.long_serials, memory.long_serials, crl.long_serials, crl, forgotten);
  memory.this_update = crl.this_update;
  memory.serials = crl.serials;
  memory.long_serials = crl.long_serials;
  return memory;
}

bool IsRolledBack(const CrlPartition& crl, const CrlMemory& memory, absl::Time now) {
  return crl.this_update < memory.this_update && absl::FromUnixSeconds(memory.this_update) <= now;
}

void Complete(CrlPartition& crl, const CrlMemory& memory) {
  Unite(crl.serials, memory.serials);
  Unite(crl.long_serials, memory.long_serials);
  crl.former = memory.former;
}

SerialSet StillSuperseded(const SerialSet& before, const CrlPartition& crl) {
  const auto join = [](const auto& earlier, const auto& former, const auto& listed, auto& out) {
    std::remove_cvref_t<decltype(out)> vanished;
    std::ranges::set_intersection(earlier, former.serials, std::back_inserter(vanished));
    std::ranges::set_union(vanished, listed, std::back_inserter(out));
    out.shrink_to_fit();
  };
  SerialSet superseded;
  join(before.serials, crl.former.serials, crl.superseded.serials, superseded.serials);
  join(before.long_serials, crl.former.long_serials, crl.superseded.long_serials,
       superseded.long_serials);
  return superseded;
}

std::string SupersededPointOf(std::string_view partition) {
  return std::string(partition) + "superseded";
}

std::string EncodeSuperseded(const SupersededMemory& memory) {
  if (memory.serials.empty()) return {};
  std::string out(1, kSupersededFormat);
  PutVarint(static_cast<uint64_t>(std::max<int64_t>(memory.this_update, 0)), out);
  PutSerials(memory.serials.serials, out);
  PutSerials(memory.serials.long_serials, out);
  return out;
}

std::optional<SupersededMemory> DecodeSuperseded(std::string_view octets) {
  SupersededMemory memory;
  if (octets.empty()) return memory;
  if (octets.front() != kSupersededFormat) return std::nullopt;
  MemoryReader reader(octets.substr(1));
  memory.this_update = reader.Signed();
  reader.Serials(memory.serials.serials);
  reader.Serials(memory.serials.long_serials);
  if (!reader.Finished()) return std::nullopt;
  return memory;
}

std::string EncodeCrlMemory(const CrlMemory& memory) {
  std::string out(1, kFormat);
  PutVarint(static_cast<uint64_t>(std::max<int64_t>(memory.this_update, 0)), out);
  PutSerials(memory.serials, out);
  PutSerials(memory.long_serials, out);
  PutFormer(memory.former.serials, out);
  PutFormer(memory.former.long_serials, out);
  return out;
}

std::optional<CrlMemory> DecodeCrlMemory(std::string_view octets) {
  if (octets.empty() || octets.front() != kFormat) return std::nullopt;
  MemoryReader reader(octets.substr(1));
  CrlMemory memory;
  memory.this_update = reader.Signed();
  reader.Serials(memory.serials);
  reader.Serials(memory.long_serials);
  reader.Former(memory.former.serials);
  reader.Former(memory.former.long_serials);
  if (!reader.Finished()) return std::nullopt;
  return memory;
}

}  // namespace kakunin::auth

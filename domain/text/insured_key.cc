#include "domain/text/insured_key.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace kakunin {
namespace {

constexpr char kFormat = 1;

// Writes into a buffer that is known to be large enough.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}

  void Byte(char byte) { *at_++ = byte; }

  void Fixed(std::string_view bytes) { at_ = std::copy(bytes.begin(), bytes.end(), at_); }

  // At most 20 characters of at most 18 NFKC code points each: two bytes hold the length.
  void Sized(std::string_view bytes) {
    Byte(static_cast<char>(bytes.size() >> 8));
    Byte(static_cast<char>(bytes.size()));
    Fixed(bytes);
  }

  void BigEndian64(uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) Byte(static_cast<char>(value >> shift));
  }

 private:
  char* at_;
};

}  // namespace

void AppendCanonicalBytes(const InsuredKey& key, bool with_branch, std::string& out) {
  const std::string_view branch =
      with_branch && key.branch.has_value() ? key.branch->Reveal() : std::string_view();
  const std::string_view symbol = key.symbol.RevealFolded();
  const std::string_view number = key.number.RevealFolded();
  const size_t start = out.size();
  out.resize(start + 1 + InsurerNumber::kLength + 8 + 1 + branch.size() + 2 + symbol.size() + 2 +
             number.size());
  Writer writer(out.data() + start);
  writer.Byte(kFormat);
  writer.Fixed(key.insurer.Digits());
  writer.BigEndian64(static_cast<uint64_t>(key.birth_date - absl::CivilDay(1970, 1, 1)));
  writer.Byte(static_cast<char>(branch.size()));
  writer.Fixed(branch);
  writer.Sized(symbol);
  writer.Sized(number);
}

std::string CanonicalBytes(const InsuredKey& key, bool with_branch) {
  std::string bytes;
  AppendCanonicalBytes(key, with_branch, bytes);
  return bytes;
}

}  // namespace kakunin

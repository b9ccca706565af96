#include "domain/text/normalise.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <array>
#include <stdexcept>

namespace kakunin {
namespace {

constexpr char32_t kFirstRadical = 0x2E80;
constexpr char32_t kLongVowelMark = 0x30FC;

// One ideograph for each of U+2E80-2EF3, the last that is assigned; a radical that stands for no
// ideograph is itself.
constexpr std::u32string_view kRadicals =
    U"\U00002E80厂乛乚乙亻冂𠘨刀刂卜㔾小尐兀尣"  // 2E80
    U"尢𡯂巳幺彑彐忄心扌攵\U00002E9A旡日月歺母"  // 2E90
    U"民氵氺灬爫爬丬牛犭王𤴔目示礻𥫗糹"          // 2EA0
    U"纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艺"          // 2EB0
    U"艻虎衤覀西见角𧢲讠贝𧾷车辶辷辸邑"          // 2EC0
    U"钅長镸长门𨸏阝雨青韦页风飞食𩙿飠"          // 2ED0
    U"饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜"          // 2EE0
    U"龙龜亀龟";                                 // 2EF0
static_assert(kRadicals.size() == 0x2EF4 - kFirstRadical);

// What the ASCII path does with a byte, beside writing what stands in the table.
constexpr unsigned char kDrop = 0;
constexpr unsigned char kRefuse = 1;
constexpr unsigned char kNotAscii = 2;

constexpr bool IsAsciiWhiteSpace(unsigned char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

constexpr std::array<unsigned char, 256> MakeAsciiTable() {
  std::array<unsigned char, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    const auto byte = static_cast<unsigned char>(i);
    if (byte >= 0x80) {
      table[i] = kNotAscii;
    } else if (IsAsciiWhiteSpace(byte)) {
      table[i] = kDrop;
    } else if (byte < 0x20 || byte == 0x7F) {
      table[i] = kRefuse;
    } else {
      table[i] = byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte;
    }
  }
  return table;
}
constexpr std::array<unsigned char, 256> kAsciiTable = MakeAsciiTable();

const icu::Normalizer2& Nfkc() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status)) throw std::runtime_error("ICU has no NFKC data");
  return *nfkc;
}

icu::UnicodeString ToNfkc(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString normalised = Nfkc().normalize(text, status);
  if (U_FAILURE(status)) throw std::runtime_error("ICU failed to normalise");
  return normalised;
}

// Decodes into `out` what NFKC is to see; false for malformed UTF-8 and control characters.
bool DecodeForNfkc(std::string_view utf8, icu::UnicodeString& out) {
  const auto size = static_cast<int32_t>(utf8.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(utf8.data(), i, size, c);
    if (c < 0) return false;
    if (u_isUWhiteSpace(c)) continue;
    if (u_charType(c) == U_CONTROL_CHAR) return false;
    // Before NFKC, so that a selector between a kana and its mark does not keep them apart.
    if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) continue;
    if (c == 0x309B) c = 0x3099;
    if (c == 0x309C) c = 0x309A;
    out.append(static_cast<UChar32>(FoldCjkRadical(static_cast<char32_t>(c))));
  }
  return true;
}

UChar32 FoldCharacter(UChar32 c) {
  if (IsHyphenLike(static_cast<char32_t>(c)) || c == static_cast<UChar32>(kLongVowelMark)) {
    return '-';
  }
  return u_toupper(c);
}

std::optional<std::string> FoldBeyondAscii(std::string_view utf8) {
  icu::UnicodeString decoded;
  if (utf8.size() > INT32_MAX || !DecodeForNfkc(utf8, decoded)) return std::nullopt;
  const icu::UnicodeString normalised = ToNfkc(decoded);
  icu::UnicodeString folded;
  for (int32_t i = 0; i < normalised.length(); i = normalised.moveIndex32(i, 1)) {
    const UChar32 c = normalised.char32At(i);
    // NFKC makes spaces out of spacing accents.
    if (!u_isUWhiteSpace(c)) folded.append(FoldCharacter(c));
  }
  std::string result;
  // Again, because dropping a space can bring a letter and an accent together.
  ToNfkc(folded).toUTF8String(result);
  return result;
}

}  // namespace

std::optional<std::string> FoldForSearch(std::string_view utf8) {
  std::string folded(utf8.size(), '\0');
  size_t length = 0;
  for (const char ch : utf8) {
    const unsigned char mapped = kAsciiTable[static_cast<unsigned char>(ch)];
    if (mapped > kNotAscii) {
      folded[length++] = static_cast<char>(mapped);
    } else if (mapped == kNotAscii) {
      return FoldBeyondAscii(utf8);
    } else if (mapped == kRefuse) {
      return std::nullopt;
    }
  }
  folded.resize(length);
  return folded;
}

std::string_view TrimWhiteSpace(std::string_view utf8) {
  constexpr std::string_view kIdeographicSpace = "\u3000";
  for (;;) {
    if (utf8.empty()) return utf8;
    if (IsAsciiWhiteSpace(static_cast<unsigned char>(utf8.front()))) {
      utf8.remove_prefix(1);
    } else if (IsAsciiWhiteSpace(static_cast<unsigned char>(utf8.back()))) {
      utf8.remove_suffix(1);
    } else if (utf8.starts_with(kIdeographicSpace)) {
      utf8.remove_prefix(kIdeographicSpace.size());
    } else if (utf8.ends_with(kIdeographicSpace)) {
      utf8.remove_suffix(kIdeographicSpace.size());
    } else {
      return utf8;
    }
  }
}

bool IsHyphenLike(char32_t code_point) {
  switch (code_point) {
    case U'-':
    case 0x02D7:  // Modifier letter minus.
    case 0x2010:  // Hyphen.
    case 0x2011:  // Non-breaking hyphen.
    case 0x2012:  // Figure dash.
    case 0x2013:  // En dash.
    case 0x2014:  // Em dash.
    case 0x2015:  // Horizontal bar, what CP932 makes of JIS's em dash.
    case 0x2043:  // Hyphen bullet.
    case 0x2212:  // Minus sign, what JIS tables make of the full-width one.
    case 0x2500:  // Box drawing, found under the same key of Japanese input methods.
    case 0x2501:
    case 0xFE58:  // Small em dash.
    case 0xFE63:  // Small hyphen-minus.
    case 0xFF0D:  // Full-width hyphen-minus.
      return true;
    default:
      return false;
  }
}

char32_t FoldCjkRadical(char32_t code_point) {
  const char32_t index = code_point - kFirstRadical;
  return index < kRadicals.size() ? kRadicals[index] : code_point;
}

}  // namespace kakunin

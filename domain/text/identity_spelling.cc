#include "domain/text/identity_spelling.h"

#include <unicode/utf8.h>

#include <array>
#include <cstdint>

#include "domain/text/jis_variants.h"
#include "domain/text/kanji_variants.h"
#include "domain/text/normalise.h"

namespace kakunin {
namespace {

std::optional<std::u32string> Folded(std::string_view utf8) {
  const std::optional<std::string> folded = FoldForSearch(utf8);
  if (!folded) return std::nullopt;
  std::u32string text;
  text.reserve(folded->size());
  const auto size = static_cast<int32_t>(folded->size());
  for (int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(folded->data(), i, size, c);
    if (c < 0) return std::nullopt;
    text += static_cast<char32_t>(c);
  }
  return text;
}

std::string ToUtf8(std::u32string_view text) {
  std::string utf8;
  utf8.reserve(text.size() * 3);
  for (const char32_t c : text) {
    std::array<char, U8_MAX_LENGTH> octets{};
    int32_t length = 0;
    U8_APPEND_UNSAFE(octets.data(), length, c);
    utf8.append(octets.data(), static_cast<size_t>(length));
  }
  return utf8;
}

char32_t OneShape(char32_t c) {
  const char32_t variant = JisVariant(c);
  return UsualKanji(variant == 0 ? c : variant);
}

// One entry for each of U+30A1 (ァ) to U+30F6 (ヶ): the letter as it is compared, and its vowel.
constexpr char32_t kFirstKana = 0x30A1;
constexpr std::u32string_view kPlainKana =
    U"アアイイウウエエオオカガキギクグケゲコゴサザシジスズセゼソゾタダチジツツズテデトド"
    U"ナニヌネノハバパヒビピフブプヘベペホボポマミムメモヤヤユユヨヨラリルレロワワイエオンヴカケ";
constexpr std::u32string_view kVowels =
    U"アアイイウウエエオオアアイイウウエエオオアアイイウウエエオオアアイイウウウエエオオ"
    U"アイウエオアアアイイイウウウエエエオオオアイウエオアアウウオオアイウエオアアイエオンウアエ";
static_assert(kPlainKana.size() == 0x30F6 - kFirstKana + 1);
static_assert(kVowels.size() == kPlainKana.size());

// PlainKana is a kana as it is compared; 0: no kana.
char32_t PlainKana(char32_t c) {
  if (c >= 0x3041 && c <= 0x3096) c += 0x60;  // hiragana
  const char32_t index = c - kFirstKana;
  return index < kPlainKana.size() ? kPlainKana[index] : 0;
}

char32_t VowelOf(char32_t plain) { return kVowels[plain - kFirstKana]; }

bool IsDigit(char32_t c) { return c >= U'0' && c <= U'9'; }

int KanjiDigit(char32_t c) {
  constexpr std::u32string_view kDigits = U"〇一二三四五六七八九";
  const size_t found = kDigits.find(c);
  return found == std::u32string_view::npos ? -1 : static_cast<int>(found);
}

int KanjiUnit(char32_t c) { return c == U'十' ? 10 : c == U'百' ? 100 : c == U'千' ? 1000 : 0; }

// TakeKanjiNumber reads a number at the front of `text`, and how many characters it has; 0: none.
int TakeKanjiNumber(std::u32string_view text, size_t& length) {
  int sum = 0;
  int digits = -1;
  for (length = 0; length < text.size() && length < 8; ++length) {
    if (const int digit = KanjiDigit(text[length]); digit >= 0) {
      digits = digits < 0 ? digit : digits * 10 + digit;
    } else if (const int unit = KanjiUnit(text[length]); unit != 0) {
      sum += (digits < 0 ? 1 : digits) * unit;
      digits = -1;
    } else {
      break;
    }
  }
  return digits < 0 ? sum : sum + digits;
}

// The length of what stands behind the number of a block, a lot or a room; 0: nothing of the kind.
// 番町 is part of a place's name.
size_t MarkerLength(std::u32string_view text) {
  for (const std::u32string_view marker : {U"丁目", U"番地", U"号室"}) {
    if (text.starts_with(marker)) return marker.size();
  }
  if (text.starts_with(U"番町")) return 0;
  return text.starts_with(U'番') || text.starts_with(U'号') ? 1 : 0;
}

bool IsNumbered(std::u32string_view behind) {
  return MarkerLength(behind) != 0 || behind.starts_with(U'条') || behind.starts_with(U'線');
}

char32_t OneLetterOfPlace(char32_t c) {
  switch (c) {
    case U'が':
    case U'ガ':
    case U'ヶ':
    case U'ヵ':
    case U'カ':
    case U'か':
    case U'け':
      return U'ケ';
    case U'の':
    case U'之':
      return U'ノ';
    case U'つ':
    case U'っ':
    case U'ッ':
      return U'ツ';
    default:
      return OneShape(c);
  }
}

std::u32string_view WithoutPrefecture(std::u32string_view text) {
  constexpr std::u32string_view kEnds = U"都道府県";
  if (text.size() > 3 && kEnds.find(text[2]) != std::u32string_view::npos) return text.substr(3);
  if (text.size() > 4 && text[3] == U'県') return text.substr(4);
  return text;
}

// AddressSpeller writes an address as it is compared: a hyphen stands between two numbers only.
class AddressSpeller {
 public:
  explicit AddressSpeller(std::u32string_view left) : left_(left) {}

  std::u32string Spell() {
    while (!left_.empty()) Step();
    return std::move(out_);
  }

 private:
  void Step() {
    const bool behind_number = !out_.empty() && IsDigit(out_.back());
    const char32_t c = left_.front();
    if (c == U'-') return Separate(1);
    if (left_.starts_with(U"大字")) return Drop(2);
    if (c == U'字') return Drop(1);
    if (behind_number) {
      if (const size_t marker = MarkerLength(left_); marker != 0) return Separate(marker);
      if (c == U'ノ' && left_.size() > 1 && IsDigit(left_[1])) return Separate(1);
    }
    size_t length = 0;
    const int number = TakeKanjiNumber(left_, length);
    if (length != 0 && IsNumbered(left_.substr(length))) {
      for (const char digit : std::to_string(number)) Put(static_cast<char32_t>(digit));
      return Drop(length);
    }
    Put(c);
    Drop(1);
  }
  void Drop(size_t length) { left_.remove_prefix(length); }
  void Separate(size_t length) {
    separated_ = true;
    Drop(length);
  }
  void Put(char32_t c) {
    if (separated_ && IsDigit(c) && !out_.empty() && IsDigit(out_.back())) out_ += U'-';
    separated_ = false;
    out_ += c;
  }

  std::u32string_view left_;
  std::u32string out_;
  bool separated_ = false;
};

}  // namespace

std::optional<std::string> SpellName(std::string_view utf8) {
  std::optional<std::u32string> text = Folded(utf8);
  if (!text) return std::nullopt;
  for (char32_t& c : *text) c = OneShape(c);
  return ToUtf8(*text);
}

std::optional<std::string> SpellKana(std::string_view utf8) {
  const std::optional<std::u32string> text = Folded(utf8);
  if (!text) return std::nullopt;
  std::u32string spelled;
  char32_t before = 0;  // the kana before, 0: something else
  for (const char32_t c : *text) {
    if (c == U'・') continue;
    char32_t kana = PlainKana(c);
    if (c == U'-' && before != 0) {
      kana = VowelOf(before);
    } else if (before != 0 && kana == U'ウ' && VowelOf(before) == U'オ') {
      kana = U'オ';
    } else if (before != 0 && kana == U'イ' && VowelOf(before) == U'エ') {
      kana = U'エ';
    }
    spelled += kana == 0 ? c : kana;
    before = kana;
  }
  return ToUtf8(spelled);
}

std::optional<std::string> SpellAddress(std::string_view utf8) {
  std::optional<std::u32string> text = Folded(utf8);
  if (!text) return std::nullopt;
  for (char32_t& c : *text) c = OneLetterOfPlace(c);
  return ToUtf8(AddressSpeller(WithoutPrefecture(*text)).Spell());
}

}  // namespace kakunin

#include "domain/text/person_name.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <bitset>
#include <memory>
#include <stdexcept>

#include "domain/text/jis_variants.h"
#include "domain/text/normalise.h"

namespace kakunin {
namespace {

constexpr UChar32 kGetaMark = 0x3013;  // 〓, what a printer set for a type it did not have.

void Require(UErrorCode status, const char* what) {
  if (U_FAILURE(status)) throw std::runtime_error(what);
}

// The code points that may stand in a JisSafeName.
using SafeSet = std::bitset<0x10000>;

SafeSet MakeSafeSet() {
  // Every cell of the standard's rows (1-8 and 16-84), decoded. Row 13 is NEC's, not the
  // standard's.
  std::string cells = "\x1B$B";
  for (char row = 1; row <= 84; ++row) {
    if (row >= 9 && row <= 15) continue;
    for (char column = 1; column <= 94; ++column) {
      cells += static_cast<char>(row + 0x20);
      cells += static_cast<char>(column + 0x20);
    }
  }
  UErrorCode status = U_ZERO_ERROR;
  const icu::LocalUConverterPointer converter(ucnv_open("ISO-2022-JP", &status));
  Require(status, "ICU has no ISO-2022-JP");
  const icu::UnicodeString decoded(cells.data(), static_cast<int32_t>(cells.size()),
                                   converter.getAlias(), status);
  Require(status, "ICU cannot decode JIS X 0208");

  SafeSet safe;
  for (int32_t i = 0; i < decoded.length(); ++i) safe.set(decoded.charAt(i));
  safe.reset(0xFFFD);  // What an empty cell decodes to.
  for (size_t c = 0x20; c <= 0x7E; ++c) safe.set(c);
  // One JIS cell, two code points: ICU knows the one, CP932 or other tables the other.
  for (const char32_t c : std::u32string_view(U"～〜∥‖－−￠¢￡£￢¬—―")) safe.set(c);
  return safe;
}

bool IsSafe(UChar32 c) {
  static const SafeSet safe = MakeSafeSet();
  return c >= 0 && c < static_cast<UChar32>(safe.size()) && safe[static_cast<size_t>(c)];
}

bool IsSafe(const icu::UnicodeString& text) {
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    if (!IsSafe(text.char32At(i))) return false;
  }
  return true;
}

bool IsSafe(std::string_view utf8) {
  const auto size = static_cast<int32_t>(utf8.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(utf8.data(), i, size, c);
    if (!IsSafe(c)) return false;
  }
  return true;
}

using NormaliserGetter = const icu::Normalizer2*(UErrorCode&);

icu::UnicodeString Normalise(NormaliserGetter get, const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normaliser = get(status);
  Require(status, "ICU has no normalisation data");
  icu::UnicodeString normalised = normaliser->normalize(text, status);
  Require(status, "ICU failed to normalise");
  return normalised;
}

icu::UnicodeString FromUtf8(std::string_view utf8) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
}

std::string ToUtf8(const icu::UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

// Half-width kana become full-width with combining marks, then everything is composed: a mark
// joins the kana before it whatever the width of either.
icu::UnicodeString Compose(const icu::UnicodeString& text) {
  icu::UnicodeString wide;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) continue;
    if (c >= 0xFF61 && c <= 0xFF9F) {
      wide.append(Normalise(icu::Normalizer2::getNFKCInstance, icu::UnicodeString(c)));
    } else {
      wide.append(c);
    }
  }
  return Normalise(icu::Normalizer2::getNFCInstance, wide);
}

void AppendSafe(UChar32 c, icu::UnicodeString& out) {
  if (IsSafe(c)) {
    out.append(c);
    return;
  }
  if (c == 0x3099 || c == 0x309A) {  // A sound mark that nothing before it could take.
    out.append(static_cast<UChar32>(c == 0x3099 ? 0x309B : 0x309C));
    return;
  }
  const auto unified = static_cast<UChar32>(FoldCjkRadical(static_cast<char32_t>(c)));
  if (unified != c) return AppendSafe(unified, out);
  if (const char32_t variant = JisVariant(static_cast<char32_t>(c)); variant != 0) {
    out.append(static_cast<UChar32>(variant));
    return;
  }
  if (IsHyphenLike(static_cast<char32_t>(c))) {
    out.append(static_cast<UChar32>('-'));
    return;
  }
  const icu::UnicodeString plain =
      Normalise(icu::Normalizer2::getNFKCInstance, icu::UnicodeString(c));
  if (IsSafe(plain)) {
    out.append(plain);
    return;
  }
  const UChar32 base =
      Normalise(icu::Normalizer2::getNFKDInstance, icu::UnicodeString(c)).char32At(0);
  out.append(base < 0x80 && u_isalpha(base) ? base : kGetaMark);
}

const icu::Transliterator& HalfWidthKana() {
  // Made once and shared: ICU documents transliterators as stateless (unicode/translit.h).
  static const std::unique_ptr<const icu::Transliterator> transliterator = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<const icu::Transliterator> made(icu::Transliterator::createInstance(
        "Hiragana-Katakana; Fullwidth-Halfwidth", UTRANS_FORWARD, status));
    Require(status, "ICU has no kana transliterator");
    return made;
  }();
  return *transliterator;
}

// What the transliterator leaves full-width although NameKana must be half-width throughout.
UChar32 BeforeHalfWidth(UChar32 c) {
  switch (c) {
    case 0x3090:  // ゐ
    case 0x30F0:  // ヰ
      return 0x30A4;
    case 0x3091:  // ゑ
    case 0x30F1:  // ヱ
      return 0x30A8;
    case 0x308E:  // ゎ
    case 0x30EE:  // ヮ
      return 0x30EF;
    case 0x3095:  // ゕ
    case 0x30F5:  // ヵ
      return 0x30AB;
    case 0x3096:  // ゖ
    case 0x30F6:  // ヶ
      return 0x30B1;
    case 0x3099:
    case 0x309B:
      return 0xFF9E;
    case 0x309A:
    case 0x309C:
      return 0xFF9F;
    default:
      return IsHyphenLike(static_cast<char32_t>(c)) ? '-' : c;
  }
}

}  // namespace

JisSafeName ToJisX0208(std::string_view utf8) {
  if (IsSafe(utf8)) return {.text = std::string(utf8), .replaced = false};
  const icu::UnicodeString composed = Compose(FromUtf8(utf8));
  icu::UnicodeString safe;
  for (int32_t i = 0; i < composed.length(); i = composed.moveIndex32(i, 1)) {
    AppendSafe(composed.char32At(i), safe);
  }
  return {.text = ToUtf8(safe), .replaced = true};
}

std::string ToHalfWidthKana(std::string_view utf8) {
  const icu::UnicodeString composed = Normalise(icu::Normalizer2::getNFCInstance, FromUtf8(utf8));
  icu::UnicodeString text;
  for (int32_t i = 0; i < composed.length(); i = composed.moveIndex32(i, 1)) {
    text.append(BeforeHalfWidth(composed.char32At(i)));
  }
  HalfWidthKana().transliterate(text);
  return ToUtf8(text);
}

}  // namespace kakunin

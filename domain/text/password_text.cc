#include "domain/text/password_text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <stdexcept>

namespace kakunin {
namespace {

bool Decode(std::string_view utf8, icu::UnicodeString& out) {
  if (utf8.size() > INT32_MAX) return false;
  const auto size = static_cast<int32_t>(utf8.size());
  for (int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(utf8.data(), i, size, c);
    if (c < 0 || u_charType(c) == U_CONTROL_CHAR) return false;
    out.append(c);
  }
  return true;
}

}  // namespace

std::optional<PasswordText> ReadPassword(std::string_view utf8) {
  icu::UnicodeString decoded;
  if (!Decode(utf8, decoded)) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status)) throw std::runtime_error("ICU has no NFKC data");
  icu::UnicodeString normalised = nfkc->normalize(decoded, status);
  if (U_FAILURE(status)) throw std::runtime_error("ICU failed to normalise");
  PasswordText text;
  text.characters = static_cast<size_t>(normalised.countChar32());
  normalised.toUTF8String(text.utf8);
  normalised.foldCase().toUTF8String(text.folded);
  return text;
}

}  // namespace kakunin

#include "domain/text/cp932.h"

#include <unicode/ucnv.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>

namespace kakunin {
namespace {

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

// The table of Windows; ICU knows Shift_JIS in several others, which differ in 5C, 7E and 8160.
Converter OpenCp932() {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open("ibm-943_P15A-2003", &error));
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  if (U_FAILURE(error)) converter.reset();
  return converter;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::optional<std::string> Utf8FromCp932(std::string_view octets) {
  if (IsAscii(octets)) return std::string(octets);
  thread_local const Converter converter = OpenCp932();
  if (converter == nullptr) return std::nullopt;
  // No octet makes more than one UTF-16 unit, and no unit more than three octets of UTF-8.
  std::u16string units(octets.size(), u'\0');
  UErrorCode error = U_ZERO_ERROR;
  ucnv_reset(converter.get());
  const int32_t count =
      ucnv_toUChars(converter.get(), units.data(), static_cast<int32_t>(units.size()),
                    octets.data(), static_cast<int32_t>(octets.size()), &error);
  if (U_FAILURE(error)) return std::nullopt;
  std::string utf8(static_cast<size_t>(count) * 3, '\0');
  int32_t length = 0;
  u_strToUTF8(utf8.data(), static_cast<int32_t>(utf8.size()), &length, units.data(), count, &error);
  if (U_FAILURE(error)) return std::nullopt;
  utf8.resize(static_cast<size_t>(length));
  return utf8;
}

bool IsWellFormedUtf8(std::string_view text) {
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < length;) {
    UChar32 character = 0;
    U8_NEXT(text.data(), at, length, character);
    if (character < 0) return false;
  }
  return true;
}

}  // namespace kakunin

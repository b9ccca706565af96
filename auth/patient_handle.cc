#include "auth/patient_handle.h"

#include <cstring>

#include "auth/digest.h"
#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

constexpr uint8_t kFormat = 1;
constexpr size_t kTagOctets = 16;
constexpr size_t kPlainOctets = 16 + 8;
constexpr size_t kHandleOctets = 1 + kTagOctets + kPlainOctets;
constexpr uint8_t kViewFormat = 2;
constexpr size_t kViewPlainOctets = 3 * 16 + 1 + 8;
constexpr size_t kViewOctets = 1 + kTagOctets + kViewPlainOctets;

}  // namespace

PatientHandleKey::PatientHandleKey(std::span<const uint8_t> key)
    : key_(key, "kakunin patient handle"), views_(key, "kakunin abnormal times view") {}

std::string PatientHandleKey::Seal(std::string_view facility_code, const Content& content) const {
  std::string plain(kPlainOctets, '\0');
  std::memcpy(plain.data(), content.person.data(), 16);
  // To the next whole second: the consent itself says to the nanosecond when it ends.
  const auto seconds = static_cast<uint64_t>(
      absl::ToUnixSeconds(content.end + absl::Seconds(1) - absl::Nanoseconds(1)));
  for (int i = 0; i < 8; ++i) plain[16 + i] = static_cast<char>(seconds >> (56 - 8 * i));

  std::array<uint8_t, kHandleOctets> handle;
  handle[0] = kFormat;
  const std::string sealed = key_.Seal(facility_code, plain);
  std::memcpy(handle.data() + 1, sealed.data(), sealed.size());
  return Base64Encode(handle);
}

std::string PatientHandleKey::SealView(std::string_view facility_code, const View& view) const {
  std::string plain;
  plain.reserve(kViewPlainOctets);
  for (const auto& id : {view.person, view.view, view.policy}) plain.append(AsText(id));
  plain.push_back(static_cast<char>(view.situation));
  const auto seconds = static_cast<uint64_t>(absl::ToUnixSeconds(view.end));
  for (int shift = 56; shift >= 0; shift -= 8) plain.push_back(static_cast<char>(seconds >> shift));
  std::string handle(1, static_cast<char>(kViewFormat));
  handle += views_.Seal(facility_code, plain);
  return Base64Encode(AsBytes(handle));
}

std::optional<PatientHandleKey::View> PatientHandleKey::OpenView(std::string_view facility_code,
                                                                 std::string_view handle) const {
  const auto octets = Base64Decode(handle);
  if (!octets || octets->size() != kViewOctets || (*octets)[0] != kViewFormat) return std::nullopt;
  const auto plain = views_.Open(facility_code, std::string_view(*octets).substr(1));
  if (!plain) return std::nullopt;
  View view;
  const char* from = plain->data();
  for (auto* id : {&view.person, &view.view, &view.policy}) {
    std::memcpy(id->data(), from, id->size());
    from += id->size();
  }
  view.situation = static_cast<uint8_t>(*from++);
  uint64_t seconds = 0;
  for (int i = 0; i < 8; ++i) seconds = seconds << 8 | static_cast<uint8_t>(*from++);
  view.end = absl::FromUnixSeconds(static_cast<int64_t>(seconds));
  return view;
}

std::optional<PatientHandleKey::Content> PatientHandleKey::Open(std::string_view facility_code,
                                                                std::string_view handle) const {
  const auto octets = Base64Decode(handle);
  if (!octets || octets->size() != kHandleOctets || (*octets)[0] != kFormat) return std::nullopt;
  const auto plain = key_.Open(facility_code, std::string_view(*octets).substr(1));
  if (!plain) return std::nullopt;
  Content content;
  std::memcpy(content.person.data(), plain->data(), 16);
  uint64_t seconds = 0;
  for (int i = 0; i < 8; ++i) seconds = seconds << 8 | static_cast<uint8_t>((*plain)[16 + i]);
  content.end = absl::FromUnixSeconds(static_cast<int64_t>(seconds));
  return content;
}

}  // namespace kakunin::auth

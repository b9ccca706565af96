// What anybody posts to the patients' port as JSON: the first octet chooses the method. A body is
// read whole or refused with INVALID_FIELDS and every field that is wrong; the refusal repeats
// nothing.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "domain/error.h"
#include "server/rpc/convert_reception.h"
#include "tests/fuzz/fuzz_world.h"

namespace kakunin::fuzz {
namespace {

// In the corpus it stands in names and values, and in none of our words.
constexpr std::string_view kMark = "金糸雀";

absl::Status ReadAs(uint8_t method, std::string_view json) {
  std::string token;
  CardPurpose purpose = CardPurpose::kConfirm;
  ConsentsToGive wanted;
  CardProofOctets proof;
  switch (method % 6) {
    case 0:
      return ReadOpenReception(json, token);
    case 1:
      return ReadBeginReceptionAct(json, purpose);
    case 2:
      return ReadGiveConsents(json, wanted);
    case 3:
      return ReadListOwnConsents(json, proof);
    case 4:
      return ReadWithdrawConsents(json, proof);
    default:
      return ReadListOwnAccesses(json, proof);
  }
}

void CheckRead(uint8_t method, std::string_view json) {
  const absl::Status status = ReadAs(method, json);
  if (status.ok()) return;
  Require(ReasonOf(status) == Reason::kInvalidFields, "a wrong body is told as such");
  const WebError error = WriteReceptionError(status);
  Require(error.http_status == 400, "and its caller that it is theirs");
  const auto told = nlohmann::json::parse(error.json, nullptr, false);
  Require(told.is_object() && told.contains("code"), "a refusal is JSON");
  Require(error.json.find(kMark) == std::string::npos, "a refusal repeats nothing");
}

}  // namespace
}  // namespace kakunin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  kakunin::fuzz::CheckRead(data[0],
                           std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}

// The strict DER reader: no element outside its input, DER re-encodes to itself, linear time.
#include <time.h>

#include "auth/der_reader.h"
#include "auth/der_writer.h"
#include "auth/digest.h"
#include "tests/fuzz/fuzz_world.h"

namespace kakunin::fuzz {
namespace {

using auth::DerBytes;
using auth::DerElement;
using auth::DerReader;

constexpr int kDepth = auth::kMaxDerDepth + 4;

bool Inside(DerBytes part, DerBytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// Walks everything that reads as elements and returns what the writer makes of it.
std::string Walk(DerBytes input, int depth) {
  std::string encoded;
  DerReader reader(input);
  while (!reader.empty()) {
    const DerBytes before = reader.rest();
    const std::optional<DerElement> element = reader.ReadAny();
    if (!element) {
      Require(reader.rest().data() == before.data() && reader.rest().size() == before.size(),
              "a failed reader stays where it was");
      return encoded;
    }
    Require(element->encoded.data() == before.data(), "an element begins where the last one ended");
    Require(Inside(element->encoded, before), "an element is inside its input");
    Require(Inside(element->content, element->encoded), "content is inside its element");
    Require(reader.rest().size() + element->encoded.size() == before.size(),
            "the reader moves by one element");
    auth::ParseDerTime(*element);
    const bool constructed = (element->tag & 0x20) != 0;
    const std::string content = constructed && depth < kDepth
                                    ? Walk(element->content, depth + 1)
                                    : std::string(auth::AsText(element->content));
    encoded += auth::DerTlv(element->tag, content);
  }
  return encoded;
}

int64_t ThreadNanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * int64_t{1'000'000'000} + time.tv_nsec;
}

// 16 levels at some tens of nanoseconds an octet with sanitizers: far below the bound when linear.
bool StrictInLinearTime(DerBytes input) {
  const auto bound = static_cast<int64_t>(1'000'000 + 5'000 * input.size());
  bool strict = false;
  for (int tries = 0; tries < 3; ++tries) {
    const int64_t began = ThreadNanoseconds();
    strict = auth::IsStrictDer(input);
    if (ThreadNanoseconds() - began < bound) return strict;
  }
  Require(false, "the check is linear in the input");
  return strict;
}

void Check(DerBytes input) {
  const std::string encoded = Walk(input, 0);
  if (!StrictInLinearTime(input)) return;
  const std::string text(auth::AsText(input));
  Require(encoded == text, "strict DER re-encodes to itself");
  Require(!auth::IsStrictDer(auth::AsBytes(text + std::string(1, '\0'))), "nothing may follow");
  Require(!auth::IsStrictDer(input.first(input.size() - 1)), "nothing may be missing");
  Require(auth::ReadWhole(input, input[0]).has_value(), "strict DER is one element");
}

}  // namespace
}  // namespace kakunin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  kakunin::fuzz::Check({data, size});
  return 0;
}

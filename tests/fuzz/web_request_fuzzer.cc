// What anybody writes to the patients' port: the first request is cut off it alike however much has
// arrived behind it, holds nothing but fields that the door knows, and is one request of its own.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "server/http/web_request.h"
#include "tests/fuzz/fuzz_world.h"

namespace kakunin::fuzz {
namespace {

// Written apart from the door's own list: a field that it begins to hand on is to be thought about.
constexpr std::array<std::string_view, 9> kHandedOn = {
    "connection", "content-length", "content-type", "cookie",         "host",
    "origin",     "authorization",  "kakunin-csrf", "kakunin-session"};

void CheckFields(std::string_view octets) {
  const size_t end = octets.find("\r\n\r\n");
  Require(end != std::string_view::npos, "a request has a head");
  Require(octets.size() - end - 4 <= kMostRequestBody, "a body is bounded");
  Require(end <= kMostRequestHead, "a head is bounded");
  size_t next = octets.find("\r\n") + 2;
  Require(next <= kMostRequestLine + 2, "a first line is bounded");
  while (next < end) {
    const std::string_view field = octets.substr(next, octets.find("\r\n", next) - next);
    next += field.size() + 2;
    std::string name(field.substr(0, field.find(':')));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    Require(std::ranges::find(kHandedOn, name) != kHandedOn.end(), "only fields that are known");
    Require(field.find_first_of("\r\n") == std::string_view::npos, "a field is one line");
  }
}

void CheckTaken(std::string_view asked, size_t cut) {
  std::string whole(asked);
  const auto request = TakeRequest(whole);
  if (!request) {
    Require(whole == asked, "what is not whole stays");
    return;
  }
  Require(request->last || !request->octets.empty(), "nothing to answer is the last");
  std::string part(asked.substr(0, cut));
  if (const auto early = TakeRequest(part)) {
    Require(early->octets == request->octets && early->last == request->last,
            "what comes behind a request changes nothing of it");
  }
  if (request->octets.empty()) return;
  Require(whole.size() < asked.size() && asked.ends_with(whole), "a request is cut off in front");
  CheckFields(request->octets);
  if (request->last) return;
  std::string again = request->octets;
  const auto same = TakeRequest(again);
  Require(same && same->octets == request->octets && !same->last && again.empty(),
          "what is handed on is one request");
}

}  // namespace
}  // namespace kakunin::fuzz

// The first two octets choose how much of it has arrived at first.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view asked(reinterpret_cast<const char*>(data) + 2, size - 2);
  kakunin::fuzz::CheckTaken(asked, (data[0] * 256 + data[1]) % (asked.size() + 1));
  return 0;
}

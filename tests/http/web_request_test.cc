// What httplib gets to read of what anybody asks.
#include "server/http/web_request.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/http/reception_fixture.h"
#include "tests/http/stranger.h"

namespace kakunin {
namespace {

using nlohmann::json;

struct Taken {
  std::string octets;
  bool last;
  std::string rest;
  bool operator==(const Taken&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Taken& taken) {
  return out << "[" << taken.octets << "] " << taken.last << " [" << taken.rest << "]";
}

Taken Take(std::string asked) {
  const auto request = TakeRequest(asked);
  if (!request) return {.octets = "not whole", .last = false, .rest = asked};
  return {.octets = request->octets, .last = request->last, .rest = asked};
}

const Taken kNothingToAnswer{.octets = "", .last = true, .rest = ""};

TEST(WebRequestTest, IsTakenWhenItIsWhole) {
  const std::string asked = "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
  for (size_t size = 0; size < asked.size(); ++size) {
    EXPECT_EQ(Take(asked.substr(0, size)).octets, "not whole") << size;
  }
  EXPECT_EQ(Take(asked), (Taken{asked, false, ""}));
  EXPECT_EQ(Take(asked + "GET "), (Taken{asked, false, "GET "}));
  EXPECT_EQ(Take("GET / HTTP/1.1\r\n\r\n"), (Taken{"GET / HTTP/1.1\r\n\r\n", false, ""}));
}

TEST(WebRequestTest, KeepsTheFieldsThatTheDoorKnowsInAnySpelling) {
  EXPECT_EQ(Take("GET / HTTP/1.1\r\nRange: bytes=0-1,0-1\r\ncOOKIE: a=b\r\nContent-Encoding: br\r\n"
                 "Expect: 100-continue\r\nAccept-Encoding: gzip\r\n"
                 "Cookies: x\r\nORIGIN:o\r\n\r\n")
                .octets,
            "GET / HTTP/1.1\r\ncOOKIE: a=b\r\nORIGIN:o\r\n\r\n");
}

TEST(WebRequestTest, WaitsForNoBodyWithoutAUsableSize) {
  for (const char* size : {"-1", "+1", "0x1", "1 1", "", "1,1", "16385", "18446744073709551617"}) {
    const std::string asked = fmt::format("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", size);
    EXPECT_EQ(Take(asked + "x"), (Taken{asked, true, "x"})) << size;
  }
  EXPECT_TRUE(Take("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx").last);
  EXPECT_TRUE(Take("POST / HTTP/1.1\r\ntransfer-ENCODING: chunked\r\n\r\n").last);
  const std::string most = "POST / HTTP/1.1\r\nContent-Length: 16384\r\n\r\n";
  EXPECT_EQ(Take(most + std::string(16383, 'x')).octets, "not whole");
  EXPECT_FALSE(Take(most + std::string(16384, 'x')).last);
}

TEST(WebRequestTest, AnswersNothingToLinesThatAreNoFields) {
  for (const char* line :
       {"Content-Length : 1", " folded", "\tContent-Length: 1", "nonsense", ": x", "a b: c"}) {
    const Taken taken = Take(fmt::format("POST / HTTP/1.1\r\n{}\r\n\r\n", line));
    EXPECT_EQ(taken.octets, "") << line;
    EXPECT_TRUE(taken.last) << line;
  }
}

TEST(WebRequestTest, HasAnEndToItsHead) {
  const auto line = [](size_t size) { return std::string(size, 'x') + "\r\n\r\n"; };
  EXPECT_EQ(Take(line(kMostRequestLine)).octets, line(kMostRequestLine));
  EXPECT_EQ(Take(line(kMostRequestLine + 1)).octets, "");
  EXPECT_EQ(Take(std::string(kMostRequestLine, 'x')).octets, "not whole");
  EXPECT_EQ(Take(std::string(kMostRequestLine + 1, 'x')).octets, "");
  const std::string begin = "GET / HTTP/1.1\r\nCookie: ";
  const auto head = [&](size_t size) { return begin + std::string(size - begin.size(), 'x'); };
  EXPECT_EQ(Take(head(kMostRequestHead) + "\r\n\r\n").octets, head(kMostRequestHead) + "\r\n\r\n");
  EXPECT_EQ(Take(head(kMostRequestHead + 1) + "\r\n\r\n").octets, "");
  EXPECT_EQ(Take(head(kMostRequestHead)).octets, "not whole");
  EXPECT_EQ(Take(head(kMostRequestHead + 1)).octets, "");
}

TEST(WebRequestTest, AnswersNothingToLinesThatDoNotEndInBoth) {
  for (const char* head :
       {"GET / HTTP/1.1\nRange: bytes=0-1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\nRange: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rRange: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
        "GET / HTTP/1.1\r\n\nHost: a\r\n\r\n"}) {
    const Taken taken = Take(head);
    EXPECT_EQ(taken.octets, "") << head;
    EXPECT_TRUE(taken.last) << head;
  }
  EXPECT_FALSE(Take("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n\n").last);
}

class WebRequestsTest : public ReceptionTest {
 protected:
  std::string Answer(const std::string& asked) {
    Stranger stranger(server_->port(), 2);
    return stranger.Greet() && stranger.Ask(asked) ? stranger.Hear() : "";
  }
  static std::string StatusOf(const std::string& answer) { return answer.substr(0, 12); }
};

// Deflated writes zlib's form (RFC 1950, 1951) of at most 64 KiB, as one block without compression.
std::string Deflated(const std::string& text) {
  const auto size = static_cast<uint16_t>(text.size());
  uint32_t a = 1;
  uint32_t b = 0;
  std::string octets = "\x78\x01\x01";
  for (const uint16_t part : {size, static_cast<uint16_t>(~size)}) {
    octets += static_cast<char>(part & 0xffU);
    octets += static_cast<char>(part >> 8U);
  }
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  octets += text;
  for (const uint32_t part : {b >> 8U, b, a >> 8U, a}) octets += static_cast<char>(part & 0xffU);
  return octets;
}

// httplib would answer with a page for each of them, a hundred times what was asked.
TEST_F(WebRequestsTest, RangesAreNotServed) {
  std::string ranges = "0-";
  while (ranges.size() < 8000) ranges += ",0-";
  const std::string answer = Answer(
      "GET /reception.js HTTP/1.1\r\nConnection: close\r\nRange: bytes=" + ranges + "\r\n\r\n");
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 200");
  EXPECT_LT(answer.size(), 64U << 10);
}

TEST_F(WebRequestsTest, RangesBehindALooseEndAreNotServed) {
  EXPECT_EQ(Answer("GET /reception.js HTTP/1.1\r\nConnection: close\r\nHost: a\nRange: "
                   "bytes=0-9\r\n\r\n"),
            "");
}

// A few octets that are unpacked to as many as there is memory: of brotli a thousand to a gigabyte.
TEST_F(WebRequestsTest, BodiesAreNotUnpacked) {
  const std::string token = MakeLink().token;
  const std::string open = json{{"token", token}}.dump();
  const auto ask = [&](const std::string& encoding, const std::string& body) {
    return Answer(
        fmt::format("POST /kakunin.v1.ReceptionService/OpenReception HTTP/1.1\r\n"
                    "Connection: close\r\nContent-Type: application/json\r\nOrigin: {}\r\n"
                    "{}Content-Length: {}\r\n\r\n{}",
                    kPublicUrl, encoding, body.size(), body));
  };
  EXPECT_EQ(StatusOf(ask("", open)), "HTTP/1.1 200");
  EXPECT_EQ(StatusOf(ask("Content-Encoding: deflate\r\n", Deflated(open))), "HTTP/1.1 400");
}

TEST_F(WebRequestsTest, OneBehindTheOtherIsAnsweredInTurn) {
  const std::string answers = Answer(
      "GET / HTTP/1.1\r\n\r\nGET /nothing HTTP/1.1\r\n\r\n"
      "GET /icon.svg HTTP/1.1\r\nConnection: close\r\n\r\n");
  const size_t first = answers.find("HTTP/1.1 200");
  const size_t second = answers.find("HTTP/1.1 404");
  const size_t third = answers.rfind("HTTP/1.1 200");
  EXPECT_EQ(first, 0U);
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos);
}

// What follows a body of unknown size might be somebody else's request.
TEST_F(WebRequestsTest, NothingIsAnsweredBehindABodyOfUnknownSize) {
  for (const char* field : {"Transfer-Encoding: chunked", "Content-Length: 3\r\nContent-Length: 0",
                            "Content-Length: x"}) {
    const std::string answer =
        Answer(fmt::format("POST /nothing HTTP/1.1\r\n{}\r\n\r\nGET / HTTP/1.1\r\n\r\n", field));
    EXPECT_EQ(StatusOf(answer).substr(0, 10), "HTTP/1.1 4") << field;
    EXPECT_EQ(answer.find("HTTP/1.1 200"), std::string::npos) << field;
  }
}

}  // namespace
}  // namespace kakunin

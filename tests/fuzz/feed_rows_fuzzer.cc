// A party's file: whatever its octets, they are rows or a fault with a place, the same ones however
// the octets come. The first octet tells the kind, the encoding, the format and how they come.
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/commands/feed_rows.h"
#include "tests/support/octets_in_parts.h"

namespace kakunin {
namespace {

struct Read {
  std::string rows;
  std::string fault;

  bool operator==(const Read&) const = default;
};

struct Question {
  v1::FeedKind kind;
  TextEncoding encoding;
  bool messages;
};

Read ReadAll(const Question& question, const std::string& octets, size_t part) {
  OctetSource source = OctetsInParts(octets, {part});
  const auto rows = question.messages
                        ? ReadProtobufRows(std::move(source))
                        : ReadCsvRows(question.kind, question.encoding, std::move(source));
  const google::protobuf::Message& prototype =
      *google::protobuf::MessageFactory::generated_factory()->GetPrototype(
          &FeedRowType(question.kind));
  Read read;
  for (;;) {
    const std::unique_ptr<google::protobuf::Message> row(prototype.New());
    const auto more = rows->Next(*row);
    if (!more.ok()) read.fault = std::string(more.status().message());
    if (!more.ok() || !*more) return read;
    read.rows += std::to_string(rows->place()) + ' ' + row->SerializePartialAsString() + '\n';
  }
}

void Check(std::string_view input) {
  if (input.empty()) return;
  const auto octet = static_cast<unsigned char>(input[0]);
  const Question question{.kind = static_cast<v1::FeedKind>(octet % 3 + 1),
                          .encoding = static_cast<TextEncoding>(octet / 3 % 2 + 1),
                          .messages = octet / 6 % 4 == 3};
  const std::string octets(input.substr(1));
  const Read whole = ReadAll(question, octets, octets.size() + 1);
  if (ReadAll(question, octets, octet % 7 + 1) != whole) std::abort();
  EncodingDetector at_once;
  EncodingDetector in_parts;
  at_once.Add(octets);
  for (size_t at = 0; at < octets.size(); at += octet % 5 + 1) {
    in_parts.Add(std::string_view(octets).substr(at, octet % 5 + 1));
  }
  const auto encoding = at_once.Finish();
  if (in_parts.Finish() != encoding) std::abort();
  // What is well-formed as a whole is so in each cell: it never fails for its characters.
  if (encoding == TextEncoding::kUtf8 && question.encoding == TextEncoding::kUtf8 &&
      whole.fault.find("octets that are no character") != std::string::npos) {
    std::abort();
  }
}

}  // namespace
}  // namespace kakunin

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  kakunin::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}

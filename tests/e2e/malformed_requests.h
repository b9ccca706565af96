#pragma once

#include <google/protobuf/descriptor.h>

#include <random>
#include <string>
#include <vector>

namespace kakunin::e2e {

// MalformedRequest is one request that is wrong in one known way.
struct MalformedRequest {
  std::string fault;   // what is wrong: "a day that is none"
  std::string field;   // the field that must be named, as in an answer; empty: the message itself
  std::string octets;  // of the whole request
};

// kMarkOfMalformed stands in every text of ours: no answer and no log may repeat it.
inline constexpr char kMarkOfMalformed[] = "金糸雀";

// MalformedFields makes a request for every field of `type`, at every depth, and everything that
// can be wrong with a value of its kind whatever the field means. All other fields are absent.
std::vector<MalformedRequest> MalformedFields(const google::protobuf::Descriptor& type);

// MalformedOctets are no message of any type.
std::vector<MalformedRequest> MalformedOctets();

// CutShort is a message of `type` with a value in every field, cut behind each of its octets. What
// is left may be a message.
std::vector<MalformedRequest> CutShort(const google::protobuf::Descriptor& type);

// WithAnOctetChanged is the same message with each octet changed, twice.
std::vector<MalformedRequest> WithAnOctetChanged(const google::protobuf::Descriptor& type,
                                                 std::mt19937_64& random);

}  // namespace kakunin::e2e

#include "storage/postgres/array_parameters.h"

#include <fmt/format.h>

namespace kakunin {
namespace {

std::string_view SqlName(ElementType type) {
  switch (type) {
    using enum ElementType;
    case kBool:
      return "bool";
    case kInt2:
      return "int2";
    case kInt4:
      return "int4";
    case kInt8:
      return "int8";
    case kOctets:
      return "bytea";
    case kInstant:
      return "timestamptz";
    case kJson:
      return "jsonb";
    case kDay:
      return "date";
    case kUuid:
      return "uuid";
    case kText:
      return "text";
  }
  return "";
}

}  // namespace

std::string UnnestParameters(std::span<const ElementType> types, int first) {
  std::string out;
  for (const ElementType type : types) {
    out += fmt::format("{}${}::{}[]", out.empty() ? "" : ", ", first++, SqlName(type));
  }
  return out;
}

}  // namespace kakunin

#include "tests/e2e/malformed_requests.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>

namespace kakunin::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

// The messages of ours are not nested deeper, but those that hold themselves.
constexpr int kDeepest = 5;

// A text of this size is in no field of ours. Below the transport's limit of a message.
constexpr size_t kTooMuch = 70'000;

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

// Step is a field on the way to the one that is wrong.
using Way = std::vector<const FieldDescriptor*>;

std::string PathOf(const Way& way) {
  std::string path;
  for (const FieldDescriptor* field : way) {
    if (!path.empty()) path += ".";
    path += field->name();
    if (field->is_repeated()) path += "[0]";
  }
  return path;
}

// The message at the end of `way` but for its last step, made on the way.
Message& Reach(Message& root, const Way& way) {
  Message* message = &root;
  for (size_t i = 0; i + 1 < way.size(); ++i) {
    const auto* reflection = message->GetReflection();
    message = way[i]->is_repeated() ? reflection->AddMessage(message, way[i])
                                    : reflection->MutableMessage(message, way[i]);
  }
  return *message;
}

// Faults makes the requests for one field.
class Faults {
 public:
  Faults(const Descriptor& root, const Way& way, std::vector<MalformedRequest>& made)
      : root_(root), way_(way), field_(*way.back()), made_(made) {}

  void Make() {
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        field_.type() == FieldDescriptor::TYPE_BYTES ? MakeOctets() : MakeTexts();
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        for (const int number : {9999, -1, std::numeric_limits<int>::min()}) {
          Add("a choice that there is not", [&](Message& at) {
            Put(at, &google::protobuf::Reflection::SetEnumValue,
                &google::protobuf::Reflection::AddEnumValue, number);
          });
        }
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        for (const int number : {-1, std::numeric_limits<int>::min()}) {
          Add("a number below zero", [&](Message& at) {
            Put(at, &google::protobuf::Reflection::SetInt32,
                &google::protobuf::Reflection::AddInt32, number);
          });
        }
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        for (const int64_t number : {int64_t{-1}, std::numeric_limits<int64_t>::min()}) {
          Add("a number below zero", [&](Message& at) {
            Put(at, &google::protobuf::Reflection::SetInt64,
                &google::protobuf::Reflection::AddInt64, number);
          });
        }
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (field_.message_type()->full_name() == "google.type.Date") MakeDays();
        if (field_.message_type()->full_name() == "google.protobuf.Timestamp") MakeInstants();
        break;
      default:
        break;  // a truth value is always one
    }
  }

 private:
  void Add(const std::string& fault, const std::function<void(Message&)>& set) {
    const auto root = NewMessage(root_);
    set(Reach(*root, way_));
    made_.push_back({.fault = fault, .field = PathOf(way_), .octets = root->SerializeAsString()});
  }

  template <class Set, class AddOne, class Value>
  void Put(Message& at, Set set, AddOne add, const Value& value) const {
    const auto* reflection = at.GetReflection();
    if (field_.is_repeated()) {
      (reflection->*add)(&at, &field_, value);
    } else {
      (reflection->*set)(&at, &field_, value);
    }
  }

  void AddText(const std::string& fault, const std::string& text) {
    Add(fault, [&](Message& at) {
      Put(at, &google::protobuf::Reflection::SetString, &google::protobuf::Reflection::AddString,
          text);
    });
  }

  void MakeTexts() {
    const std::string mark = kMarkOfMalformed;
    AddText("a control character", mark + "\x07");
    AddText("a zero octet", mark + std::string(1, '\0') + "1");
    AddText("a line's end", mark + "\n" + mark);
    AddText("a delete character", mark + "\x7f");
    AddText("a character of the second control set", mark + "\xc2\x85");
    std::string long_text;
    while (long_text.size() < kTooMuch) long_text += mark;
    AddText("far too much", long_text);
    // Octets that are no UTF-8 take the place of a text as long, since protobuf would not write
    // them.
    for (const std::string& octets :
         {std::string("\xff\xfe"), std::string("\xc0\xaf"), std::string("\xed\xa0\x80"),
          std::string("\xe7\xb3"), std::string("\xf4\x90\x80\x80")}) {
      const std::string stand_in(octets.size(), '\x01');
      AddText("no UTF-8", mark + stand_in + mark);
      made_.back().field.clear();  // protobuf does not say where
      std::string& whole = made_.back().octets;
      whole.replace(whole.find(mark + stand_in) + mark.size(), octets.size(), octets);
    }
  }

  void MakeOctets() {
    // Below the transport's limit of a message.
    AddText("far too many octets", std::string(600'000, '\x30'));
  }

  void AddDay(int year, int month, int day) {
    AddPair("a day that is none", {{"year", year}, {"month", month}, {"day", day}});
  }
  void MakeDays() {
    AddDay(2025, 2, 29);
    AddDay(2025, 13, 1);
    AddDay(2025, 4, 31);
    AddDay(2025, 4, 32);
    AddDay(2025, -4, 1);
    AddDay(2025, 4, 0);
    AddDay(2025, 0, 0);
    AddDay(0, 4, 1);
    AddDay(-1, 4, 1);
    AddDay(10000, 1, 1);
    AddDay(std::numeric_limits<int>::max(), 1, 1);
  }

  void MakeInstants() {
    const auto add = [&](int64_t seconds, int nanos) {
      Add("an instant that is none", [&](Message& at) {
        Message& instant = Child(at);
        const auto* reflection = instant.GetReflection();
        const auto* type = instant.GetDescriptor();
        reflection->SetInt64(&instant, type->FindFieldByName("seconds"), seconds);
        reflection->SetInt32(&instant, type->FindFieldByName("nanos"), nanos);
      });
    };
    add(0, -1);
    add(0, 1'000'000'000);
    add(std::numeric_limits<int64_t>::max(), 0);
    add(std::numeric_limits<int64_t>::min(), 0);
    add(253'402'300'800, 0);  // the year 10000
  }

  Message& Child(Message& at) const {
    const auto* reflection = at.GetReflection();
    return field_.is_repeated() ? *reflection->AddMessage(&at, &field_)
                                : *reflection->MutableMessage(&at, &field_);
  }

  void AddPair(const std::string& fault, const std::vector<std::pair<const char*, int>>& values) {
    Add(fault, [&](Message& at) {
      Message& child = Child(at);
      for (const auto& [name, value] : values) {
        child.GetReflection()->SetInt32(&child, child.GetDescriptor()->FindFieldByName(name),
                                        value);
      }
    });
  }

  const Descriptor& root_;
  const Way& way_;
  const FieldDescriptor& field_;
  std::vector<MalformedRequest>& made_;
};

bool IsWhole(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
         field.message_type()->file()->package() != "kakunin.v1";
}

void Visit(const Descriptor& root, const Descriptor& type, Way& way,
           std::vector<MalformedRequest>& made) {
  for (int i = 0; i < type.field_count(); ++i) {
    way.push_back(type.field(i));
    if (IsWhole(*type.field(i))) {
      Faults(root, way, made).Make();
    } else if (way.size() < kDeepest) {
      Visit(root, *type.field(i)->message_type(), way, made);
    }
    way.pop_back();
  }
}

// A value in every field; of a choice between fields the last.
void Fill(Message& message, int depth) {
  const Descriptor& type = *message.GetDescriptor();
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const bool many = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        many ? reflection->AddString(&message, field, kMarkOfMalformed)
             : reflection->SetString(&message, field, kMarkOfMalformed);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        many ? reflection->AddEnumValue(&message, field, 1)
             : reflection->SetEnumValue(&message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        many ? reflection->AddInt32(&message, field, 7) : reflection->SetInt32(&message, field, 7);
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        many ? reflection->AddInt64(&message, field, 7) : reflection->SetInt64(&message, field, 7);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        // Nothing is to be done for good.
        if (!many) reflection->SetBool(&message, field, true);
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (depth < kDeepest) {
          Fill(many ? *reflection->AddMessage(&message, field)
                    : *reflection->MutableMessage(&message, field),
               depth + 1);
        }
        break;
      default:
        throw std::runtime_error("no value for " + field->full_name());
    }
  }
}

std::string Filled(const Descriptor& type) {
  const auto whole = NewMessage(type);
  Fill(*whole, 0);
  return whole->SerializeAsString();
}

}  // namespace

std::vector<MalformedRequest> MalformedFields(const Descriptor& type) {
  std::vector<MalformedRequest> made;
  Way way;
  Visit(type, type, way, made);
  return made;
}

std::vector<MalformedRequest> MalformedOctets() {
  const auto octets = [](std::string_view text) { return std::string(text); };
  using namespace std::string_view_literals;
  std::vector<MalformedRequest> made = {
      {"a field numbered zero", "", octets("\x02\x01x"sv)},
      {"a wire type that there is not", "", octets("\x0e"sv)},
      {"another", "", octets("\x0f"sv)},
      {"the end of a group that did not begin", "", octets("\x0c"sv)},
      {"a group that does not end", "", octets("\x7b"sv)},
      {"a group that ends as another", "", octets("\x7b\x84\x01"sv)},
      {"a number that does not end", "", std::string(11, '\xff')},
      {"a tag of eleven octets", "", std::string(10, '\x88') + "\x01"},
      {"a length beyond the end", "", octets("\x0a\x7fx"sv)},
      {"a length of four gigabytes", "", octets("\x0a\xff\xff\xff\xff\x0fx"sv)},
      {"a length below zero", "", octets("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"sv)},
      {"half a fixed number", "", octets("\xfd\x01\x01\x02"sv)},
      {"half a double", "", octets("\xf9\x01\x01\x02\x03\x04"sv)},
      {"a tag alone", "", octets("\x0a"sv)},
  };
  // Groups within groups, deeper than protobuf goes.
  made.push_back(
      {"two hundred groups deep", "", std::string(200, '\x7b') + std::string(200, '\x7c')});
  return made;
}

std::vector<MalformedRequest> WithAnOctetChanged(const Descriptor& type, std::mt19937_64& random) {
  const std::string octets = Filled(type);
  std::vector<MalformedRequest> made;
  for (size_t i = 0; i < octets.size(); ++i) {
    // One bit, and any other value.
    for (const unsigned by : {1U << random() % 8, 1 + static_cast<unsigned>(random() % 255)}) {
      std::string changed = octets;
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ by);
      made.push_back({.fault = fmt::format("octet {} changed by {}", i, by), .octets = changed});
    }
  }
  return made;
}

std::vector<MalformedRequest> CutShort(const Descriptor& type) {
  const std::string octets = Filled(type);
  std::vector<MalformedRequest> made;
  for (size_t i = 1; i <= octets.size(); ++i) {
    made.push_back({.fault = fmt::format("cut behind octet {}", i), .octets = octets.substr(0, i)});
  }
  return made;
}

}  // namespace kakunin::e2e

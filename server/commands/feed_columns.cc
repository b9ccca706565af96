#include "server/commands/feed_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "domain/error.h"
#include "domain/text/normalise.h"
#include "server/commands/feed_cell.h"
#include "server/commands/feed_column_aliases.h"
#include "server/config/closest_word.h"
#include "server/feed_input/input_fault.h"

namespace kakunin {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::string_view kAction = "action";

void AddNames(const Descriptor& message, const std::string& prefix,
              std::vector<std::string>& names) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const std::string name = prefix + field.name();
    if (IsFeedLeaf(field)) {
      names.push_back(name);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      AddNames(*field.message_type(), name + ".", names);
    }
  }
}

// The field by which the party names a row.
std::string ReferenceOf(const Descriptor& row) {
  for (int i = 0; i < row.field_count(); ++i) {
    if (row.field(i)->name().ends_with("_reference")) return row.field(i)->name();
  }
  return {};
}

bool IsRepeatedMessage(const FieldDescriptor& field) {
  return field.is_repeated() && !IsFeedLeaf(field);
}

// The part of an element that is its own (`own`), or its repeated messages.
std::unique_ptr<Message> PartOf(const Message& element, bool own) {
  std::unique_ptr<Message> part(element.New());
  part->CopyFrom(element);
  const Descriptor& type = *element.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    if (IsRepeatedMessage(*type.field(i)) == own) {
      part->GetReflection()->ClearField(part.get(), type.field(i));
    }
  }
  return part;
}

// A last element that only repeats what the one before says of itself, a drug day of the same days,
// is more of that one. Elements without repeated messages stand for themselves.
void JoinWithEqual(Message& message, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, &field);
  const Message& last = reflection.GetRepeatedMessage(message, &field, size - 1);
  const std::unique_ptr<Message> more = PartOf(last, /*own=*/false);
  if (size < 2 || more->ByteSizeLong() == 0) return;
  Message& before = *reflection.MutableRepeatedMessage(&message, &field, size - 2);
  if (PartOf(before, true)->SerializeAsString() != PartOf(last, true)->SerializeAsString()) return;
  before.MergeFrom(*more);
  reflection.RemoveLast(&message, &field);
}

// What to say of a name that is none of ours. The name itself is not repeated: in a file without a
// first line of names it is somebody's.
std::string UnknownName(std::string_view written, const std::vector<std::string>& known,
                        bool any_known) {
  if (written.find_first_of(";\t") != std::string_view::npos) {
    return "not a column of ours: the columns stand behind commas, not semicolons or tabs";
  }
  if (!any_known) return "not a column of ours, and no other is: is the line of names missing?";
  const auto closest = ClosestWord(written, known);
  if (!closest) return "not a column of ours";
  return fmt::format("not a column of ours: did you mean {}?", *closest);
}

}  // namespace

std::vector<std::string> FeedColumns::Names(const Descriptor& row) {
  std::vector<std::string> names;
  AddNames(row, "", names);
  return names;
}

void FeedColumns::Plant(const Descriptor& message, std::string_view path, int column,
                        std::vector<Node>& nodes) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = message.FindFieldByName(std::string(path.substr(0, dot)));
  auto node = std::find_if(nodes.begin(), nodes.end(),
                           [&](const Node& known) { return known.field == field; });
  if (node == nodes.end()) node = nodes.insert(nodes.end(), Node{.field = field});
  if (dot == std::string_view::npos) {
    node->column = column;
  } else {
    Plant(*field->message_type(), path.substr(dot + 1), column, node->children);
  }
}

absl::StatusOr<FeedColumns> FeedColumns::Read(const Descriptor& row, const FeedLine& header) {
  const std::vector<std::string> known = Names(row);
  std::vector<std::string> names;
  for (const std::string& cell : header.cells) {
    const std::string written(TrimWhiteSpace(cell));
    const bool ours = std::find(known.begin(), known.end(), written) != known.end();
    names.push_back(ours ? written : NameOfAlias(known, written));
  }
  const bool any_known = std::any_of(names.begin(), names.end(),
                                     [](const std::string& name) { return !name.empty(); });
  std::set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    const InputPlace place{.line = header.number, .column = static_cast<int>(i) + 1};
    if (names[i].empty()) {
      return InputFault(place, UnknownName(TrimWhiteSpace(header.cells[i]), known, any_known));
    }
    if (!seen.insert(names[i]).second) {
      return InputFault({place.line, place.column, names[i]}, "this column stands twice");
    }
  }
  FeedColumns columns(std::move(names));
  const std::string reference = ReferenceOf(row);
  for (size_t i = 0; i < columns.names_.size(); ++i) {
    const std::string& name = columns.names_[i];
    Plant(row, name, static_cast<int>(i), columns.nodes_);
    if (name == kAction) columns.action_ = static_cast<int>(i);
    if (name == reference) columns.reference_ = static_cast<int>(i);
  }
  // Rows of which nobody needs an action or a name of their own are one line each.
  const bool named = std::find(known.begin(), known.end(), kAction) != known.end();
  if (named && (columns.action_ < 0 || columns.reference_ < 0)) {
    return InputFault({.line = header.number},
                      fmt::format("the columns {} and {} must be there", kAction, reference));
  }
  return columns;
}

absl::Status FeedColumns::Fault(const FeedLine& line, int column, std::string_view what) const {
  return InputFault({line.number, column + 1, names_[static_cast<size_t>(column)]}, what);
}

bool FeedColumns::Continues(const FeedLine& line) const {
  return action_ >= 0 && line.cells.size() == names_.size() &&
         line.cells[static_cast<size_t>(action_)].empty();
}

bool FeedColumns::Says(const Node& node, const FeedLine& line) {
  if (node.column >= 0) return !line.cells[static_cast<size_t>(node.column)].empty();
  return std::any_of(node.children.begin(), node.children.end(),
                     [&](const Node& child) { return Says(child, line); });
}

// Whether the line says something of the message itself, apart from its repeated messages.
bool FeedColumns::SaysItself(const std::vector<Node>& nodes, const FeedLine& line) {
  return std::any_of(nodes.begin(), nodes.end(), [&](const Node& node) {
    return (node.column >= 0 || !node.field->is_repeated()) && Says(node, line);
  });
}

absl::Status FeedColumns::FillField(const Node& node, const FeedLine& line,
                                    Message& message) const {
  if (!Says(node, line)) return absl::OkStatus();
  if (node.column >= 0) {
    const std::string& cell = line.cells[static_cast<size_t>(node.column)];
    const std::string_view wrong = SetFeedCell(*node.field, cell, message);
    return wrong.empty() ? absl::OkStatus() : Fault(line, node.column, wrong);
  }
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!node.field->is_repeated()) {
    return FillMessage(node.children, line, *reflection.MutableMessage(&message, node.field));
  }
  // Without a word of an element's own the line adds to the last element's repeated messages.
  const int size = reflection.FieldSize(message, node.field);
  if (size > 0 && !SaysItself(node.children, line)) {
    return FillMessage(node.children, line,
                       *reflection.MutableRepeatedMessage(&message, node.field, size - 1));
  }
  Message& element = *reflection.AddMessage(&message, node.field);
  RETURN_IF_ERROR(FillMessage(node.children, line, element));
  JoinWithEqual(message, *node.field);
  return absl::OkStatus();
}

absl::Status FeedColumns::FillMessage(const std::vector<Node>& nodes, const FeedLine& line,
                                      Message& message) const {
  for (const Node& node : nodes) RETURN_IF_ERROR(FillField(node, line, message));
  return absl::OkStatus();
}

absl::Status FeedColumns::CheckContinuation(const FeedLine& line, const Message& row) const {
  const auto* field = row.GetDescriptor()->FindFieldByName(names_[static_cast<size_t>(reference_)]);
  const std::string reference = row.GetReflection()->GetString(row, field);
  if (reference.empty()) return Fault(line, action_, "missing: there is no row to continue");
  if (line.cells[static_cast<size_t>(reference_)] != reference) {
    return Fault(line, action_, "missing, and the reference is not that of the row before");
  }
  for (const Node& node : nodes_) {
    const bool repeated_message = node.column < 0 && node.field->is_repeated();
    if (repeated_message || node.column == reference_ || !Says(node, line)) continue;
    int column = node.column;
    for (const Node* inner = &node; column < 0; column = inner->column) {
      inner = &*std::find_if(inner->children.begin(), inner->children.end(),
                             [&](const Node& child) { return Says(child, line); });
    }
    return Fault(line, column, "must be empty in a line without an action, which continues a row");
  }
  return absl::OkStatus();
}

absl::Status FeedColumns::Fill(const FeedLine& line, Message& row) const {
  if (line.cells.size() != names_.size()) {
    return InputFault({.line = line.number},
                      fmt::format("{} columns, where the line of names has {}", line.cells.size(),
                                  names_.size()));
  }
  if (!Continues(line)) return FillMessage(nodes_, line, row);
  RETURN_IF_ERROR(CheckContinuation(line, row));
  for (const Node& node : nodes_) {
    if (node.column < 0 && node.field->is_repeated()) RETURN_IF_ERROR(FillField(node, line, row));
  }
  return absl::OkStatus();
}

}  // namespace kakunin

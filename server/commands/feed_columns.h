#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace kakunin {

// FeedLine is one line of a table, its cells in UTF-8.
struct FeedLine {
  int64_t number = 0;
  std::vector<std::string> cells;
};

// FeedColumns says which field of a row each column of a table fills. A column is named by the path
// of a field of the row's message ("name.kana", "drug_days.drugs.code") or by a Japanese name
// (docs/insurer_feed_input.md). A line whose action is empty continues the row before it: it names
// the same reference and adds elements to repeated messages. Immutable.
class FeedColumns {
 public:
  // Read takes the first line. INVALID_ARGUMENT (InputFault) for a name that is not known, with the
  // closest one; for a name that stands twice; and when the action or the reference is missing of a
  // row that has them.
  static absl::StatusOr<FeedColumns> Read(const google::protobuf::Descriptor& row,
                                          const FeedLine& header);

  // Continues says whether a line adds to the row before it.
  bool Continues(const FeedLine& line) const;

  // Fill puts a line's cells into `row`, which is empty unless the line continues it.
  // INVALID_ARGUMENT (InputFault): another number of cells, a cell that is not of its field's kind,
  // or a continuing line that says what it may not. Never the cell's own text.
  absl::Status Fill(const FeedLine& line, google::protobuf::Message& row) const;

  // Names lists the columns that a row may have, in the order of the API.
  static std::vector<std::string> Names(const google::protobuf::Descriptor& row);

 private:
  // Node is a field that columns lead to: a leaf that one column fills, or a message.
  struct Node {
    const google::protobuf::FieldDescriptor* field = nullptr;
    int column = -1;  // of a leaf
    std::vector<Node> children;
  };

  explicit FeedColumns(std::vector<std::string> names) : names_(std::move(names)) {}

  static void Plant(const google::protobuf::Descriptor& message, std::string_view path, int column,
                    std::vector<Node>& nodes);
  static bool Says(const Node& node, const FeedLine& line);
  static bool SaysItself(const std::vector<Node>& nodes, const FeedLine& line);
  absl::Status FillMessage(const std::vector<Node>& nodes, const FeedLine& line,
                           google::protobuf::Message& message) const;
  absl::Status FillField(const Node& node, const FeedLine& line,
                         google::protobuf::Message& message) const;
  absl::Status CheckContinuation(const FeedLine& line, const google::protobuf::Message& row) const;
  absl::Status Fault(const FeedLine& line, int column, std::string_view what) const;

  std::vector<std::string> names_;  // the path of each column
  std::vector<Node> nodes_;
  int action_ = -1;
  int reference_ = -1;
};

}  // namespace kakunin

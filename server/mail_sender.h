#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace kakunin {

// MailMessage is one mail, of plain text in UTF-8. It holds nothing of anybody but the account's
// own address and the facility's name.
struct MailMessage {
  std::string id;    // the same for the same news: [a-z0-9-]
  std::string from;  // an address
  std::string to;    // an address
  std::string subject;
  std::string text;
  absl::Time at;
};

// MailSender sends mail. OK: whatever happens to this process, the message will be sent. A message
// that is sent again, by its id, is sent once. Thread-safe.
class MailSender {
 public:
  virtual ~MailSender() = default;
  virtual absl::Status Send(const MailMessage& message) = 0;
};

// FileMailSender puts each message as a file ID.eml (RFC 5322) of mode 0600 into a folder, durably,
// for a mail server to pick up. INTERNAL when it cannot be written.
class FileMailSender final : public MailSender {
 public:
  explicit FileMailSender(std::filesystem::path folder) : folder_(std::move(folder)) {}
  absl::Status Send(const MailMessage& message) override;

 private:
  const std::filesystem::path folder_;
};

// WriteMail is the message as RFC 5322 has it: text and subject in base64, lines of CRLF.
std::string WriteMail(const MailMessage& message);

}  // namespace kakunin

#include "server/mail_sender.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/time/civil_time.h"
#include "domain/civil_day.h"
#include "server/durable_file.h"

namespace kakunin {
namespace {

constexpr size_t kLineOctets = 76;
// An encoded word has at most 75 characters (RFC 2047), of which 12 are not of the text: 45 octets
// in base64 are 60. No character of UTF-8 may be cut.
constexpr size_t kWordOctets = 45;

std::string Folded(const std::string& octets) {
  const std::string encoded = absl::Base64Escape(octets);
  std::string folded;
  for (size_t i = 0; i < encoded.size(); i += kLineOctets) {
    folded += encoded.substr(i, kLineOctets) + "\r\n";
  }
  return folded;
}

bool ContinuesCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string EncodedWords(const std::string& text) {
  std::string words;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(begin + kWordOctets, text.size());
    while (end < text.size() && end > begin + 1 && ContinuesCharacter(text[end])) --end;
    words += (words.empty() ? "" : "\r\n ");
    words += "=?UTF-8?B?" + absl::Base64Escape(text.substr(begin, end - begin)) + "?=";
    begin = end;
  }
  return words;
}

}  // namespace

std::string WriteMail(const MailMessage& message) {
  const size_t at = message.from.find('@');
  return fmt::format(
             "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}@{}>\r\n"
             "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
             "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n",
             message.from, message.to, EncodedWords(message.subject),
             absl::FormatTime(absl::RFC1123_full, message.at, JapanTime()), message.id,
             at == std::string::npos ? "localhost" : message.from.substr(at + 1)) +
         Folded(message.text);
}

absl::Status FileMailSender::Send(const MailMessage& message) {
  return ReplaceDurably(folder_ / (message.id + ".eml"), WriteMail(message));
}

}  // namespace kakunin

#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace kakunin {

// SandboxWallet stands in for a phone's card reader and the card in it, in a sandbox alone: it
// signs with the keys of synthetic cards, asks for the PIN and is locked after three wrong ones, as
// a card is. It replaces the card and nothing else: what it signs goes through the same
// verification as at the desk. Thread-safe.
class SandboxWallet {
 public:
  // `cards` holds a NAME.pem and a NAME.key for every card (`kakunin dev up`).
  explicit SandboxWallet(std::filesystem::path cards) : cards_(std::move(cards)) {}

  // kPin is the PIN of every synthetic card.
  static constexpr std::string_view kPin = "1234";
  static constexpr int kTries = 3;

  // Cards is a JSON list of the cards' names.
  std::string Cards() const;

  // Sign answers {"card", "pin", "toBeSigned" (base64)} with {"certificate", "signature"} (base64),
  // or {"refused": "PIN_WRONG" with "left", "PIN_LOCKED", "NO_SUCH_CARD", "BAD_REQUEST"}.
  std::string Sign(std::string_view json);

 private:
  const std::filesystem::path cards_;
  std::mutex mutex_;
  std::map<std::string, int, std::less<>> wrong_;  // PINs in a row, by card
};

// MakeSandboxWallet makes the wallet that holds the cards in `cards`. FAILED_PRECONDITION in a
// build without it (cmake -DKAKUNIN_SANDBOX_WALLET=OFF), which has no page of it either.
absl::StatusOr<std::unique_ptr<SandboxWallet>> MakeSandboxWallet(
    const std::filesystem::path& cards);

}  // namespace kakunin

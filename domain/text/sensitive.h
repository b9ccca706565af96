#pragma once

#include <utility>

namespace kakunin {

// Sensitive wraps a value that must not reach a log, a metric or an error text by accident: it has
// no formatter, no stream operator and no conversion; whoever wants the value writes Reveal().
// Copyable and comparable like T; it does not wipe memory (IndividualNumber does).
template <class T>
class Sensitive {
 public:
  Sensitive() = default;
  explicit Sensitive(T value) : value_(std::move(value)) {}

  // Reveal returns the value, valid as long as this object.
  const T& Reveal() const& { return value_; }
  T Reveal() && { return std::move(value_); }

  friend bool operator==(const Sensitive&, const Sensitive&) = default;

 private:
  T value_{};
};

}  // namespace kakunin

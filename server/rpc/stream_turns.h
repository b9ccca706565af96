#pragma once

#include <cstdint>
#include <mutex>

namespace kakunin {

// StreamTurns keeps account of whose turn it is in a stream that reads, works, writes and reads
// again, and of a peer that does not take its turn. gRPC may run the next callback before the call
// that asked for it has returned, and nothing may be started once Finish was called; so every turn
// has a number, and what comes late for one turn never meddles with the next. Thread-safe; it calls
// nobody, so that no lock is held across a call into gRPC.
class StreamTurns {
 public:
  // Cut is what must be done about a peer whose turn is overdue.
  enum class Cut {
    kNothing,  // it has taken its turn, or the one who starts the read finishes the stream
    kFinish,   // finish the stream: it waits for a message
    kCancel,   // cancel the call: it waits for the peer to take one, and cannot be finished
  };

  // BeginRead is called before a read is started; returns the turn's number.
  int64_t BeginRead();
  // ReadStarted is called when the call that started the read of `turn` has returned. True: the
  // turn is overdue already, and the caller finishes the stream.
  bool ReadStarted(int64_t turn);
  // TurnDone ends the peer's turn: a read or write is done; false when the stream is finished.
  bool TurnDone();
  // BeginWrite is called before a write is started; returns the turn's number.
  int64_t BeginWrite();

  // Overdue is called when the time of `turn` is up.
  Cut Overdue(int64_t turn);
  // WasOverdue tells whether the present or last turn of the peer was.
  bool WasOverdue() const;

  // Finish is true for the first caller, who finishes the stream, and false for all others.
  bool Finish();

 private:
  enum class Step { kWorking, kStartingRead, kReading, kWriting, kFinished };

  mutable std::mutex mutex_;
  Step step_ = Step::kWorking;
  int64_t turn_ = 0;
  bool overdue_ = false;
};

}  // namespace kakunin

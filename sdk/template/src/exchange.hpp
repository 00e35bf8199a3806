#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "address.hpp"

/// How far an exchange got.
enum class Ending { Answered, Unreachable, BrokenOff, TimedOut, Cancelled };

struct Reply {
  Ending ending = Ending::Unreachable;
  std::string text;  ///< the answer without its line end; else what went wrong
};

/// What ends an exchange early.
struct Limits {
  std::chrono::steady_clock::time_point deadline;
  int cancel_fd = -1;  ///< readable means cancelled; -1: cannot be cancelled
};

/// Connects, sends a line, waits for one line of at most 4 KiB, and closes. Never blocks longer
/// than the limits say. Thread-safe.
Reply exchange(const Address& to, std::string_view line, const Limits& limits);

/// Only connects: Answered, with no text, when there is somebody.
Reply try_to_connect(const Address& to, const Limits& limits);

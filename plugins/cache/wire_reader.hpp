#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace observerd::cache {

/// Where bytes come from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Appends what has arrived, at least one byte, waiting for it if need be. False when there will
  /// be none.
  virtual bool receive(std::string& buffer) = 0;
};

/// Cuts bytes into lines and blocks, each of a bounded length: what the text protocols of Redis and
/// memcached are made of. Used by one thread.
class WireReader {
 public:
  explicit WireReader(ByteSource& source) : source_(source) {}

  /// The next line without its CR LF; valid until the next call. nullopt when the source has ended,
  /// or when the line is longer than `most` or ends in LF alone: then is_malformed().
  std::optional<std::string_view> line(std::size_t most);
  /// The next `size` bytes, which CR LF must follow.
  std::optional<std::string> block(std::size_t size);

  bool is_malformed() const { return is_malformed_; }
  /// For readers built on this one: what they read makes no sense.
  std::nullopt_t malformed();
  /// Whether bytes have arrived that nobody has read.
  bool has_rest() const { return at_ < buffer_.size(); }

 private:
  void forget_read();

  ByteSource& source_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool is_malformed_ = false;
};

}  // namespace observerd::cache

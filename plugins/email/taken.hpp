#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace observerd::email {

/// Which recipients have taken a delivery that others put off or refused, so that a later attempt
/// leaves them out. In memory only, for the last 4096 such deliveries. Thread-safe.
class Taken {
 public:
  std::set<std::string> of(std::string_view delivery) const;
  void add(std::string_view delivery, const std::vector<std::string>& recipients);
  void forget(std::string_view delivery);

 private:
  static constexpr std::size_t kMost = 4'096;
  struct Entry {
    std::set<std::string> recipients;
    std::list<std::string>::iterator place;
  };

  mutable std::mutex mutex_;
  std::list<std::string> oldest_first_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace observerd::email

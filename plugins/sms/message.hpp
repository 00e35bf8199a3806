#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace observerd::sms {

/// One message as it goes to a provider.
struct Message {
  std::string to;    ///< E.164, with the +
  std::string from;  ///< "" when nobody has said
  std::string text;
  std::string id;  ///< the delivery's
  std::string status_callback;
  std::optional<std::int64_t> ttl_seconds;
};

/// A plus sign and 2 to 15 digits, the first not 0 (ITU-T E.164).
bool is_e164(std::string_view number);

/// How a text is counted by those who charge for it (3GPP TS 23.038).
struct Segments {
  bool is_unicode = false;  ///< UCS-2: a character is not in the GSM alphabet
  int count = 0;
};
Segments count_segments(std::string_view utf8);

}  // namespace observerd::sms

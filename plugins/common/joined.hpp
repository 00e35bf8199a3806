#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace observerd::common {

namespace detail {

template <const std::string_view&... Parts>
struct Joined {
  static constexpr auto make() {
    std::array<char, (Parts.size() + ... + 1)> text{};
    std::size_t at = 0;
    const auto append = [&](std::string_view part) {
      for (const char c : part) text[at++] = c;
    };
    (append(Parts), ...);
    return text;  // the last element stays NUL
  }
  static constexpr auto text = make();
};

}  // namespace detail

/// Texts joined at compile time, NUL-terminated: schemas in static tables that share fragments.
template <const std::string_view&... Parts>
inline constexpr const char* joined = detail::Joined<Parts...>::text.data();

/// The same as a view, to be a part of a further joined text.
template <const std::string_view&... Parts>
inline constexpr std::string_view joined_view = {detail::Joined<Parts...>::text.data(),
                                                 detail::Joined<Parts...>::text.size() - 1};

}  // namespace observerd::common

#pragma once

#include <string>
#include <vector>

#include "support/server_process.hpp"

namespace observerd::testing {

/// What stands in the fenced blocks of this language in plugins/TYPE/README.md, in their order.
/// Throws when there is none.
std::vector<std::string> readme_blocks(const std::string& type,
                                       const std::string& language = "json");

/// The objects of a block that shows alternatives: each begins where a line begins with "{ ".
std::vector<std::string> objects_of(const std::string& block);

/// What bind gets of an action as a README shows it: all but the host's own "type". Throws when it
/// is no JSON.
std::string settings_of(const std::string& example);

/// A configuration made of a README's examples, as `observerd test` understands it.
class ReadmeTrial {
 public:
  /// What {"env": NAME} stands for.
  void set_variable(const std::string& name, const std::string& value);
  /// What {"credential": NAME} stands for.
  void set_credential(const std::string& name, const std::string& text);
  /// The configuration beside the observers, from what a README shows as a whole…
  void configure(const std::string& configuration);
  /// … or as the settings of a type's module.
  void configure_module(const std::string& type, const std::string& settings);

  /// What `observerd test` says about an event when each of these actions has an observer of
  /// "Order". Throws, with its words, when it fails.
  std::string shown(const std::vector<std::string>& actions, const std::string& event) const;
  /// Likewise, and the actions are carried out.
  std::string sent(const std::vector<std::string>& actions, const std::string& event) const;

 private:
  std::string run(const std::vector<std::string>& actions, const std::string& event,
                  const std::vector<std::string>& options) const;

  TestFolder folder_;
  std::vector<std::string> variables_;
};

}  // namespace observerd::testing

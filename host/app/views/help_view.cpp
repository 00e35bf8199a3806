#include "app/views/help_view.hpp"

#include "app/error_catalogue.hpp"
#include "base/strings.hpp"

namespace observerd::app::views {

json::Value error_help(std::string_view wanted) {
  json::Value list = json::Value::array();
  for (const ErrorHelp& help : error_catalogue()) {
    const std::string name = code_name(help.code);
    if (!wanted.empty() && !ascii_iequals(wanted, name)) continue;
    list.push_back(json::Value::object({{"code", json::Value::string(name)},
                                        {"title", json::Value::string(help.title)},
                                        {"cause", json::Value::string(help.cause)},
                                        {"example", json::Value::string(help.example)},
                                        {"what_to_do", json::Value::string(help.what_to_do)}}));
  }
  return list;
}

}  // namespace observerd::app::views

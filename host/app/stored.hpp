#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "app/output.hpp"
#include "app/views/arguments.hpp"
#include "app/views/bulk.hpp"
#include "config/load.hpp"
#include "postgres/connection.hpp"

/// What the commands on stored things (`events`, `dlq`, `deliveries`, …) have in common.
namespace observerd::app {

/// An option with a value, of a command.
struct Option {
  const char* name;
  const char* value;  ///< its placeholder: "NAME"
  const char* help;
};

/// A command on stored things: options and ids, read with all problems told at once, then the
/// configuration and a connection.
class StoredCommand {
 public:
  StoredCommand(const Invocation& invocation, std::string usage, std::string summary);

  void options(const std::vector<Option>& options);
  void flag(const char* name, const char* help) { line_.add()(name, help); }
  /// Words without a dash; `most` of them at most, -1 for any number.
  void ids(const char* description, int most);

  /// Parses; the exit code when the command is over.
  std::optional<int> parse();
  views::ArgumentReader& arguments() { return *reader_; }
  bool has(const char* name) const { return line_.has(name); }
  bool json() const { return line_.json(); }
  const std::vector<std::string>& id_words() const { return words_; }

  /// Ends a command whose arguments have problems, each in a line; else loads and connects. `uses`
  /// are the members of the configuration that the command looks at. The exit code when the command
  /// is over.
  std::optional<int> start(const std::string& purpose,
                           const std::vector<std::string>& uses = {"database"});
  postgres::Connection& connection() { return *connection_; }
  const config::Settings& settings() const { return configuration_->settings; }

  /// Prints JSON with --json; else, or for an error, does `people`.
  template <typename Print>
  int answer(const Result<json::Value>& result, Print people) {
    if (!result) return fail(invocation_, result.status());
    if (json()) {
      print_json(invocation_.out, *result);
    } else {
      people(*result);
    }
    return kDone;
  }
  /// A line on standard error that is written anew while a long change goes on; only on a terminal.
  views::Progress progress(std::string verb) const;

  const Invocation& invocation() const { return invocation_; }
  std::ostream& out() const { return invocation_.out; }

 private:
  const Invocation& invocation_;
  const std::string usage_;
  CommandLine line_;
  std::vector<std::string> names_;
  views::Arguments values_;
  std::vector<std::string> words_;
  std::optional<views::ArgumentReader> reader_;
  std::optional<config::Configuration> configuration_;
  std::unique_ptr<postgres::Connection> connection_;
};

/// Prints what became of each id, refusals to standard error as OB012 or `code`. Exit 1 when one
/// was not done.
int print_changes(StoredCommand& command, Code code, const std::string& verb,
                  const std::vector<store::Change>& changes);
/// The same of a change by filter: counts, and refusals. `noun` is "dead letter".
int print_bulk(StoredCommand& command, Code code, const std::string& verb, const std::string& noun,
               const views::Bulk& bulk);
void print_refused(const StoredCommand& command, Code code,
                   const std::vector<store::Change>& changes);

/// "3 dead letters", "1 dead letter".
std::string counted(std::int64_t count, const std::string& noun);
/// A time of a JSON answer for people: "2026-01-31 12:00:00", UTC; "-" for none.
std::string readable_time(const json::Value& object, std::string_view member);
/// A number or a string of an object as text; "" for null.
std::string text_at(const json::Value& object, std::string_view member);
/// The attempts of what `dlq show` and `deliveries show` answer, as a table; nothing for none.
void print_history(std::ostream& out, const json::Value& shown);

}  // namespace observerd::app

#include "app/stored.hpp"

#include <unistd.h>

#include <chrono>
#include <iostream>

#include "app/output.hpp"
#include "app/session.hpp"
#include "base/strings.hpp"

namespace observerd::app {
namespace {

namespace po = boost::program_options;

constexpr const char* kIds = "ids";
constexpr std::chrono::milliseconds kProgressInterval{200};

}  // namespace

StoredCommand::StoredCommand(const Invocation& invocation, std::string usage, std::string summary)
    : invocation_(invocation), usage_(std::move(usage)), line_(usage_, std::move(summary)) {}

void StoredCommand::options(const std::vector<Option>& options) {
  for (const Option& option : options) {
    line_.add()(option.name, po::value<std::string>()->value_name(option.value), option.help);
    names_.emplace_back(option.name);
  }
}

void StoredCommand::ids(const char* description, int most) {
  line_.positional(kIds, description, most);
}

std::optional<int> StoredCommand::parse() {
  if (const auto over = line_.parse(invocation_)) return over;
  for (const std::string& name : names_) {
    if (line_.has(name)) values_[name] = line_.text(name);
  }
  words_ = line_.words(kIds);
  reader_.emplace(values_, std::chrono::system_clock::now());
  return std::nullopt;
}

std::optional<int> StoredCommand::start(const std::string& purpose,
                                        const std::vector<std::string>& uses) {
  if (!reader_->problems().empty()) {
    return usage_error(invocation_, usage_, join(reader_->problems(), "\nobserverd: "));
  }
  configuration_ = load_configuration(invocation_, line_, uses);
  if (!configuration_) return kConfiguration;
  auto connection = open_database(configuration_->settings, purpose);
  if (!connection) return fail(invocation_, connection.status());
  connection_ = std::move(*connection);
  return std::nullopt;
}

views::Progress StoredCommand::progress(std::string verb) const {
  if (&invocation_.err != &std::cerr || ::isatty(STDERR_FILENO) == 0) return {};
  return [verb = std::move(verb), &err = invocation_.err,
          shown = std::chrono::steady_clock::time_point()](std::int64_t done,
                                                           std::int64_t total) mutable {
    const auto now = std::chrono::steady_clock::now();
    const bool last = total > 0 && done >= total;
    if (!last && now - shown < kProgressInterval) return;
    shown = now;
    err << '\r' << verb << ' ' << done;
    if (total > 0) err << " of " << total;
    err << "\x1b[K" << (last ? "\n" : "") << std::flush;
  };
}

void print_refused(const StoredCommand& command, Code code,
                   const std::vector<store::Change>& changes) {
  for (const store::Change& change : changes) {
    if (change.done) continue;
    command.invocation().err
        << Status::error(code, change.id.to_string() + " " + change.why_not).to_string() << '\n';
  }
}

int print_changes(StoredCommand& command, Code code, const std::string& verb,
                  const std::vector<store::Change>& changes) {
  bool all = true;
  for (const store::Change& change : changes) {
    all = all && change.done;
    if (change.done && !command.json()) {
      command.out() << verb << ' ' << change.id.to_string() << '\n';
    }
  }
  if (command.json()) {
    print_json(command.out(), views::to_json(changes));
  } else {
    print_refused(command, code, changes);
  }
  return all ? kDone : kNegative;
}

int print_bulk(StoredCommand& command, Code code, const std::string& verb, const std::string& noun,
               const views::Bulk& bulk) {
  if (command.json()) {
    print_json(command.out(), views::to_json(bulk));
  } else {
    if (bulk.dry_run) {
      command.out() << "would have " << verb << ' ' << counted(bulk.selected, noun) << '\n';
    } else {
      command.out() << verb << ' ' << counted(static_cast<std::int64_t>(bulk.done.size()), noun)
                    << '\n';
    }
    print_refused(command, code, bulk.refused);
  }
  return bulk.refused.empty() ? kDone : kNegative;
}

std::string counted(std::int64_t count, const std::string& noun) {
  const bool y = !noun.empty() && noun.back() == 'y';
  if (count == 1) return "1 " + noun;
  return std::to_string(count) + ' ' + (y ? noun.substr(0, noun.size() - 1) + "ies" : noun + 's');
}

std::string readable_time(const json::Value& object, std::string_view member) {
  std::string time = object.string_or(member);
  if (time.size() < 19) return "-";
  time[10] = ' ';
  return time.substr(0, 19);
}

std::string text_at(const json::Value& object, std::string_view member) {
  const json::Value* value = object.find(member);
  return value != nullptr && (value->is_string() || value->is_number()) ? value->text()
                                                                        : std::string();
}

void print_history(std::ostream& out, const json::Value& shown) {
  Table table({"ATTEMPT", "AT", "TOOK MS", "RESULT", "CODE", "MESSAGE"});
  for (const json::Value& attempt : shown.find("history")->items()) {
    table.add({text_at(attempt, "attempt"), readable_time(attempt, "at"),
               text_at(attempt, "took_ms"), attempt.string_or("result"),
               attempt.string_or("error_code"), shorten(attempt.string_or("error_message"), 100)});
  }
  if (table.empty()) return;
  out << '\n';
  const std::string not_kept = text_at(shown, "attempts_not_kept");
  if (not_kept != "0") out << counted(std::stoll(not_kept), "earlier attempt") << ", not kept\n";
  table.print(out);
}

}  // namespace observerd::app

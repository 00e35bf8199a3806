#include <chrono>

#include "base/json.hpp"
#include "check/test_functions.hpp"
#include "config/schema.hpp"
#include "plugin/negotiation.hpp"

namespace observerd::check {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds quick{100};
constexpr int entry_calls = 3;

/// The plugin's table with schemas that nothing is wrong with: what is left to find in it is not
/// the schemas' doing. Its members borrow from one another, so it stays where it is.
class TableWithoutSchemas {
 public:
  explicit TableWithoutSchemas(const observerd_plugin* theirs)
      : plugin_(plugin::copy_struct(theirs)) {
    if (plugin_.actions == nullptr || plugin_.action_count > most_actions) return;
    actions_.reserve(plugin_.action_count);
    for (std::uint32_t i = 0; i < plugin_.action_count; ++i) {
      const observerd_action_type* action = plugin_.actions[i];
      if (action == nullptr) {
        pointers_.push_back(nullptr);
        continue;
      }
      actions_.push_back(plugin::copy_struct(action));
      actions_.back().struct_size = sizeof(observerd_action_type);
      for (const char** schema : {&actions_.back().module_schema, &actions_.back().action_schema}) {
        if (*schema != nullptr) *schema = "{}";
      }
      pointers_.push_back(&actions_.back());
    }
    plugin_.struct_size = sizeof plugin_;
    plugin_.actions = pointers_.data();
  }
  TableWithoutSchemas(const TableWithoutSchemas&) = delete;
  TableWithoutSchemas& operator=(const TableWithoutSchemas&) = delete;
  const observerd_plugin* get() const { return &plugin_; }

 private:
  static constexpr std::uint32_t most_actions = 1024;
  observerd_plugin plugin_;
  std::vector<observerd_action_type> actions_;
  std::vector<const observerd_action_type*> pointers_;
};

/// The table, or a failure of the test.
const observerd_plugin* load(Trial& trial) {
  trial.stage.set("loading");
  const Result<Loaded> loaded = trial.loader.load();
  if (loaded) return loaded->table;
  trial.finding.fail(loaded.status());
  return nullptr;
}

void check_one_schema(Trial& trial, const std::string& subject, const char* text) {
  const Result<json::Value> schema =
      json::parse(text, Code::PluginLoad, {.reject_duplicates = true});
  if (!schema) return trial.finding.fail(schema.status(), subject + ": ");
  if (!schema->is_object()) return trial.finding.fail(subject + " is no object");
  trial.finding.fail_unless_ok(config::check_schema(*schema), subject + ": ");
}

void check_descriptions(Trial& trial, const std::string& subject, const json::Value& schema) {
  const json::Value* properties = schema.find("properties");
  if (properties == nullptr || !properties->is_object()) return;
  for (const auto& [name, property] : properties->members()) {
    if (property.string_or("description").empty()) {
      trial.finding.warn(subject + ": \"" + name + "\" has no description");
    }
  }
  const json::Value* more = schema.find("additionalProperties");
  if (more == nullptr) {
    trial.finding.warn(subject + " lets misspelt settings pass: it lacks additionalProperties");
  }
}

}  // namespace

void test_note_fits(Trial& trial) {
  trial.finding.fail_unless_ok(plugin::check_note(trial.file.elf.note, plugin::HostAbi()), "it ");
}

void test_exports(Trial& trial) {
  trial.finding.fail_unless_ok(plugin::check_exports(trial.file.elf), "it ");
}

void test_stack(Trial& trial) {
  if (trial.file.elf.executable_stack) trial.finding.fail("it asks for an executable stack");
}

void test_loads(Trial& trial) {
  trial.stage.set("loading: constructors of the library run");
  const Result<Loaded> loaded = trial.loader.load();
  // What its entry function gives is another test's business.
  if (!loaded && !trial.loader.is_mapped()) trial.finding.fail(loaded.status());
}

void test_text_relocations(Trial& trial) {
  const Result<Loaded> loaded = trial.loader.load();
  if (loaded && loaded->text_relocations) {
    trial.finding.fail("loading it writes to its own code (DT_TEXTREL)");
  }
}

void test_entry(Trial& trial) {
  const observerd_plugin* first = load(trial);
  if (first == nullptr) return;
  trial.stage.set("the entry function");
  const observerd_plugin_entry_fn entry = trial.loader.load()->entry;
  for (int i = 0; i < entry_calls; ++i) {
    const observerd_plugin* again = nullptr;
    try {
      again = entry();
    } catch (...) {
      return trial.finding.fail("the entry function throws when it is called again");
    }
    if (again != first) {
      return trial.finding.fail("the entry function returned another pointer at call " +
                                std::to_string(i + 2));
    }
  }
}

void test_scan_time(Trial& trial) {
  const auto begin = Clock::now();
  const Result<Loaded> loaded = trial.loader.load();
  const auto took = duration_cast<milliseconds>(Clock::now() - begin);
  // Only a warning: on a busy machine it may not be the plugin's doing.
  if (loaded && took > quick) trial.finding.warn("it took " + std::to_string(took.count()) + " ms");
}

void test_table_matches_note(Trial& trial) {
  const observerd_plugin* table = load(trial);
  if (table == nullptr) return;
  const plugin::AbiNote& note = *trial.file.elf.note;
  const observerd_plugin ours = plugin::copy_struct(table);
  if (ours.abi_minor == note.minor && ours.min_host_minor == note.min_host_minor) return;
  trial.finding.fail("the note says minor " + std::to_string(note.minor) +
                     " and least host minor " + std::to_string(note.min_host_minor) +
                     ", the table " + std::to_string(ours.abi_minor) + " and " +
                     std::to_string(ours.min_host_minor));
}

void test_table_complete(Trial& trial) {
  const observerd_plugin* theirs = load(trial);
  if (theirs == nullptr) return;
  const TableWithoutSchemas table(theirs);
  const Result<plugin::PluginTable> read = plugin::read_table(table.get(), *trial.file.elf.note);
  if (!read) return trial.finding.fail(read.status(), "its table: ");
  for (const observerd_action_type& action : read->actions) {
    if (action.summary == nullptr || *action.summary == '\0') {
      trial.finding.warn("type \"" + std::string(action.type) + "\" has no summary");
    }
  }
}

void test_schemas(Trial& trial) {
  const observerd_plugin* theirs = load(trial);
  if (theirs == nullptr) return;
  const observerd_plugin table = plugin::copy_struct(theirs);
  for (std::uint32_t i = 0; i < table.action_count; ++i) {
    const observerd_action_type action = plugin::copy_struct(table.actions[i]);
    const std::string prefix = "type \"" + std::string(action.type) + "\": ";
    check_one_schema(trial, prefix + "module_schema", action.module_schema);
    check_one_schema(trial, prefix + "action_schema", action.action_schema);
  }
}

void test_descriptions(Trial& trial) {
  for (const plugin::ActionType& type : trial.types()) {
    const std::string prefix = "type \"" + type.type + "\": ";
    check_descriptions(trial, prefix + "module_schema", type.module_schema);
    check_descriptions(trial, prefix + "action_schema", type.action_schema);
  }
}

}  // namespace observerd::check

// oneOf, anyOf, allOf and not; and what to say when no branch fits.
#include <algorithm>

#include "base/strings.hpp"
#include "config/validator_at.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

using Faults = Validator::Faults;
using Kind = SchemaFault::Kind;

bool fits_type(const Faults& faults, const std::string& pointer) {
  return std::none_of(faults.begin(), faults.end(), [&](const SchemaFault& fault) {
    return fault.kind == Kind::Type && fault.pointer == pointer;
  });
}

void add_words(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const std::string& word : more) {
    if (std::find(all.begin(), all.end(), word) == all.end()) all.push_back(word);
  }
}

Faults one(std::string pointer, const json::Value& near, std::string sentence, Kind kind,
           std::vector<std::string> words) {
  Faults out;
  out.push_back({std::move(pointer), &near, std::move(sentence), kind, std::move(words)});
  return out;
}

/// Every branch asks for another type.
Faults wrong_type(const json::Value& value, const std::string& pointer,
                  const std::vector<Faults>& branches) {
  std::vector<std::string> words;
  for (const Faults& faults : branches) {
    for (const SchemaFault& fault : faults) {
      if (fault.kind == Kind::Type && fault.pointer == pointer) add_words(words, fault.words);
    }
  }
  return one(pointer, value, must_be(either(words), value), Kind::Type, words);
}

/// Every branch lacks just one member of this object: {webhook_url} or {channel}.
bool lack_one_each(const json::Value& value, const std::vector<Faults>& branches) {
  return std::all_of(branches.begin(), branches.end(), [&](const Faults& faults) {
    return faults.size() == 1 && faults[0].kind == Kind::Missing && faults[0].near == &value;
  });
}

Faults lacking(const json::Value& value, const std::string& pointer,
               const std::vector<Faults>& branches) {
  std::vector<std::string> names;
  for (const Faults& faults : branches) add_words(names, faults[0].words);
  return one(pointer, value, "the setting " + either(quote_all(names)) + " is missing", Kind::Other,
             {});
}

/// The choice that every branch refuses: the member that tells the branches apart.
const SchemaFault* common_choice(const std::vector<Faults>& branches) {
  for (const SchemaFault& fault : branches[0]) {
    if (fault.kind != Kind::Choice) continue;
    const bool everywhere =
        std::all_of(branches.begin(), branches.end(), [&](const Faults& faults) {
          return std::any_of(faults.begin(), faults.end(), [&](const SchemaFault& other) {
            return other.kind == Kind::Choice && other.near == fault.near;
          });
        });
    if (everywhere) return &fault;
  }
  return nullptr;
}

Faults wrong_choice(const SchemaFault& fault, const std::vector<Faults>& branches) {
  std::vector<std::string> words;
  for (const Faults& faults : branches) {
    for (const SchemaFault& other : faults) {
      if (other.kind == Kind::Choice && other.near == fault.near) add_words(words, other.words);
    }
  }
  return one(fault.pointer, *fault.near, must_be_one_of(words, *fault.near), Kind::Choice, words);
}

/// Fewer is nearer; a choice that is refused is a branch that was not meant.
std::size_t distance(const Faults& faults) {
  std::size_t out = 0;
  for (const SchemaFault& fault : faults) out += fault.kind == Kind::Choice ? 1000 : 1;
  return out;
}

/// The members that tell branches of bare `required` apart, or none.
std::vector<std::string> required_names(const json::Value& branches) {
  std::vector<std::string> names;
  for (const json::Value& branch : branches.items()) {
    const json::Value* required = branch.find("required");
    if (required == nullptr || !required->is_array() || required->items().size() != 1 ||
        !required->items()[0].is_string()) {
      return {};
    }
    names.push_back(required->items()[0].text());
  }
  return names;
}

}  // namespace

std::string must_be_one_of(const std::vector<std::string>& words, const json::Value& value) {
  std::vector<std::string> names;
  for (const std::string& word : words) {
    if (word.size() >= 2 && word.front() == '"') names.push_back(word.substr(1, word.size() - 2));
  }
  const std::string hint = value.is_string() ? did_you_mean(value.text(), names) : "";
  return "must be " + either(words) + hint;
}

Faults best_faults(const json::Value& value, const std::string& pointer,
                   std::vector<Faults> branches) {
  std::vector<Faults> fitting;
  for (const Faults& faults : branches) {
    if (fits_type(faults, pointer)) fitting.push_back(faults);
  }
  if (fitting.empty()) return wrong_type(value, pointer, branches);
  if (fitting.size() > 1) {
    if (lack_one_each(value, fitting)) return lacking(value, pointer, fitting);
    if (const SchemaFault* choice = common_choice(fitting)) return wrong_choice(*choice, fitting);
  }
  return *std::min_element(fitting.begin(), fitting.end(), [](const Faults& a, const Faults& b) {
    return distance(a) < distance(b);
  });
}

void Validator::check_branches(const At& at) {
  if (const json::Value* all = at.keyword("allOf", json::Type::Array)) {
    for (const json::Value& branch : all->items()) {
      check(at.value, branch, at.pointer, at.hops + 1, at.out);
    }
  }
  if (const json::Value* any = at.keyword("anyOf", json::Type::Array)) {
    check_one_of(at, *any, false);
  }
  if (const json::Value* one = at.keyword("oneOf", json::Type::Array)) {
    check_one_of(at, *one, true);
  }
  if (const json::Value* no = at.schema.find("not")) check_not(at, *no);
}

void Validator::check_one_of(const At& at, const json::Value& branches, bool only_one) {
  if (branches.items().empty()) return;
  std::vector<Faults> found;
  std::size_t fits = 0;
  for (const json::Value& branch : branches.items()) {
    Faults faults;
    check(at.value, branch, at.pointer, at.hops + 1, faults);
    if (faults.empty()) ++fits;
    found.push_back(std::move(faults));
  }
  if (fits == 0) {
    for (SchemaFault& fault : best_faults(at.value, at.pointer, std::move(found))) {
      at.out.push_back(std::move(fault));
    }
  } else if (fits > 1 && only_one) {
    const std::vector<std::string> names = required_names(branches);
    at.fault(names.empty()
                 ? "fits more than one of the forms that are allowed here"
                 : "only one of the settings " + either(quote_all(names)) + " may be there");
  }
}

void Validator::check_not(const At& at, const json::Value& schema) {
  Faults faults;
  check(at.value, schema, at.pointer, at.hops + 1, faults);
  if (!faults.empty()) return;
  const json::Value* required = schema.find("required");
  std::vector<std::string> names;
  if (required != nullptr && required->is_array()) {
    for (const json::Value& name : required->items()) {
      if (name.is_string()) names.push_back(in_quotes(name.text()));
    }
  }
  at.fault(names.size() > 1    ? "the settings " + join(names, " and ") + " exclude each other"
           : names.size() == 1 ? "the setting " + names[0] + " is not allowed here"
                               : "is not allowed here");
}

}  // namespace observerd::config

#include "support/exposition.hpp"

#include <cstdlib>
#include <regex>
#include <set>
#include <sstream>

namespace observerd::testing {
namespace {

class Reader {
 public:
  Scrape read(std::string_view text) {
    if (!text.empty() && text.back() != '\n') problem("the last line has no end");
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) read_line(line);
    end_family();
    return std::move(scrape_);
  }

 private:
  void problem(const std::string& what) { scrape_.problems.push_back(what + ": " + family_); }

  void read_line(const std::string& line) {
    static const std::regex help(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) \S.*)");
    static const std::regex type(
        R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped))");
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      end_family();
      family_ = match[1];
      if (!seen_.insert(family_).second) problem("a family in two pieces");
    } else if (std::regex_match(line, match, type)) {
      if (match[1] != family_) problem("TYPE without HELP in front of it, " + line);
      type_ = match[2];
      scrape_.types[family_] = type_;
      const bool total = family_.ends_with("_total");
      if ((type_ == "counter") != total) problem("only counters end in _total");
    } else {
      read_sample(line);
    }
  }

  void read_sample(const std::string& line) {
    static const std::regex sample(R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+))re");
    static const std::regex labels(
        R"re(([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*")(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*")*)re");
    std::smatch match;
    if (!std::regex_match(line, match, sample)) return problem("no sample: " + line);
    const std::string name = match[1], label_text = match[3], number = match[4];
    if (match[2].matched && !std::regex_match(label_text, labels)) problem("labels: " + line);
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    if (*end != '\0') problem("no number: " + line);
    const std::string suffix = name.starts_with(family_) ? name.substr(family_.size()) : "?";
    const bool histogram = type_ == "histogram";
    if (type_.empty() || (histogram ? suffix != "_bucket" && suffix != "_sum" && suffix != "_count"
                                    : !suffix.empty())) {
      problem("a sample outside its family: " + line);
    }
    if (histogram) read_histogram(suffix, label_text, value);
    if (!scrape_.series.emplace(line.substr(0, line.rfind(' ')), value).second) {
      problem("a series twice: " + line);
    }
  }

  void read_histogram(const std::string& suffix, const std::string& labels, double value) {
    static const std::regex bound(R"re((,?)le="([^"]*)")re");
    std::smatch match;
    if (suffix == "_bucket") {
      if (!std::regex_search(labels, match, bound)) return problem("a bucket without le");
      const std::string rest = std::regex_replace(labels, bound, "");
      if (value < buckets_[rest]) problem("buckets are not cumulative");
      buckets_[rest] = value;
      if (match[2] == "+Inf") infinite_[rest] = value;
    } else if (suffix == "_count") {
      counts_[labels] = value;
    }
  }

  void end_family() {
    if (infinite_ != counts_) problem("the bucket +Inf is not the count");
    buckets_.clear();
    infinite_.clear();
    counts_.clear();
    type_.clear();
  }

  Scrape scrape_;
  std::string family_, type_;
  std::set<std::string> seen_;
  std::map<std::string, double> buckets_, infinite_, counts_;
};

}  // namespace

double Scrape::value(const std::string& name) const {
  const auto found = series.find(name);
  return found == series.end() ? -1 : found->second;
}

std::size_t Scrape::count(std::string_view prefix) const {
  std::size_t count = 0;
  for (const auto& [name, value] : series) count += name.starts_with(prefix) ? 1 : 0;
  return count;
}

Scrape read_exposition(std::string_view text) {
  return Reader().read(text);
}

}  // namespace observerd::testing

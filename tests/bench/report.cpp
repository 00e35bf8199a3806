#include "report.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace observerd::bench {
namespace {

json::Value number(double value, const char* format) {
  char digits[64];
  std::snprintf(digits, sizeof digits, format, value);
  return json::Value::number(digits);
}

void print(const json::Value& line) {
  std::cout << json::write(line) << std::endl;
}

}  // namespace

Report::Report(std::filesystem::path recorded_file) : file_(std::move(recorded_file)) {
  std::stringstream text;
  text << std::ifstream(file_).rdbuf();
  if (auto recorded = json::parse(text.str(), Code::Configuration)) recorded_ = *recorded;
}

bool Report::compare(const std::string& name, const std::string& unit, double ours,
                     const Shown& other, Better better, Keep keep) {
  const double ratio = better == Better::Lower ? other.value / ours : ours / other.value;
  json::Value line = json::Value::object({{"name", json::Value::string(name)}});
  line.set("ours", number(ours, "%.1f"));
  line.set("other", number(other.value, "%.1f"));
  line.set("unit", json::Value::string(unit));
  line.set("other_way", json::Value::string(other.name));
  line.set("ratio", number(ratio, "%.2f"));
  bool fine = true;
  if (keep == Keep::Recorded) {
    measured_.set(name, number(ratio, "%.2f"));
    if (const json::Value* before = recorded_.find(name)) {
      fine = ratio >= std::atof(before->text().c_str()) * 2 / 3;
      line.set("recorded", *before);
      line.set("fine", json::Value::boolean(fine));
    }
  }
  print(line);
  if (fine) {
    bad_.erase(name);
  } else {
    bad_.insert(name);
  }
  return fine;
}

void Report::figure(const std::string& name, const std::string& unit, double value) {
  print(json::Value::object({{"name", json::Value::string(name)},
                             {"value", number(value, "%.1f")},
                             {"unit", json::Value::string(unit)}}));
}

int Report::conclude(bool check, bool record) const {
  if (record) {
    json::Value all = recorded_;
    for (const json::Member& ratio : measured_.members()) all.set(ratio.first, ratio.second);
    std::ofstream(file_) << json::write_pretty(all) << '\n';
  }
  if (!check || bad_.empty()) return 0;
  std::cerr << "a ratio is more than a third below the recorded one\n";
  return 1;
}

Run run_of(int argc, char** argv, const std::string& what, std::size_t count) {
  Run run{count};
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--check") {
      run.check = true;
    } else if (word == "--record") {
      run.record = true;
    } else if (word == "--" + what && i + 1 < argc) {
      run.count = std::stoul(argv[++i]);
    } else {
      give_up("usage: " + std::string(argv[0]) + " [--check] [--record] [--" + what + " N]");
    }
  }
  return run;
}

void give_up(const std::string& why) {
  std::cerr << why << '\n';
  std::exit(2);
}

}  // namespace observerd::bench

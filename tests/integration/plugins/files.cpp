#include "files.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace observerd::testing {

std::string fixture_bytes(const std::string& name) {
  const std::string path = OBSERVERD_BUILD_DIR "/tests/plugins/" + name + ".so";
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream stream(file, std::ios::binary);
  stream << bytes;
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
  std::filesystem::permissions(file, std::filesystem::perms(0644));
}

}  // namespace observerd::testing

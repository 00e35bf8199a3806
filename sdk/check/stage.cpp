#include "check/stage.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "check/finding.hpp"

namespace observerd::check {
namespace {

constexpr std::size_t size = 512;

}  // namespace

Stage::Stage() {
  void* shared = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared != MAP_FAILED) shared_ = static_cast<char*>(shared);
}

Stage::~Stage() {
  if (shared_ != nullptr) ::munmap(shared_, size);
}

void Stage::set(std::string_view what) {
  if (shared_ == nullptr) return;
  const std::lock_guard lock(mutex_);
  const std::size_t length = std::min(what.size(), size - 1);
  std::memcpy(shared_, what.data(), length);
  shared_[length] = '\0';
}

std::string Stage::get() const {
  if (shared_ == nullptr) return {};
  return printable({shared_, ::strnlen(shared_, size)}, size);
}

}  // namespace observerd::check

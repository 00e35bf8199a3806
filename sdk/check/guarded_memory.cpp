#include "check/guarded_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace observerd::check {

GuardedMemory::~GuardedMemory() {
  for (const Mapping& mapping : mappings_) ::munmap(mapping.start, mapping.size);
  for (char* block : blocks_) ::operator delete(block);
}

char* GuardedMemory::place(std::size_t size, bool guarded) {
  if (!guarded) {
    blocks_.push_back(static_cast<char*>(::operator new(size + 1)));
    return blocks_.back();
  }
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t readable = (size + page - 1) / page * page;
  void* start =
      ::mmap(nullptr, readable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) throw std::bad_alloc();
  mappings_.push_back({start, readable + page});
  ::mprotect(static_cast<char*>(start) + readable, page, PROT_NONE);
  return static_cast<char*>(start) + (readable - size);
}

observerd_str GuardedMemory::text(std::string_view text) {
  if (text.empty() && shape_.guarded_texts) return {nullptr, 0};
  char* at = place(text.size(), shape_.guarded_texts);
  std::memcpy(at, text.data(), text.size());
  if (!shape_.guarded_texts) at[text.size()] = '\0';
  return {at, text.size()};
}

}  // namespace observerd::check

#include "plugin/sinks.hpp"

#include <utility>

#include "plugin/text.hpp"

namespace observerd::plugin {
namespace {

constexpr std::size_t max_problems = 100;
constexpr std::size_t max_pointer_bytes = 256;
constexpr std::size_t max_message_bytes = 1024;
constexpr std::size_t max_key_bytes = 512;
constexpr std::size_t max_preview_bytes = std::size_t{1} << 20;

/// Runs a body that allocates; out of memory loses the text, and nothing crosses into the plugin.
template <typename Body>
void safely(const Body& body) noexcept {
  try {
    body();
  } catch (...) {
  }
}

}  // namespace

ErrorSink::ErrorSink() {
  raw_.struct_size = sizeof raw_;
  raw_.context = this;
  raw_.add = &ErrorSink::add_raw;
}

void ErrorSink::add(std::string pointer, std::string message) {
  if (problems_.size() >= max_problems) return;
  Place place;
  place.pointer = std::move(pointer);
  problems_.push_back(Status::error(Code::ActionSettings, std::move(message)).at(std::move(place)));
}

void ErrorSink::add_raw(const observerd_errors* self, observerd_str pointer,
                        observerd_str message) {
  safely([&] {
    std::string where = clean_text(pointer, max_pointer_bytes);
    if (!where.empty() && where.front() != '/') where.insert(0, 1, '/');
    std::string sentence = clean_text(message, max_message_bytes);
    if (sentence.empty()) sentence = "the plugin refuses this setting without saying why";
    static_cast<ErrorSink*>(self->context)->add(std::move(where), std::move(sentence));
  });
}

BindingSink::BindingSink() {
  raw_.struct_size = sizeof raw_;
  raw_.context = this;
  raw_.lane_key = [](const observerd_binding* self, observerd_str key) {
    safely([&] {
      static_cast<BindingSink*>(self->context)->lane_key = clean_text(key, max_key_bytes);
    });
  };
  raw_.batch_key = [](const observerd_binding* self, observerd_str key) {
    safely([&] {
      static_cast<BindingSink*>(self->context)->batch_key = clean_text(key, max_key_bytes);
    });
  };
}

PreviewSink::PreviewSink() {
  raw_.struct_size = sizeof raw_;
  raw_.context = this;
  raw_.write = [](const observerd_preview* self, observerd_str text) {
    safely([&] {
      std::string& all = static_cast<PreviewSink*>(self->context)->text;
      all += clean_text(text, max_preview_bytes - all.size());
    });
  };
}

}  // namespace observerd::plugin

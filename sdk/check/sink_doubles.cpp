#include "check/sink_doubles.hpp"

#include "check/finding.hpp"

namespace observerd::check {
namespace {

constexpr std::size_t most_preview_bytes = std::size_t{16} << 20;

std::string text_of(observerd_str text) {
  return printable({text.data == nullptr ? "" : text.data, static_cast<std::size_t>(text.len)},
                   200);
}

}  // namespace

ErrorsDouble::ErrorsDouble(GuardedMemory& memory) : raw_(&memory.make<observerd_errors>()) {
  raw_->context = this;
  raw_->add = [](const observerd_errors* self, observerd_str pointer, observerd_str message) {
    auto& errors = *static_cast<ErrorsDouble*>(self->context);
    ++errors.count_;
    const bool readable = check_text("an error's JSON pointer", pointer, errors.faults_) &&
                          check_text("an error's message", message, errors.faults_);
    if (!readable) return;
    if (pointer.len > 0 && pointer.data[0] != '/') {
      errors.faults_.add("\"" + text_of(pointer) + "\" is no JSON pointer: it starts with /");
    }
    if (message.len == 0) {
      errors.faults_.add("the error at \"" + text_of(pointer) + "\" has no message");
    }
    if (errors.count_ == 1) errors.first_ = text_of(pointer) + ": " + text_of(message);
  };
}

BindingDouble::BindingDouble(GuardedMemory& memory, Faults& faults)
    : raw_(&memory.make<observerd_binding>()), faults_(faults) {
  raw_->context = this;
  raw_->lane_key = [](const observerd_binding* self, observerd_str key) {
    check_text("the lane key", key, static_cast<BindingDouble*>(self->context)->faults_);
  };
  raw_->batch_key = [](const observerd_binding* self, observerd_str key) {
    auto& binding = *static_cast<BindingDouble*>(self->context);
    if (check_text("the batch key", key, binding.faults_)) {
      binding.batch_key.assign(key.data == nullptr ? "" : key.data,
                               static_cast<std::size_t>(key.len));
    }
  };
}

PreviewDouble::PreviewDouble(GuardedMemory& memory) : raw_(&memory.make<observerd_preview>()) {
  raw_->context = this;
  raw_->write = [](const observerd_preview* self, observerd_str part) {
    auto& preview = *static_cast<PreviewDouble*>(self->context);
    if (part.len == 0) return;
    if (part.data == nullptr || part.len > most_preview_bytes ||
        preview.text.size() + part.len > most_preview_bytes) {
      preview.faults.add("the preview has a part of " + std::to_string(part.len) +
                         " bytes that is not there, or is far too long");
      return;
    }
    preview.text.append(part.data, static_cast<std::size_t>(part.len));
  };
}

}  // namespace observerd::check

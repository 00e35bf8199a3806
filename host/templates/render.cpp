#include "templates/render.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "event/path.hpp"
#include "templates/escape.hpp"
#include "templates/filters.hpp"
#include "templates/url.hpp"

namespace observerd::templates {
namespace {

Status at_tag(Status status, const Node& node) {
  Place place;
  place.line = node.place.line;
  place.column = node.place.column;
  return std::move(status).at(std::move(place));
}

/// One rendering: the stack of sections, the text so far, the steps left.
class Renderer {
 public:
  Renderer(const Context& context, Missing missing, Escape escape)
      : context_(context), missing_(missing), escape_(escape) {}

  Status render(const std::vector<Node>& nodes) {
    for (const Node& node : nodes) {
      if (Status status = render(node); !status.ok()) return status;
    }
    return {};
  }

  /// nullptr is a value that is missing. What is made on the way is held by `scratch`.
  Result<const json::Value*> evaluate(const Node& node, json::Value& scratch) {
    const json::Value* value = find(node.reference, scratch);
    for (const Filter& filter : node.filters) {
      if (filter.kind == Filter::Kind::Default) {
        if (value == nullptr || value->is_null()) value = &filter.argument;
        continue;
      }
      if (value == nullptr) continue;  // a default may come yet
      Result<json::Value> changed = apply_filter(filter, *value);
      if (!changed) return at_tag(changed.status().context(node.reference.text), node);
      scratch = std::move(*changed);
      value = &scratch;
    }
    if (value == nullptr && missing_ == Missing::Error) return missing_error(node);
    return value;
  }

  /// The text, once everything is rendered.
  Result<std::string> finish() {
    if (makes_dot_segment(out_, encoded_)) {
      return Status::error(Code::Template,
                           "a value makes a segment of the URL's path \".\" or \"..\"");
    }
    return std::move(out_);
  }

 private:
  Status render(const Node& node) {
    if (++steps_ > kMaxSteps) return too_many_steps(node);
    switch (node.kind) {
      case Node::Kind::Root:
        return render(node.children);
      case Node::Kind::Text:
        return append(node, node.text);
      case Node::Kind::Value:
        return render_value(node);
      case Node::Kind::Section:
      case Node::Kind::Inverted:
        return render_section(node);
    }
    return {};
  }

  Status render_value(const Node& node) {
    json::Value scratch;
    const Result<const json::Value*> value = evaluate(node, scratch);
    if (!value) return value.status();
    if (*value == nullptr || (*value)->is_null()) return {};
    if ((*value)->is_string()) return insert(node, (*value)->text());
    std::string text;
    append_text(text, **value);
    return insert(node, text);
  }

  /// Puts a value's text where the tag stands.
  Status insert(const Node& node, std::string_view text) {
    if (text.size() > kMaxOutputBytes) return too_large(node);
    const bool already_encoded =
        !node.filters.empty() && node.filters.back().kind == Filter::Kind::UrlEncode;
    Status status;
    if (!node.escaped || (escape_ == Escape::Url && already_encoded)) {
      status = check_plain(text, escape_);
      if (status.ok()) return append(node, text);
    } else if (escape_ == Escape::Url && out_.empty() && !text.empty()) {
      // A URL that comes from the data as a whole must stay what it is.
      status = check_absolute_url(text);
      if (status.ok()) return append(node, text);
    } else {
      std::string escaped;
      status = escape_to(escaped, text, escape_);
      if (status.ok()) {
        if (escape_ == Escape::Url) {
          encoded_.push_back({out_.size(), out_.size() + escaped.size()});
        }
        return append(node, escaped);
      }
    }
    return at_tag(std::move(status).context(node.reference.text), node);
  }

  Status render_section(const Node& node) {
    json::Value scratch;
    const json::Value* value = find(node.reference, scratch);
    const bool truthy = value != nullptr && !value->is_null() &&
                        !(value->is_boolean() && !value->as_boolean()) &&
                        !(value->is_array() && value->items().empty());
    if (node.kind == Node::Kind::Inverted) return truthy ? Status() : render(node.children);
    if (!truthy) return {};
    if (!value->is_array()) return render_with(*value, node);
    for (const json::Value& item : value->items()) {
      if (++steps_ > kMaxSteps) return too_many_steps(node);
      if (Status status = render_with(item, node); !status.ok()) return status;
    }
    return {};
  }

  Status render_with(const json::Value& value, const Node& section) {
    stack_.push_back(&value);
    Status status = render(section.children);
    stack_.pop_back();
    return status;
  }

  const json::Value* find(const Reference& reference, json::Value& scratch) const {
    switch (reference.source) {
      case Reference::Source::Current:
        return stack_.empty() ? context_.event.row() : stack_.back();
      case Reference::Source::ObserverName:
        scratch = json::Value::string(std::string(context_.observer));
        return &scratch;
      case Reference::Source::DeliveryId:
        scratch = json::Value::string(std::string(context_.delivery_id));
        return &scratch;
      case Reference::Source::Attempt:
        scratch = json::Value::integer(context_.attempt);
        return &scratch;
      case Reference::Source::Path:
        break;
    }
    const FieldPath& path = reference.path;
    // The innermost section that has the first name decides; a chain that breaks further on is
    // missing and does not fall back (the Mustache specification's "context precedence").
    const auto* name = path.root == FieldPath::Root::Row && !path.steps.empty()
                           ? std::get_if<std::string>(&path.steps.front())
                           : nullptr;
    for (auto frame = stack_.rbegin(); name != nullptr && frame != stack_.rend(); ++frame) {
      if (const json::Value* first = (*frame)->find(*name)) {
        return resolve_steps(first, path.steps, 1);
      }
    }
    return resolve(context_.event, path, scratch);
  }

  Status append(const Node& node, std::string_view text) {
    if (text.size() > kMaxOutputBytes - out_.size()) return too_large(node);
    out_ += text;
    return {};
  }

  static Status too_large(const Node& node) {
    return at_tag(Status::error(Code::Template, "the rendered text is larger than " +
                                                    std::to_string(kMaxOutputBytes) + " bytes"),
                  node);
  }

  static Status too_many_steps(const Node& node) {
    return at_tag(Status::error(Code::Template, "rendering takes more than " +
                                                    std::to_string(kMaxSteps) + " steps"),
                  node);
  }

  Status missing_error(const Node& node) const {
    return at_tag(Status::error(Code::Template, "the event has no \"" + node.reference.text + "\"" +
                                                    near_column(node.reference.path)),
                  node);
  }

  /// A suggestion when the first name of a path is neither in a section's value nor in the row.
  std::string near_column(const FieldPath& path) const {
    const json::Value* row = context_.event.row();
    const auto* name = path.steps.empty() ? nullptr : std::get_if<std::string>(&path.steps.front());
    if (name == nullptr || row == nullptr || !row->is_object() || row->find(*name) != nullptr ||
        std::any_of(stack_.begin(), stack_.end(),
                    [&](const json::Value* frame) { return frame->find(*name) != nullptr; })) {
      return "";
    }
    std::vector<std::string> names;
    for (const json::Member& member : row->members()) names.push_back(member.first);
    return did_you_mean(*name, names);
  }

  const Context& context_;
  const Missing missing_;
  const Escape escape_;
  std::vector<const json::Value*> stack_;  // what the open sections are about
  std::vector<ByteRange> encoded_;         // values in a URL
  std::string out_;
  int steps_ = 0;
};

}  // namespace

Result<std::string> render_tree(const Node& root, Escape escape, const Context& context,
                                Missing missing) {
  Renderer renderer(context, missing, escape);
  if (Status status = renderer.render(root.children); !status.ok()) return status;
  return renderer.finish();
}

Result<json::Value> evaluate_node(const Node& node, const Context& context, Missing missing) {
  json::Value scratch;
  Renderer renderer(context, missing, Escape::Text);
  const Result<const json::Value*> value = renderer.evaluate(node, scratch);
  if (!value) return value.status();
  return *value == nullptr ? json::Value() : **value;
}

}  // namespace observerd::templates

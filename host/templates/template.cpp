#include "templates/template.hpp"

#include <algorithm>
#include <utility>

#include "templates/parser.hpp"
#include "templates/render.hpp"
#include "templates/tree.hpp"

namespace observerd::templates {
namespace {

bool has_default(const Node& node) {
  return std::any_of(node.filters.begin(), node.filters.end(),
                     [](const Filter& filter) { return filter.kind == Filter::Kind::Default; });
}

void collect(const Node& node, bool in_section, std::vector<PathRead>& out) {
  const bool is_value = node.kind == Node::Kind::Value;
  const bool is_section = node.kind == Node::Kind::Section;
  if ((is_value || is_section || node.kind == Node::Kind::Inverted) &&
      node.reference.source == Reference::Source::Path) {
    PathRead read{node.reference.path, is_value && !has_default(node), true};
    read.of_event = !in_section || read.path.root != FieldPath::Root::Row;
    if (std::find(out.begin(), out.end(), read) == out.end()) out.push_back(std::move(read));
  }
  for (const Node& child : node.children) collect(child, in_section || is_section, out);
}

}  // namespace

Result<Template> Template::parse(std::string_view text, Escape escape) {
  Result<Node> root = parse_tree(text, escape);
  if (!root) return root.status();
  Template out;
  out.root_ = std::make_shared<const Node>(std::move(*root));
  out.escape_ = escape;
  return out;
}

Result<std::string> Template::render(const Context& context, Missing missing) const {
  if (root_ == nullptr) return std::string();
  return render_tree(*root_, escape_, context, missing);
}

Result<json::Value> Template::render_value(const Context& context, Missing missing) const {
  const bool typed = escape_ == Escape::Text || escape_ == Escape::Json;
  if (typed && root_ != nullptr && root_->children.size() == 1 &&
      root_->children.front().kind == Node::Kind::Value) {
    return evaluate_node(root_->children.front(), context, missing);
  }
  Result<std::string> text = render(context, missing);
  if (!text) return text.status();
  return json::Value::string(std::move(*text));
}

bool Template::is_constant() const {
  return root_ == nullptr ||
         std::all_of(root_->children.begin(), root_->children.end(),
                     [](const Node& node) { return node.kind == Node::Kind::Text; });
}

std::string_view Template::leading_text() const {
  if (root_ == nullptr || root_->children.empty()) return {};
  const Node& first = root_->children.front();
  return first.kind == Node::Kind::Text ? std::string_view(first.text) : std::string_view();
}

std::vector<PathRead> Template::reads() const {
  std::vector<PathRead> out;
  if (root_ != nullptr) collect(*root_, false, out);
  return out;
}

}  // namespace observerd::templates

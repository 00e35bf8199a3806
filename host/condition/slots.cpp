#include "condition/slots.hpp"

#include <algorithm>
#include <cstring>

namespace observerd::condition {
void SlotValues::read(Slot& slot) {
  const RowNode& node = *slot.node;
  const std::string_view text(slot.text + node.value, node.value_size);
  slot.value = Operand();
  slot.value.type = node.type;
  switch (node.type) {
    case json::Type::Null:
      break;
    case json::Type::Boolean:
      slot.value.boolean = text.front() == 't';
      break;
    case json::Type::Number:
      slot.value.set_number(text);
      break;
    case json::Type::String:
      slot.value.text =
          node.value_escaped ? std::string_view(texts_.emplace_front(unescape_json(text))) : text;
      break;
    case json::Type::Array:
    case json::Type::Object:
      // A piece of a text that has been checked.
      slot.value.json = &trees_.emplace_front(*json::parse(text, Code::BadEvent));
      break;
  }
  slot.state = State::Ready;
}

const Operand* SlotValues::get(SlotId id) {
  Slot& slot = slots_[id];
  if (slot.state == State::Unread) read(slot);
  return slot.state == State::Missing ? nullptr : &slot.value;
}

bool SlotValues::same(SlotId a, SlotId b) {
  const Slot& left = slots_[a];
  const Slot& right = slots_[b];
  const auto type = [](const Slot& slot) {
    return slot.state == State::Missing ? json::Type::Null : slot.node->type;
  };
  if (type(left) != type(right)) return false;
  if (type(left) == json::Type::Null) return true;
  if (left.node->value_size == right.node->value_size &&
      std::memcmp(left.text + left.node->value, right.text + right.node->value,
                  left.node->value_size) == 0) {
    return true;
  }
  const bool plain = !left.node->value_escaped && !right.node->value_escaped;
  if (type(left) == json::Type::Boolean || (type(left) == json::Type::String && plain))
    return false;
  return operands_equal(*get(a), *get(b));
}

std::uint32_t SlotTable::Names::find(std::string_view name) const {
  const TextKey key(name);
  const std::uint64_t hash = key.hash();
  if ((likely_ >> (hash >> 58) & 1) == 0) return kNone;
  const std::size_t mask = entries_.size() - 1;
  for (std::size_t at = hash & mask; entries_[at].branch != kNone; at = (at + 1) & mask) {
    const Entry& entry = entries_[at];
    if (entry.key == key && (key.whole() || entry.name == name)) return entry.branch;
  }
  return kNone;
}

void SlotTable::Names::place(Entry entry) {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = entry.key.hash() & mask;
  while (entries_[at].branch != kNone) at = (at + 1) & mask;
  entries_[at] = std::move(entry);
}

void SlotTable::Names::insert(std::string name, std::uint32_t branch) {
  branches_.push_back(branch);
  if (++count_ * 2 > entries_.size()) {
    std::vector<Entry> old(std::max<std::size_t>(4, entries_.size() * 2));
    old.swap(entries_);
    for (Entry& entry : old) {
      if (entry.branch != kNone) place(std::move(entry));
    }
  }
  const TextKey key(name);
  likely_ |= std::uint64_t{1} << (key.hash() >> 58);
  place({key, branch, std::move(name)});
}

std::uint32_t SlotTable::below(std::uint32_t branch, const FieldPath::Step& step) {
  const auto next = static_cast<std::uint32_t>(branches_.size());
  if (const auto* name = std::get_if<std::string>(&step)) {
    Names& members = branches_[branch].members;
    const std::uint32_t found = members.empty() ? Names::kNone : members.find(*name);
    if (found != Names::kNone) return found;
    members.insert(*name, next);
  } else {
    const std::size_t index = std::get<std::size_t>(step);
    auto& elements = branches_[branch].elements;
    for (const auto& [there, child] : elements) {
      if (there == index) return child;
    }
    elements.emplace_back(index, next);
  }
  branches_.emplace_back();
  return next;
}

SlotId SlotTable::add(const FieldPath& path) {
  const auto next = static_cast<SlotId>(paths_.size());
  if (path.root == FieldPath::Root::Event) {
    for (const SlotId id : event_members_) {
      if (paths_[id] == path) return id;
    }
    event_members_.push_back(next);
  } else {
    std::uint32_t branch = 0;
    for (const FieldPath::Step& step : path.steps) branch = below(branch, step);
    SlotId& slot = branches_[branch].slots[static_cast<std::size_t>(path.root)];
    if (slot != kNoSlot) return slot;
    slot = next;
  }
  paths_.push_back(path);
  return next;
}

void SlotTable::fill(const Event& event, SlotValues& values) const {
  if (values.slots_.size() < paths_.size()) values.slots_.resize(paths_.size());
  for (std::size_t id = 0; id < paths_.size(); ++id) {
    values.slots_[id].state = SlotValues::State::Missing;
  }
  values.texts_.clear();
  values.trees_.clear();
  for (const SlotId id : event_members_) {
    SlotValues::Slot& slot = values.slots_[id];
    slot.value = Operand();
    set_event_member(event, std::get<std::string>(paths_[id].steps.front()), slot.value,
                     values.texts_);
    slot.state = SlotValues::State::Ready;
  }
  const bool is_delete = event.kind == EventKind::Delete;
  if (event.new_row) fill_row(event.new_row, {!is_delete, true, false}, values);
  if (event.old_row) fill_row(event.old_row, {is_delete, false, true}, values);
}

void SlotTable::fill_row(const Row& row, const Roots& roots, SlotValues& values) const {
  fill_branch({row.nodes().data(), row.text().data()}, 0, branches_.front(), roots, values);
}

void SlotTable::fill_branch(const RowView& row, std::size_t node, const Branch& branch,
                            const Roots& roots, SlotValues& values) const {
  const RowNode* const nodes = row.nodes;
  const RowNode& here = nodes[node];
  const char* const text = row.text;
  for (std::size_t root = 0; root < roots.size(); ++root) {
    if (!roots[root] || branch.slots[root] == kNoSlot) continue;
    SlotValues::Slot& slot = values.slots_[branch.slots[root]];
    slot.state = SlotValues::State::Unread;
    slot.node = &here;
    slot.text = text;
  }
  if (branch.leaf()) return;
  // A name that is there twice: the last one counts, with nothing of what the first one held.
  if (node != 0) clear(branch, roots, values);
  if (here.type == json::Type::Object && !branch.members.empty()) {
    for (std::size_t at = node + 1; at < here.end; at = nodes[at].end) {
      const std::string_view raw(text + nodes[at].key, nodes[at].key_size);
      const std::uint32_t child = nodes[at].key_escaped ? branch.members.find(unescape_json(raw))
                                                        : branch.members.find(raw);
      if (child != Names::kNone) fill_branch(row, at, branches_[child], roots, values);
    }
  } else if (here.type == json::Type::Array) {
    for (const auto& [index, child] : branch.elements) {
      std::size_t at = node + 1;
      for (std::size_t i = 0; i < index && at < here.end; ++i) at = nodes[at].end;
      if (at < here.end) fill_branch(row, at, branches_[child], roots, values);
    }
  }
}

void SlotTable::clear(const Branch& branch, const Roots& roots, SlotValues& values) const {
  const auto clear_child = [&](std::uint32_t index) {
    const Branch& child = branches_[index];
    for (std::size_t root = 0; root < roots.size(); ++root) {
      if (!roots[root] || child.slots[root] == kNoSlot) continue;
      values.slots_[child.slots[root]].state = SlotValues::State::Missing;
    }
    clear(child, roots, values);
  };
  for (const std::uint32_t child : branch.members.branches()) clear_child(child);
  for (const auto& [index, child] : branch.elements) clear_child(child);
}

}  // namespace observerd::condition

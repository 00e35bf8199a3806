"""What the configuration's JSON Schema says of each setting, in the order in which it does."""
import json

ACTION = "#/definitions/action"  # has a chapter of its own


def twin(name, names):
    """Whether the setting is NAME_env beside NAME, which the text of the page tells once for all."""
    return name.endswith("_env") and name.removesuffix("_env") in names


def required(node, name):
    if name in node.get("required", []):
        return True
    ways = [[way.get("required") for way in rule.get("anyOf", [])] for rule in node.get("allOf", [])]
    return [[name], [name + "_env"]] in ways


class Settings:
    """`hidden`: action types that no package holds. Where a setting has a member for every action type,
    the type is written TYPE and told once."""

    def __init__(self, schema, hidden):
        self.schema, self.hidden = schema, hidden
        self.types = sorted(name.removeprefix("action-") for name in schema["definitions"] if name.startswith("action-"))
        if not self.types:
            raise SystemExit("the schema has no action types: no plugin could be loaded")

    def resolve(self, node):
        """What a $ref means; its own description counts more."""
        while "$ref" in node:
            target = self.schema
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        return node

    def common(self):
        """The settings that actions of every type have."""
        actions = [self.schema["definitions"][f"action-{kind}"]["properties"] for kind in self.types]
        return {name: node for name, node in actions[0].items() if all(name in action for action in actions)}

    def words(self, parent, name, node):
        words = [node["description"].removesuffix(" Templates: {{ field }}.")]
        if "x-template" in node:
            words.append(f"A template ({node['x-template']}).")
        if node.get("type") in ("integer", "number") and "minimum" in node and "maximum" in node:
            words.append(f"From {node['minimum']} to {node['maximum']}.")
        choices = node.get("enum") or next((way["enum"] for way in node.get("anyOf", []) if "enum" in way), [])
        choices = [json.dumps(value) for value in choices if value not in self.hidden]
        if choices:
            words.append("One of " + ", ".join(choices) + ".")
        if "default" in node:
            words.append("By default " + json.dumps(node["default"]) + ".")
        if node.get("x-secret"):
            words.append("A secret.")
        if required(parent, name):
            words.append("Required.")
        return " ".join(words)

    def walk(self, node, prefix="", skip=(), within=()):
        """(path, words) of every setting in a node. `within`: the definitions it is in, which may hold themselves."""
        if "$ref" in node and node["$ref"] in (ACTION, *within):
            return
        within, node = (*within, node.get("$ref", "")), self.resolve(node)
        for inner in node.get("allOf", []) + node.get("anyOf", []) + node.get("oneOf", []):
            if "$ref" not in inner:
                yield from self.walk(inner, prefix, skip, within)
        members = dict(node.get("properties", {}))
        if sorted(members) == self.types:
            kinds = [self.resolve(member) for member in members.values()]
            # What differs from type to type has a page of its own.
            members = {"TYPE": kinds[0]} if all(kind == kinds[0] for kind in kinds) else {}
        elif isinstance(node.get("additionalProperties"), dict) and not members:
            members = {"NAME": node["additionalProperties"]}
        for name, member in members.items():
            if twin(name, members) or name in skip:
                continue
            described, path = self.resolve(member), prefix + name
            if described.get("description"):
                yield path, self.words(node, name, described)
            yield from self.walk(member, path + ".", (), within)
            if isinstance(described.get("items"), dict):
                yield from self.walk(described["items"], path + "[].", (), within)

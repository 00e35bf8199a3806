"""Writing manual pages: man(7), and the Markdown of this repository turned into it."""
import re

# What roff would take for something else, or print as another character than was written.
CHARACTERS = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}

# In the order in which they are looked for: code, strong, emphasis in pairs, links.
MARKS = re.compile(r"`([^`]+)`|\*\*(.+?)\*\*|(?<![^\s(])\*(?=[^\s*])([^*]+?)(?<=\S)\*(?![^\s.,;:!?)])|\[([^\]]+)\]\(([^)\s]+)\)", re.S)


def escape(text):
    """Text as it is, to the letter: no request at the start of a line either."""
    text = "".join(CHARACTERS.get(character, character) for character in text)
    return re.sub(r"^\.", r"\\&.", text, flags=re.M)


def bold(text):
    return "\\fB" + escape(text) + "\\fR"


def quoted(text):
    """As one argument of a request."""
    return '"' + escape(text).replace('"', "\\(dq") + '"'


def with_code(text):
    parts = re.split(r"`([^`]+)`", " ".join(text.split()))
    return "".join(bold(part) if at % 2 else escape(part) for at, part in enumerate(parts))


class Markdown:
    """How Markdown is read. `places`: of each target of a link, what a reader of the page has instead,
    with {text} for the link's own words; None leaves out the sentence that has the link."""

    def __init__(self, places):
        self.places = places

    def inline(self, text):
        """A paragraph: code and strong in bold, emphasis underlined, links as `places` says."""
        sentences = re.split(r"(?<=[.!?]) (?=\S)", text)
        text = " ".join(sentence for sentence in sentences if not self._left_out(sentence))
        parts, end = [], 0
        for found in MARKS.finditer(text):
            code, strong, emphasis, words, target = found.groups()
            parts.append(escape(text[end:found.start()]))
            end = found.end()
            if code:
                parts.append(bold(code))
            elif strong:
                parts.append("\\fB" + re.sub(r"\\f[BIR]", "", self.inline(strong)) + "\\fR")
            elif emphasis:
                parts.append("\\fI" + escape(emphasis) + "\\fR")
            else:
                parts.append(self.inline(self._place(target).format(text=words)))
        return "".join(parts) + escape(text[end:])

    def _left_out(self, sentence):
        return any(self._place(target) is None for _, target in re.findall(r"\[([^\]]+)\]\(([^)\s]+)\)", re.sub("`[^`]+`", "", sentence)))

    def _place(self, target):
        if target not in self.places:
            raise SystemExit(f"the manual is made of a text that links {target}: say in make.py what its reader has instead")
        return self.places[target]


class Page:
    """One page, in order from its head."""

    def __init__(self, name, section, summary, date, version, markdown):
        self.reader = markdown
        self.lines = [
            f'.TH {quoted(name.upper())} {section} "{date}" "observerd {version}" "observerd"',
            ".SH NAME",
            f"{escape(name)} \\- {escape(summary)}",
        ]

    def heading(self, text, level=1):
        self.lines.append((".SH " if level == 1 else ".SS ") + quoted(text))

    def paragraph(self, text):
        """Plain text; between backquotes is code, all else to the letter."""
        self.lines += [".PP", with_code(text)]

    def pages(self, names):
        """References to pages."""
        self.lines += [".PP", ", ".join(bold(name) for name in names)]

    def item(self, term, text):
        """Plain text as in a paragraph."""
        self.lines += [".TP", bold(term), with_code(text) or "\\&"]

    def verbatim(self, text):
        self.lines += [".PP", ".RS 4", ".nf", escape(text.rstrip("\n")), ".fi", ".RE"]

    def help(self, text):
        """Plain text of a --help: paragraphs, and indented lines that begin with a word and its meaning."""
        for block in re.findall(r"(?:^ .*\n?)+|(?:^[^ \n].*\n?)+", text, re.M):
            if not block.startswith(" "):
                self.paragraph(block)
                continue
            for entry in re.split(r"\n(?= {1,4}\S)", block.rstrip()):
                term, _, words = entry.strip().partition("  ")
                self.item(term, words)

    def markdown(self, text):
        """Paragraphs, fenced blocks, lists, tables and headings."""
        for block in re.findall(r"```.*?```|(?:(?!\n\n|```).)+", text, re.S):
            block = block.strip("\n")
            if block.startswith("```"):
                self.verbatim(block.split("\n", 1)[1].rsplit("```", 1)[0])
            elif block.startswith("|"):
                self._table(block)
            elif re.match(r"[-*] |\d+\. ", block):
                for entry in re.split(r"\n(?=[-*] |\d+\. )", block):
                    self.lines += [".IP \\(bu 2", self._inline(re.sub(r"^([-*]|\d+\.) ", "", entry))]
            elif block.startswith("#"):
                self.heading(block.lstrip("# "), 2)
            elif block.strip():
                words = self._inline(block)
                self.lines += [".PP", words] if words else []

    def _inline(self, text):
        return self.reader.inline(" ".join(text.split()))

    def _table(self, block):
        """As a table where its rows are short, else an entry for each row, each cell with its column's name."""
        rows = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])] for line in block.split("\n")]
        head, rows = rows[0], rows[2:]
        if len(head) > 2 and max(sum(map(len, row)) + 3 * len(row) for row in [head] + rows) <= 76:
            self.lines[0] = self.lines[0] if self.lines[0].startswith("'") else "'\\\" t\n" + self.lines[0]
            self.lines += [".PP", ".TS", "tab(\t);", " ".join(["lb"] * len(head)), " ".join(["l"] * len(head)) + "."]
            self.lines += ["\t".join(self._inline(cell) for cell in row) for row in [head] + rows] + [".TE"]
            return
        for row in rows:
            named = [(name, cell) for name, cell in zip(head[1:], row[1:]) if cell]
            words = [self._inline(cell if len(head) == 2 else f"*{name.replace('`', '')}*: {cell}") for name, cell in named]
            self.lines += [".TP", self._inline(row[0]), "; ".join(words) or "\\&"]

    def text(self):
        return "\n".join(self.lines) + "\n"

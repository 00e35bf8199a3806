"""Writing manual pages: man(7), and the Markdown of this repository turned into it."""
import re


def escape(text):
    """Text as roff prints it: no request at the start of a line, backslashes and hyphens as they are."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def inline(text):
    """Markdown within a line: code and strong in bold, links as their text."""
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    parts = re.split(r"(`[^`]+`|\*\*[^*]+\*\*)", text)
    bold = lambda part: "\\fB" + escape(part.strip("`*")) + "\\fR"
    return "".join(bold(part) if re.match(r"`.|\*\*", part) else escape(part.replace("*", "")) for part in parts)


class Page:
    """One page, in order from its head."""

    def __init__(self, name, section, summary, date, version):
        self.lines = [
            f'.TH {name.upper()} {section} "{date}" "observerd {version}" "observerd"',
            ".SH NAME",
            f"{escape(name)} \\- {escape(summary)}",
        ]

    def heading(self, text, level=1):
        self.lines.append((".SH " if level == 1 else ".SS ") + '"' + escape(text).replace('"', '""') + '"')

    def paragraph(self, text):
        self.lines += [".PP", inline(text)]

    def item(self, term, text):
        self.lines += [".TP", "\\fB" + escape(term) + "\\fR", inline(text) or "\\&"]

    def verbatim(self, text):
        self.lines += [".PP", ".RS 4", ".nf", escape(text.rstrip("\n")), ".fi", ".RE"]

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
                    self.lines += [".IP \\(bu 2", inline(" ".join(re.sub(r"^([-*]|\d+\.) ", "", entry).split()))]
            elif block.startswith("#"):
                self.heading(block.lstrip("# "), 2)
            elif block.strip():
                self.paragraph(" ".join(block.split()))

    def _table(self, block):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in block.split("\n")]
        for row in rows[2:]:
            self.lines += [".TP", inline(row[0]), inline("; ".join(cell for cell in row[1:] if cell)) or "\\&"]

    def text(self):
        return "\n".join(self.lines) + "\n"

"""Joining of lines to paragraphs: which lines continue in the next.

A few ends and starts show it in any text: a mark that closes or that never begins a line, a comma, an open bracket. All
other signs are used only in a text whose lines are broken, which is recognized by lines that contain the end of a
sentence and end inside the next one (``breaks.py``): there a line continues when it ends inside a clause and is as long
as those that were broken so, unless the next begins with a number in sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, pairwise

from policysearch.documents.cleaning.breaks import Ending, breaks_in, ending
from policysearch.documents.cleaning.cut_paragraphs import enclosed_names, is_cut, is_cut_body, page_goes_on
from policysearch.documents.cleaning.lines import MARK, Line, is_row, number_at_start
from policysearch.documents.cleaning.signs import (
    ABOUT,
    BODY,
    BODY_TEXT,
    BRACKET,
    CLOSED_BY,
    COMMA,
    CUT_TITLE,
    DAY,
    EVENT,
    EVENT_BEGINS,
    EVENT_ENDS,
    IN_BRACKETS,
    INTRODUCES,
    LABEL,
    MARKS,
    MEASURE,
    NEVER_FIRST,
    NUMBER_END,
    OFFICIAL_END,
    OPEN_WORD,
    OPENERS,
    PHRASE,
    PIECE_BEGINS,
    PIECE_ENDS,
    REFERENCE,
    STANDS,
    STANDS_ALONE,
    STOP,
    UNITS,
    WEAK,
)
from policysearch.documents.structure.leads import are_sentences
from policysearch.documents.structure.marks import Mark, article_at
from policysearch.documents.structure.parts import is_part_heading

__all__ = ["joined"]


def joined(lines: Sequence[Line], fixed: set[int], paged: set[int]) -> tuple[str, list[int], list[bool]]:
    """Return the kept lines as paragraphs, the new offset of each line, and whether it is joined to the one before.

    The list of offsets has one more entry than there are lines: the length of the text. A removed line has the offset
    of the next one kept.

    Args:
        lines: All lines of a text.
        fixed: Numbers of lines that are never joined.
        paged: Numbers of lines that follow the end of a page.
    """
    kept = [i for i, line in enumerate(lines) if not line.reason]
    # removed text between two lines leaves a border
    borders = [line.bordered for line in lines]
    bordered = {n for n in range(1, len(kept)) if borders[kept[n]] or True in borders[kept[n - 1] + 1 : kept[n]]}
    goes_on = _Joining([lines[i] for i in kept], {n for n, i in enumerate(kept) if i in fixed}).decisions(
        {n for n, i in enumerate(kept) if i in paged}, bordered
    )
    starts = [-1] * len(lines)
    joins = [False] * len(lines)
    pieces: list[str] = []
    length = 0
    for n, i in enumerate(kept):
        if n:
            joins[i] = goes_on[n]
            glue = _glue(lines[kept[n - 1]].text, lines[i].text) if goes_on[n] else "\n\n" if n in bordered else "\n"
            pieces.append(glue)
            length += len(glue)
        starts[i] = length
        pieces.append(lines[i].text)
        length += len(lines[i].text)
    starts.append(length)
    for i in range(len(lines) - 1, -1, -1):
        if starts[i] < 0:
            starts[i] = starts[i + 1]
    return "".join(pieces), starts, joins


def _glue(left: str, right: str) -> str:
    """Return the separator of two parts of a broken line: a space between Latin words, and between events."""
    if left[-1].isascii() and left[-1].isalpha() and right[0].isascii() and right[0].isalpha():
        return " "
    return " " if EVENT_ENDS.search(left) and EVENT_BEGINS.match(right) else ""


TITLE_LINES = 15
"""Number of lines at the head of a text in which its title is searched for."""

LONGEST_HEADING = 80
"""Maximum length of a heading over several lines, in characters."""

EVENT_LINES = 4
"""Maximum number of lines of one event of a law's note."""

INDENT = 2
"""Number of characters by which the first printed line of a paragraph is shorter."""

NAMING = 40
"""Number of lines that may name what is enclosed."""

LONG_HEADING = 30
"""Length in characters: where no sentence ends within it, a narrow line may begin a long heading."""

SAMPLE = 1000
"""Number of lines needed to infer words from the frequencies of adjacent characters."""

PIECES = 12
"""Number of pieces of printed lines that are examined."""

AHEAD = 8
"""Maximum number of lines that an open bracket joins."""


class _Joining:
    """One pass over the lines of a text; ``_head`` to ``_tail`` describe the open paragraph."""

    def __init__(self, lines: Sequence[Line], fixed: set[int]) -> None:
        self._lines = lines
        self._fixed = fixed
        self._breaks = breaks_in([line.text for line in lines])
        indented = sum(line.indented for line in lines) / (len(lines) or 1)
        self._indents = 0.05 <= indented < 0.6
        self._paragraphs = self._marked_paragraphs() if self._breaks is None else frozenset()
        self._last: dict[str, int] = {}
        self._marks: dict[int, Mark | None] = {}
        self._title = self._title_end()
        self._sample: str | None = None
        self._named: frozenset[str] | None = None
        self._sizes = [self._breaks.size(line.text) if self._breaks else len(line.text) for line in lines]
        self._own = self._own_lines() if self._breaks else frozenset()
        self._begin(0)

    def decisions(self, paged: set[int], bordered: set[int]) -> list[bool]:
        """Return for each line whether it is joined to the one before."""
        found = [False] * len(self._lines)
        fixed = [i in self._fixed or is_row(line.text) for i, line in enumerate(self._lines)]
        for i in range(1, len(self._lines)):
            if not (fixed[i - 1] or fixed[i] or i in bordered):
                found[i] = self._goes_on(i, self._lines[i - 1].text, self._lines[i], i in paged)
            if found[i]:
                self._continue(i)
            else:
                self._begin(i)
        return found

    # -- the open paragraph -------------------------------------------------

    def _begin(self, i: int) -> None:
        self._head = i
        self._size = 0
        self._place = INDENT if self._breaks and self._breaks.pieces else 0
        self._tail = ""
        self._open: list[str] = []
        self._read = i
        self._mark = None
        if not self._lines:
            return
        text = self._lines[i].text
        # numbers matter only in broken lines, and take a sixth of the time for other texts
        if self._breaks and MARK.match(text) and (mark := self._mark_of(i)):
            self._mark = mark
            self._last[mark.style] = mark.value
        self._take(i, text)

    def _marked_paragraphs(self) -> frozenset[int]:
        """Return the lines inside paragraphs if each sentence is a line and indents or blank lines mark paragraphs.

        Blank lines between the articles of a statute, whose lines may be paragraphs, do not count.
        """
        lines = self._lines
        if not are_sentences("\n".join(line.text for line in lines)):
            return frozenset()
        if self._indents:
            return frozenset(i for i, line in enumerate(lines) if not line.indented)
        articles = sum(line.text[0] == "第" and article_at(line.text, 0, 9) is not None for line in lines)
        blank = sum(line.after_blank for line in lines)
        if articles > 2 or not 0.05 <= blank / len(lines) < 0.6:
            return frozenset()
        return frozenset(i for i, line in enumerate(lines) if not line.after_blank)

    def _mark_of(self, i: int) -> Mark | None:
        if i not in self._marks:
            self._marks[i] = number_at_start(self._lines[i].text)
        return self._marks[i]

    def _continue(self, i: int) -> None:
        text = self._lines[i].text
        before = self._tail[-1:]
        printed = self._breaks and self._place + self._sizes[i] <= self._breaks.high + 1
        if not (printed and (before in PIECE_ENDS or text[0] in PIECE_BEGINS)):
            self._place = 0
        self._take(i, text)

    def _take(self, i: int, text: str) -> None:
        self._size += len(text)
        self._place += self._sizes[i]
        self._tail = (self._tail + text)[-200:]

    def _brackets(self, i: int) -> list[str]:
        """Return the brackets of the paragraph that are open before line ``i``, the last four."""
        for line in self._lines[self._read : i]:
            for mark in BRACKET.findall(line.text):
                if mark in OPENERS:
                    self._open.append(mark)
                elif self._open and mark in CLOSED_BY[self._open[-1]]:
                    self._open.pop()
            del self._open[:-4]
        self._read = i
        return self._open

    # -- decisions ----------------------------------------------------------

    def _goes_on(self, i: int, before: str, line: Line, paged: bool) -> bool:
        text = line.text
        if text[0] in NEVER_FIRST:
            return True
        end = ending(before, self._tail)
        if self._paragraphs and i in self._paragraphs and end in (Ending.STOP, Ending.SEMICOLON):
            return not (MARK.match(text) or STANDS.match(text) or BODY.fullmatch(text))
        if end is Ending.STOP and self._breaks is None:
            return False
        marked = MARK.match(text) is not None
        if end is Ending.STOP:
            return not marked and (self._full_sentence(line) or self._is_printed_on(i))
        if end is Ending.OPEN and not marked and self._size > LONGEST_HEADING and self._is_full() and not self._indents:
            return not STANDS.match(text)  # most lines of a broken text; the other signs take longer
        if before[-1] in ".．" and text[0].isdigit() and before[-2:-1].isdigit():
            return True
        if marked and not self._is_reference(i, text):
            return False
        if end is Ending.CLAUSE:
            return len(before) > 1 or self._breaks is not None
        if end is Ending.OPEN and self._brackets(i) and self._closes(i):
            return True
        if (i <= self._title or (self._breaks and end is Ending.OPEN)) and self._title_goes_on(i):
            return True
        if self._breaks is None:
            return page_goes_on(before, text) if paged else is_cut(before, text)
        if end is not Ending.OPEN:
            return self._part_goes_on(end, before, line)
        if self._head == i - 1 and STANDS_ALONE.fullmatch(before):
            return False
        return not STANDS.match(text) and self._clause_goes_on(i, before, line)

    def _is_reference(self, i: int, text: str) -> bool:
        """Return whether a number at a line's start belongs to the sentence before it."""
        if self._breaks is None:
            return False
        if WEAK.match(text):
            return self._is_full() and self._has_sentence()
        mark = number_at_start(text)
        if mark is None:
            return bool(self._brackets(i)) and text[:1] not in "——●◆■□★▲"
        if mark.style in UNITS:
            return REFERENCE.match(text, mark.end) is not None or self._tail[-1:] in "第》"
        last = self._last.get(mark.style, 0)
        in_sequence = mark.value == 1 or last < mark.value <= last + 3
        return not in_sequence and self._is_full() and self._has_sentence()

    def _closes(self, i: int) -> bool:
        """Return whether the bracket that is open closes before another paragraph begins."""
        closer = CLOSED_BY[self._open[-1]]
        for k in range(i, min(i + AHEAD, len(self._lines))):
            text = self._lines[k].text
            if k > i and (ending(self._lines[k - 1].text) is Ending.STOP or MARK.match(text)):
                return False
            if any(c in text for c in closer):
                return True
        return False

    def _full_sentence(self, line: Line) -> bool:
        """Return whether a line that ends with a sentence continues, where indents mark paragraphs."""
        if not self._indents or line.indented or not self._is_full():
            return False
        return ending(line.text) is not Ending.OPEN or (self._breaks is not None and len(line.text) >= self._breaks.low)

    def _is_printed_on(self, i: int) -> bool:
        """Return whether line ``i`` is a piece of the same printed line as the one before.

        Extraction ends a line where marks were set closer. The pieces up to the first that ends inside a clause fill
        the printed line; they show whether the text before them is on the same line.
        """
        breaks = self._breaks
        if breaks is None or not breaks.pieces:
            return False
        if i + 1 < len(self._lines) and (STANDS.match(self._lines[i + 1].text) or BODY.fullmatch(self._lines[i].text)):
            return False
        here, anew = self._filled(i, self._place), self._filled(i, INDENT)
        return here >= breaks.low and abs(here - breaks.usual) < abs(anew - breaks.usual)

    def _filled(self, i: int, place: int) -> int:
        """Return the length of the printed line that the pieces from line ``i`` on fill, the first from ``place``."""
        breaks = self._breaks
        if breaks is None:
            return 0
        for k in range(i, min(i + PIECES, len(self._lines))):
            text = self._lines[k].text
            if k > i and MARK.match(text):
                return 0
            size = self._sizes[k]
            if place + size > breaks.high + 1:
                if place < breaks.low - 1:
                    return 0
                place = 0
            place += size
            after = self._lines[k + 1].text[0] if k + 1 < len(self._lines) else ""
            if text[-1] not in PIECE_ENDS and after not in PIECE_BEGINS:
                return place
        return 0

    def _is_full(self) -> bool:
        return self._breaks is not None and 0 < self._breaks.low <= self._place

    def _has_sentence(self) -> bool:
        """Return whether the open paragraph is a sentence or more, not a heading."""
        return (self._mark is None and PHRASE.search(self._tail) is not None) or "。" in self._tail[:-1]

    def _part_goes_on(self, end: Ending, before: str, line: Line) -> bool:
        """Return whether a line continues after a semicolon or a colon."""
        breaks = self._breaks
        if breaks is None or (line.indented and self._indents):
            return False
        if end is Ending.COLON and (INTRODUCES.search(before[-12:]) or not MARKS.search(self._tail)):
            return False
        if LABEL.match(self._tail) and LABEL.match(line.text):
            return False
        return breaks.clauses or self._is_full()

    def _clause_goes_on(self, i: int, before: str, line: Line) -> bool:
        """Return whether a line continues that ends inside a clause, in a text of broken lines."""
        text = line.text
        if NUMBER_END.search(before[-3:]) and MEASURE.match(text):
            return True
        if before[-1] in "年月" and DAY.match(text):
            return True
        if line.indented and self._indents:
            return False
        if (before[-1] in PIECE_ENDS or text[0] in PIECE_BEGINS) and self._is_printed_on(i):
            return True
        if text[0] == "的":
            return True
        if i > 1 and OPEN_WORD.search(before[-12:]) and not before[-1].isdigit():
            return True
        if i <= self._title and not self._has_sentence():
            return False
        if EVENT.match(self._tail) and EVENT_ENDS.search(before):
            return False
        bracketed = text[0] in "（(" or self._tail[0] in "（("
        if (
            bracketed
            and not self._has_sentence()
            and (IN_BRACKETS.fullmatch(text) or IN_BRACKETS.fullmatch(self._tail))
        ):
            return False
        if self._has_sentence() and self._mark is None:
            return self._is_full() or self._is_unfinished(i, before)
        return self._heading_goes_on(i, before, text)

    def _is_unfinished(self, i: int, before: str) -> bool:
        """Return whether a short line in a paragraph continues, for example a list of names."""
        text = self._lines[i].text
        if self._breaks and self._breaks.pieces:
            return BODY.fullmatch(text) is None and BODY.fullmatch(before) is None
        return COMMA.search(self._tail[:-1]) is not None and ending(text) is Ending.STOP and len(before) > 3

    def _heading_goes_on(self, i: int, before: str, text: str) -> bool:
        """Return whether a paragraph that may be a heading continues; its other lines were broken inside clauses."""
        after = self._lines[i + 1].text if i + 1 < len(self._lines) else ""
        breaks = self._breaks
        if breaks is None or self._size + len(text) < breaks.low:
            return False
        if self._size > LONGEST_HEADING or "。" in self._tail:
            return self._is_full() or self._is_unfinished(i, before)
        short = len(text) < (breaks.low if breaks.narrow else max(breaks.low, 16)) and ending(text) is Ending.OPEN
        if breaks.narrow and not short and self._is_part():
            return False
        if short and self._mark and self._size >= 16 and self._size + len(text) <= LONGEST_HEADING:
            return self._is_full() or (MARK.match(after) is not None and self._size >= 20)
        if not self._is_full():
            return False
        if self._mark is None and self._tail in self._names():
            return False
        if self._mark is None or self._head not in self._own:
            return True
        if breaks.narrow:
            return short or breaks.usual > 0 or self._lacks_a_clause() or self._coheres(before, text)
        return short or (not breaks.usual and self._coheres(before, text))

    def _names(self) -> frozenset[str]:
        if self._named is None:
            self._named = enclosed_names("".join(line.text for line in self._lines[:NAMING]))
        return self._named

    def _lacks_a_clause(self) -> bool:
        """Return whether the last clause of a heading of several has less than half of what the first has."""
        clauses = COMMA.split(self._tail[self._mark.end :] if self._mark else self._tail)
        return len(clauses) > 1 and 2 * len(clauses[-1]) < len(clauses[0])

    def _is_part(self) -> bool:
        """Return whether the open paragraph is the heading of a part (2023年工作回顾), after a number or without."""
        return is_part_heading(self._tail[self._mark.end :].strip() if self._mark else self._tail)

    def _may_be_long(self, i: int) -> bool:
        """Return whether a heading that begins in the narrow line ``i`` may be a long one: no sentence ends soon."""
        if self._breaks is None or not self._breaks.narrow:
            return False
        begin = "".join(line.text for line in self._lines[i : i + 5])[:LONG_HEADING]
        return len(begin) == LONG_HEADING and STOP.search(begin) is None

    def _coheres(self, before: str, text: str) -> bool:
        """Return whether the two characters at a break are adjacent much more often than expected by chance."""
        if self._sample is None:
            self._sample = "\n".join(line.text for line in self._lines[: 2 * SAMPLE])[: SAMPLE * 25]
        left, right, count = before[-1], text[0], self._sample.count
        together = count(left + right)
        return together > 0 and together * len(self._sample) > 20 * count(left) * count(right)

    # -- the title and a law's note -----------------------------------------

    def _title_end(self) -> int:
        """Return the last line of the head, before the first one with a sentence or a number."""
        for i, line in enumerate(islice(self._lines, TITLE_LINES)):
            if BODY_TEXT.search(line.text) or (i and MARK.match(line.text) and not line.text.startswith("—")):
                return i - 1
        return min(len(self._lines), TITLE_LINES) - 1

    def _title_goes_on(self, i: int) -> bool:
        """Return whether line ``i`` is the rest of a title, 关于…的通知, that the lines before it begin."""
        title, rest = self._tail, self._lines[i].text
        if EVENT.match(title) and not EVENT_ENDS.search(title):
            return any(EVENT_ENDS.search(line.text) for line in self._lines[i : min(i + EVENT_LINES, self._title + 1)])
        if i <= self._title and (CUT_TITLE.search(f"{title[-12:]}|{rest[:6]}") or is_cut_body(title, rest)):
            return True
        if (
            not ABOUT.search(title)
            or PHRASE.search(title + rest)
            or OFFICIAL_END.search(title)
            or self._size > 150
            or STANDS.match(rest)
        ):
            return False
        if rest[0] in "（(—-" or len(rest) > 60:
            return False
        whole = rest
        for line in self._lines[i + 1 : i + 3]:
            if OFFICIAL_END.search(title + whole) or STANDS.match(line.text) or PHRASE.search(line.text):
                break
            whole += line.text
        return OFFICIAL_END.search(title + whole) is not None and ending(rest) is Ending.OPEN

    def _own_lines(self) -> frozenset[int]:
        """Return the lines with a number whose heading is on a line of its own, like those of their siblings.

        Headings shorter than a broken line show it; else words, which arbitrary line breaks split and headings do not.
        Siblings are the lines of one style up to the next number one.
        """
        low = self._breaks.low if self._breaks else 0
        statute = sum(line.text[0] == "第" and article_at(line.text, 0, 9) is not None for line in self._lines) > 2
        runs: dict[str, list[list[int]]] = {}
        votes: dict[int, int] = {}
        for i, (line, after) in enumerate(pairwise(self._lines)):
            mark = self._mark_of(i) if MARK.match(line.text) else None
            if mark is None or (statute and mark.style not in UNITS):
                continue
            found = runs.setdefault(mark.style, [])
            if mark.value == 1 or not found:
                found.append([])
            found[-1].append(i)
            votes[i] = 0
            if STOP.search(line.text, mark.end) or after.text[0] in NEVER_FIRST:
                votes[i] = -2
            elif ending(line.text) is Ending.OPEN and not MARK.match(after.text):
                cut = len(line.text) >= low and self._coheres(line.text, after.text)
                votes[i] = (
                    2
                    if len(line.text) < low
                    else 1
                    if not cut
                    else 0
                    if mark.style not in UNITS and self._may_be_long(i)
                    else -3
                )
        own = (run for style in runs for run in runs[style] if sum(votes[i] for i in run) > (style != "dun"))
        return frozenset(i for run in own for i in run)

"""Read a list of the class, as Canvas, Moodle or a spreadsheet saved it: the one reader of rosters.

Columns are known by their names in English and, in any other language, by where Moodle puts them and by what is in
them: Moodle's export of grades begins with first name, last name and ID number, its grading worksheet with
“Participant 4711” and the full name (moodle/moodle, ``grade/export/lib.php``, ``mod/assign/gradingtable.php``).
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from course.classroom.gradebook.marks import Assignment, ClassError
from course.wording import listed

Role = Literal["id", "lms_id", "number", "email", "participant", "name", "first_name", "last_name"]

POINTS: Final = "Points Possible"
TEST_STUDENT: Final = "Student, Test"
"""The student that Canvas makes up for teachers who try a course."""

_NAMES: Final[Mapping[Role, tuple[str, ...]]] = {
    "id": ("id", "username", "user name", "login", "login id", "student_id", "student id", "name to log in with"),
    "lms_id": ("lms_user_id", "lms id", "lms_id"),
    "number": ("id number",),
    "email": ("email", "e-mail", "email address", "e-mail address", "mail"),
    "participant": ("identifier",),
    "name": ("name", "full name", "fullname", "student"),
    "first_name": ("first_name", "first name", "firstname", "given name"),
    "last_name": ("last_name", "last name", "lastname", "surname", "family name"),
}
_LOGINS: Final[tuple[Role, ...]] = ("id", "number", "email")
"""The roles of the columns that a login name is taken from, the best first."""
_DELIMITERS: Final = ("\t", ";", ",")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ID: Final = re.compile(r"[\w.@+-]+")
_SCORE: Final = re.compile(r"-|-?\d{1,3}(?:[.,]\d+)?%?")
_PARTICIPANT: Final = re.compile(r"(\D{3,}?)\s?\d+")
_COLUMNS_OF_WORKSHEET: Final = 6
"""A grading worksheet of Moodle's has at least so many."""


@dataclass(frozen=True)
class Roster:
    """A table with a line for each student.

    Parameters
    ----------
    headers : tuple of str
        The names of its columns; empty if the file has none.
    rows : tuple of tuple of str
        Each as long as the headers.
    lines : tuple of int
        The line of the file that each row ends in.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def column(self, *names: str) -> int | None:
        """Return the index of the first of these columns that exists, ignoring case."""
        there = [head.strip().casefold() for head in self.headers]
        return next((there.index(name.casefold()) for name in names if name.casefold() in there), None)

    def assignment(self, assignment: Assignment) -> int | None:
        """Return the index of an assignment's column; None if no column or several have its name.

        Canvas appends a number to the title, and Moodle adds a prefix and a suffix. These, case and punctuation are
        ignored.
        """
        titles = [re.sub(r"\s*\([^()]*\)\s*$", "", head) for head in self.headers]
        name = plain(assignment.name)
        same = [place for place, title in enumerate(titles) if name in (plain(title), plain(title.partition(":")[2]))]
        return same[0] if len(same) == 1 else None

    @cached_property
    def is_of_canvas(self) -> bool:
        """Whether it is a gradebook that Canvas exported."""
        has_id = self.column("ID") is not None
        return has_id and self.column("Section") is not None and self.column("Student", "LastName") == 0

    @cached_property
    def people(self) -> tuple[int, ...]:
        """The indexes of the rows that are students; Canvas has rows of other kinds too."""
        return tuple(
            number
            for number, row in enumerate(self.rows)
            if not self.is_of_canvas or (row[0].strip() and POINTS not in row[0])
        )

    @cached_property
    def roles(self) -> Mapping[Role, int]:
        """The index of the column that plays each role, as far as it is certain."""
        roles: dict[Role, int] = {}
        for role, names in _NAMES.items():
            if (column := self.column(*names)) is not None and column not in roles.values():
                roles[role] = column
        if self.is_of_canvas:
            # Canvas's “ID” is its own number.
            roles["lms_id"] = roles.pop("id")
            if (login := self.column("SIS Login ID", "SIS User ID")) is not None:
                roles["id"] = login
        if "participant" in roles and not self._is_worksheet(roles["participant"]):
            del roles["participant"]
        self._add_by_content(roles)
        # In a single line every column is a different one for everybody.
        candidates = self._candidates(roles) if len(self.people) > 1 or len(self.headers) == 1 else []
        if "id" not in roles and len(candidates) == 1:
            roles["id"] = candidates[0]
        return roles

    def _add_by_content(self, roles: dict[Role, int]) -> None:
        """Add the roles that are certain from what is in the columns, and from where Moodle puts them."""
        addresses = [column for column in self._free(roles) if self._all(column, _ADDRESS)]
        if "email" not in roles and len(addresses) == 1:
            roles["email"] = addresses[0]
        if not roles.keys() & {"id", "participant"} and self._is_worksheet(0):
            roles["participant"] = 0
        if any(self.headers) and not roles.keys() & {"name", "first_name", "last_name"}:
            start = 1 if "participant" in roles else 0
            named = [
                column for column in range(start, start + 2) if column in self._free(roles) and self._names(column)
            ]
            if "participant" in roles or (named == [0] and len(self.headers) > 1):
                roles |= {"name": named[0]} if named else {}
            elif len(named) == 2 and len(self.headers) > 2:
                roles |= {"first_name": named[0], "last_name": named[1]}
        # Moodle has the ID number before the e-mail address, after the names.
        if not roles.keys() & {"id", "number"} and roles.get("email", 0) > 2 and 2 in self._candidates(roles):
            roles |= {} if self._names(2) else {"number": 2}

    @property
    def doubtful(self) -> list[str]:
        """The names of the columns any of which may hold the students' ids; empty if there is no doubt."""
        candidates = [] if "id" in self.roles else self._candidates(self.roles)
        return [self.headers[column].strip() or f"column {column + 1}" for column in candidates]

    def cell(self, number: int, role: Role) -> str:
        """Return what a row has in the column of this role; empty if there is no such column."""
        column = self.roles.get(role)
        return "" if column is None else self.rows[number][column].strip()

    def login(self, number: int) -> str:
        """Return the name that a student logs in with, which holds no address: names become names of folders.

        It is the id, or else the ID number, or what stands before the @ of the e-mail address; empty if it is not known
        which column has it.
        """
        role = next((role for role in _LOGINS if role in self.roles), None)
        return self.cell(number, role).partition("@")[0].lower() if role else ""

    def full_name(self, number: int) -> tuple[str, str]:
        """Return a student's first and last name, empty where they are not known."""
        name = self.cell(number, "name")
        if not name:
            return self.cell(number, "first_name"), self.cell(number, "last_name")
        last, comma, first = name.partition(",")
        if not comma:
            first, _, last = name.rpartition(" ")
        return first.strip(), last.strip()

    def _values(self, column: int) -> list[str]:
        return [value for number in self.people if (value := self.rows[number][column].strip())]

    def _free(self, roles: Mapping[Role, int]) -> list[int]:
        return [column for column in range(len(self.headers)) if column not in roles.values()]

    def _all(self, column: int, pattern: re.Pattern[str]) -> bool:
        values = self._values(column)
        return bool(values) and all(map(pattern.fullmatch, values))

    def _names(self, column: int) -> bool:
        """Whether a column can hold names: text without a digit or an @, and with capitals where a script has them."""
        values = self._values(column)
        has_capitals = not all(value[0].islower() for value in values)
        return has_capitals and not any(re.search(r"[\d@]", value) for value in values)

    def _is_worksheet(self, column: int) -> bool:
        """Whether a column has Moodle's numbers for the participants of an assignment: “Participant 4711”."""
        matches = [_PARTICIPANT.fullmatch(value) for value in self._values(column)]
        prefixes = {match[1] for match in matches if match}
        return len(self.headers) >= _COLUMNS_OF_WORKSHEET and all(matches) and len(prefixes) == 1

    def _candidates(self, roles: Mapping[Role, int]) -> list[int]:
        """Return the columns that may hold ids: a different one, in one word, for everybody, and no score."""
        return [
            column
            for column in self._free(roles)
            if self._all(column, _ID)
            and len(set(self._values(column))) == len(self._values(column)) == len(self.people)
            and not self._all(column, _SCORE)
            and not self._all(column, _ADDRESS)
        ]


def read_roster(path: Path) -> Roster:
    """Read a table with commas, semicolons or tabs, or a single column of ids.

    Letters with accents are composed, and numbers with a decimal comma get a point.

    Raises
    ------
    ClassError
        If it cannot be read, is not Unicode text, has no students, or its first line may be a student or a heading.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ClassError(f"{path} cannot be read: {error.strerror or error}.") from error
    if raw.startswith(b"PK"):
        raise ClassError(f"{path} is a workbook, not CSV. In the spreadsheet choose Save As, “CSV UTF-8”.")
    try:
        text = raw.decode(json.detect_encoding(raw))
    except UnicodeDecodeError as error:
        raise ClassError(
            f"{path} is not UTF-8. Use the file as it was exported, or in Excel choose Save As, “CSV UTF-8”."
        ) from error
    text = unicodedata.normalize("NFC", text)
    delimiter, above = "", 0
    if match := re.match(r'"?sep=(.)"?\s*\n', text, re.IGNORECASE):
        # Excel's own way of saying so, in a line above the table.
        delimiter, above, text = match[1], 1, text[match.end() :]
    delimiter = delimiter or max(_DELIMITERS, key=lambda sign: _fit(text, sign))
    numbers, lines = _lines(text, delimiter)
    if not lines:
        raise ClassError(f"{path} has no columns. It should be the CSV file that Canvas or Moodle exported.")
    headers, *rows = lines
    if _is_heading(headers, rows, path):
        del numbers[0]
    else:
        headers, rows = ([_NAMES["id"][0]] if len(headers) == 1 else [""] * len(headers)), lines
    if not rows:
        raise ClassError(f"{path} has no students in it: it has one line, {listed(headers)}.")
    comma = re.compile(r"-?\d+,\d{1,2}" if delimiter == "," else r"-?\d+,\d+")
    return Roster(
        tuple(headers),
        tuple(
            tuple(
                cell.replace(",", ".") if comma.fullmatch(cell.strip()) else cell
                for cell in (row + [""] * len(headers))[: len(headers)]
            )
            for row in rows
        ),
        tuple(above + number for number in numbers),
    )


def plain(name: str) -> str:
    """Return a name's letters and digits alone, without capitals, for comparing."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", name).casefold())


def _lines(text: str, delimiter: str) -> tuple[list[int], list[list[str]]]:
    """Return the lines of a table that are not empty, and their numbers."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    numbered = [(reader.line_num, line) for line in reader if any(map(str.strip, line))]
    return [number for number, _ in numbered], [line for _, line in numbered]


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    """Return how well a table comes out with a delimiter: lines as wide as the first one, and how wide that is."""
    first, *rest = _lines(text, delimiter)[1] or [[]]
    return (sum(len(line) == len(first) > 1 for line in (first, *rest)), len(first))


def _is_heading(first: Sequence[str], rows: Sequence[Sequence[str]], path: Path) -> bool:
    """Whether the first line names the columns.

    Raises
    ------
    ClassError
        If a single column may or may not have a heading.
    """
    if any(_ADDRESS.fullmatch(cell.strip()) for cell in first):
        return False
    name = first[0].strip()
    if len(first) > 1 or name.casefold() in {known for names in _NAMES.values() for known in names}:
        return True
    others = [row[0] for row in rows if row]
    for sign in (r"\d", "@"):
        if others and all(re.search(sign, other) for other in others):
            return not re.search(sign, name)
    raise ClassError(
        f"{path} has a single column, and its first line, “{name}”, may be a student or a heading. Write a line “id” "
        f"above it if it is a student, or in its place if it is a heading."
    )

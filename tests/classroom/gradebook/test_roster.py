"""One reader takes every list of a class, and asks where it cannot know what a column is."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest

from course.classroom.export.moodle import moodle_sheet
from course.classroom.gradebook.marks import Assignment, Check, Class, ClassError, Mark, MarkedSubmission, Student
from course.classroom.gradebook.roster import Role, Roster, read_roster

MOODLE_GERMAN = """\
Vorname;Nachname;ID-Nummer;Institution;Abteilung;E-Mail-Adresse;Aufgabe: 06-weighing (Punkte);Zuletzt heruntergeladen
Ada;Lovelace;0042;;;ada@example.org;7,50;1700000000
Ben;Okri;0043;;;ben@example.org;-;1700000000
"""
MOODLE_JAPANESE = """\
名,姓,IDナンバー,メールアドレス,課題:06-weighing (実データ)
Ada,Lovelace,x42,ada@example.org,"7,50"
Ben,Okri,x43,ben@example.org,-
"""
WORKSHEET = """\
Bezeichner,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden
Teilnehmer/in4711,Ada Lovelace,ada@example.org,Abgegeben,,10,Ja
Teilnehmer/in4712,Ben Okri,ben@example.org,Abgegeben,,10,Ja
"""
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,06 Weighing (481)
,,,,,Manual Posting
    Points Possible,,,,,10.00
"Lovelace, Ada",11,u-11,ada,Mon,
"Okri, Ben",12,u-12,ben,Mon,
"Student, Test",99,,0123456789abcdef0123456789abcdef01234567,Mon,
"""


def roster(tmp_path: Path, raw: str | bytes, encoding: str = "utf-8") -> Roster:
    path = tmp_path / "roster.csv"
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode(encoding))
    return read_roster(path)


def what_is_read(table: Roster) -> list[dict[Role, str]]:
    return [{role: table.cell(number, role) for role in table.roles} for number in table.people]


NAMES: dict[str, tuple[str, list[str]]] = {
    "a single column of ids": ("id\nada\nben\n", ["id"]),
    "without a heading, and addresses": ("ada@example.org\nben@example.org\n", ["id"]),
    "numbers, in any language": ("Matrikelnummer\n100200\n100300\n", ["id"]),
    "semicolons": ("Surname;Given name;Username\nLovelace;Ada;ada\n", ["id", "first_name", "last_name"]),
    "sep=": ("sep=;\r\nid;email\r\nada;ada@example.org\r\n", ["id", "email"]),
    "sep= of something else": ("sep=|\nid|email\nada|ada@example.org\n", ["id", "email"]),
    "tabs": ("id\temail\nada\tada@example.org\n", ["id", "email"]),
    "no headings but an address": ("ada,Ada,Lovelace,ada@example.org\nben,Ben,O,b@example.org\n", ["email"]),
    "nbgrader's own": ("id,last_name,first_name,email,lms_user_id\nada,L,Ada,,7\n", list("abcde")),
    "Canvas": (CANVAS, ["id", "lms_id", "name"]),
    "Moodle in German": (MOODLE_GERMAN, ["first_name", "last_name", "email", "number"]),
    "Moodle in Japanese": (MOODLE_JAPANESE, ["first_name", "last_name", "email", "number"]),
    "Moodle's worksheet": (WORKSHEET, ["participant", "name", "email"]),
    "an id in another language": ("Nom,Identifiant\nLovelace A.,ada\nOkri B.,ben\n", ["name", "id"]),
    "names with commas": ("Name, Vorname;Kennung\nLovelace, Ada;ada1\nOkri, Ben;ben1\n", ["name", "id"]),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("form", NAMES)
def test_every_list_is_read_in_every_encoding(form: str, encoding: str, tmp_path: Path) -> None:
    text, roles = NAMES[form]
    table = roster(tmp_path, text, encoding)
    assert len(table.roles) == len(roles), table.roles
    assert set(roles) == set(table.roles) or form == "nbgrader's own"
    assert all(any(row.values()) for row in what_is_read(table))


def test_a_column_is_known_by_its_place_and_by_what_is_in_it(tmp_path: Path) -> None:
    for text, number in ((MOODLE_GERMAN, "0042"), (MOODLE_JAPANESE, "x42")):
        ada = what_is_read(roster(tmp_path, text))[0]
        assert ada == {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org", "number": number}
    table = roster(tmp_path, WORKSHEET)
    assert table.full_name(0) == ("Ada", "Lovelace")
    assert table.cell(1, "participant") == "Teilnehmer/in4712"
    table = roster(tmp_path, CANVAS)
    assert [table.full_name(number) for number in table.people][:2] == [("Ada", "Lovelace"), ("Ben", "Okri")]
    assert [table.cell(number, "lms_id") for number in table.people] == ["11", "12", "99"]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no columns"),
        (b"id\n", "no students"),
        ("Student,ID\nPöhl,1\n".encode("latin-1"), "not UTF-8"),
        (b"PK\x03\x04", "is a workbook"),
        (b"ada\nben\ncyr\n", "“ada”, may be a student or a heading"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_to_do(raw: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(ClassError, match=words):
        roster(tmp_path, raw)


def test_two_columns_that_may_both_be_ids_are_asked_about(tmp_path: Path) -> None:
    table = roster(tmp_path, "Nombre,Cuenta,Clave\nAda L.,ada,k-1\nBen O.,ben,k-2\n")
    assert "id" not in table.roles
    assert table.doubtful == ["Cuenta", "Clave"]


def test_accents_are_composed_and_decimal_commas_get_a_point(tmp_path: Path) -> None:
    table = roster(tmp_path, unicodedata.normalize("NFD", MOODLE_GERMAN.replace("Ada;", "José;")))
    assert table.cell(0, "first_name") == "José"
    assert "7.50" in table.rows[0]
    assert "7.50" in roster(tmp_path, MOODLE_JAPANESE).rows[0]


@pytest.mark.parametrize("text", [MOODLE_GERMAN, MOODLE_JAPANESE])
def test_moodle_gets_its_own_columns_back_in_its_own_language(text: str, tmp_path: Path) -> None:
    work: Mapping[str, MarkedSubmission] = {
        name: MarkedSubmission({("n", "q"): Mark(3, waiting=False)}, graded=True) for name in ("Ada_Lovelace", "b")
    }
    # One was collected under the full name, one has the address that Moodle has.
    students = (Student("Ada_Lovelace"), Student("b", email="BEN@example.org"))
    assignment = Assignment("06-weighing", (Check(("n", "q"), 10, by_hand=False),), work)
    table = roster(tmp_path, text)
    head, *rows = moodle_sheet(Class("course", None, students, (assignment,)), table).rows
    assert head[2:] == [table.headers[2], table.headers[table.roles["email"]], table.headers[table.roles["email"] + 1]]
    assert {tuple(row[-2:]) for row in rows} == {("ada@example.org", "3"), ("ben@example.org", "3")}

"""What others make of our files, and what we make of theirs.

`readers.py ours FOLDER [CSV…]` reads what the app wrote with openpyxl, vobject and Python's own csv; tables that
LibreOffice made of our workbook follow. `readers.py theirs FOLDER SAID` checks what the app said it made of the address
cards in FOLDER, which come from the tests of other people's packages.
"""

import csv
import datetime
import json
import pathlib
import sys

import openpyxl
import vobject

NAME = 'ООО "Ромашка, Лютик; и Ко"'
FORMULA = "=cmd|'/C calc'!A0"
MARKED = "'" + FORMULA
NOTE = "первая строка\nвторая, длинная: " + " ".join(["ёжик"] * 8)
passed = 0
failed = 0


def check(words, found, wanted=True):
    global passed, failed
    if found == wanted:
        passed += 1
        print(f"ok   {words}")
    else:
        failed += 1
        print(f"FAIL {words}: {found!r}, not {wanted!r}")


def workbook(path):
    sheet = openpyxl.load_workbook(path).active
    rows = list(sheet.iter_rows())
    check(f"{path.name}: no cell is a formula", [c.coordinate for row in rows for c in row if c.data_type == "f"], [])
    heading = [cell.value for cell in rows[0]]
    return heading, [dict(zip(heading, row)) for row in rows[1:]]


def texts(path):
    heading, rows = workbook(path)
    return heading, [["" if row[name].value is None else str(row[name].value) for name in heading] for row in rows]


def tables(folder):
    heading, rows = texts(folder / "clients.xlsx")
    check("the workbook has its heading", heading[:2], ["id", "Наименование"])
    check("names are whole and a formula is marked", sorted(row[1] for row in rows), sorted([NAME, MARKED]))
    columns, entities = workbook(folder / "entities.xlsx")
    numbers = [entity for entity in entities if entity["ИНН (ИПН, УНП)"].value]
    check("one legal entity has numbers", len(numbers), 1)
    for column, wanted in [("ИНН (ИПН, УНП)", "7707083893"), ("Расчётный счёт", "40817810938160925982")]:
        cell = numbers[0][column]
        check(f"{column} is text with all its digits", (cell.data_type, cell.value), ("s", wanted))
    _, persons = workbook(folder / "persons.xlsx")
    born = {person["ФИО"].value: person["День рождения"].value for person in persons}
    check("a birthday is a day", born["Иванов Иван Петрович"], datetime.datetime(1985, 4, 12))

    excel = (folder / "clients-excel.csv").read_bytes()
    check("the table for Excel has its mark", excel[:3], b"\xef\xbb\xbf")
    kinds = [("for Excel", excel.decode("utf-8-sig"), ";", MARKED)]
    kinds.append(("for programs", (folder / "clients.csv").read_bytes().decode(), ",", MARKED))
    for which, text, sign, marked in kinds:
        table = list(csv.reader(text.splitlines(keepends=True), delimiter=sign, strict=True))
        check(f"the table {which}: rows are whole", [len(row) for row in table], [len(heading)] * 3)
        check(f"the table {which}: heading", table[0], heading)
        check(f"the table {which}: names", sorted(row[1] for row in table[1:]), sorted([NAME, marked]))
        check(f"the table {which}: a phone is untouched", any("+380 44 123-45-67" in row for row in table))
        check(f"the table {which}: a note keeps its lines", any(NOTE in row for row in table))
        check(f"the table {which}: an apostrophe of somebody's own", any("'лапки'" in row for row in table))
    said = json.loads((folder / "clients.json").read_text())
    check("the JSON says names as they are", sorted(one["fields"]["name"] for one in said), sorted([NAME, FORMULA]))
    return heading, rows


def cards(folder):
    for version in ("3", "4"):
        text = (folder / f"clients-{version}.vcf").read_bytes().decode()
        lines = text.split("\r\n")
        check(f"cards {version}: lines are folded", max(len(line.encode()) for line in lines) <= 75)
        check(f"cards {version}: no line ends otherwise", "\n" in text.replace("\r\n", ""), False)
        read = {card.fn.value: card for card in vobject.readComponents(text)}
        wanted = [NAME, FORMULA, "Иванов Иван Петрович", "Шевченко Тарас Григорович"]
        check(f"cards {version}: names", sorted(read), sorted(wanted))
        person, firm = read["Иванов Иван Петрович"], read[NAME]
        parts = person.n.value
        check(f"cards {version}: parts of a name", (parts.family, parts.given, parts.additional), ("Иванов", "Иван", "Петрович"))
        check(f"cards {version}: signs of the format in a name", (firm.org.value, person.org.value), ([NAME], [NAME]))
        check(f"cards {version}: a note over its folds", firm.note.value, NOTE)
        check(f"cards {version}: a number of a register", firm.contents["x-inn"][0].value, "7707083893")
        check(f"cards {version}: an address", (firm.adr.value.city, firm.adr.value.street), ("Москва", "ул. Садовая, 5"))
        phones = [tel.value for card in read.values() for tel in card.contents.get("tel", [])]
        check(f"cards {version}: phones", sorted(phones), ["+380 44 123-45-67", "+7 495 000-00-00"])


def ours(folder, converted):
    heading, rows = tables(folder)
    cards(folder)
    for path in converted:
        with open(path, encoding="utf-8", newline="") as file:
            table = list(csv.reader(file, delimiter=";", strict=True))
        check(f"LibreOffice: {path.name}: heading", table[0], heading)
        check(f"LibreOffice: {path.name}: rows as openpyxl reads them", table[1:], rows)


def names(said, kind):
    return sorted(record["title"] for record in said[kind])


def fields(said, kind, title):
    found = [record["fields"] for record in said[kind] if record["title"] == title]
    return found[0] if found else {}


def values(fields, key):
    return [entry["value"] for entry in fields.get(key) or []]


# By file: clients and persons that come out, rows refused, rows taken without some value.
CARDS = json.loads((pathlib.Path(__file__).parent / "cards.json").read_text())


def theirs(folder, said):
    lines = {line["read"]: line for line in map(json.loads, said.read_text().splitlines())}
    check("every file was read", sorted(lines), sorted(path.name for path in folder.iterdir()))
    check("every file is known", sorted(lines), sorted(CARDS))
    for name, wanted in sorted(CARDS.items()):
        line = lines.get(name, {})
        if "failed" in line or not line:
            check(name, line.get("failed"), wanted.get("failed"))
            continue
        for kind in ("client", "person"):
            check(f"{name}: {kind}", names(line, kind), sorted(wanted[kind]))
        counts = line["counts"]
        check(f"{name}: refused, left out", (counts["refused"], counts["left_out"]), (wanted.get("refused", 0), wanted.get("left_out", 0)))
        check(f"{name}: nothing new the second time", (line["again"]["new"], line["again"]["updated"]), (0, 0))
        for kind, title, key, value in wanted.get("fields", []):
            held = fields(line, kind, title)
            check(f"{name}: {key}", values(held, key) if isinstance(value, list) else held.get(key), value)


paths = [pathlib.Path(argument) for argument in sys.argv[2:]]
if sys.argv[1] == "ours":
    ours(paths[0], paths[1:])
else:
    theirs(*paths)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)

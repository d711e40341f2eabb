"""Manual corrections: ``metadata.csv`` and ``metadata.yaml`` in the folders of the sources.

Such a file applies to the sources in its own folder and below. Every entry names its source by the path from that
folder (or by the id of a document, as ``list`` prints it) and sets any fields of ``Metadata`` except ``inferred``. A
value replaces the extracted one; an empty value leaves it, ``-`` removes it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from policysearch.documents.metadata.dates import parse_day
from policysearch.documents.metadata.document_numbers import normal_number
from policysearch.documents.metadata.record import FIELDS, Metadata
from policysearch.documents.metadata.regions import Region, named_region
from policysearch.documents.metadata.types import normal_status
from policysearch.errors import InputError, raise_if_limit
from policysearch.files.regular import open_regular
from policysearch.frozen import frozen, replace
from policysearch.sources.finding import encode_id, holds_index, is_passed_over
from policysearch.vocabulary import LEVELS, TYPES

__all__ = ["SIDECAR_NAMES", "Sidecars", "apply", "load_sidecars"]

SIDECAR_NAMES = ("metadata.csv", "metadata.yaml", "metadata.yml")
_SOURCE_KEYS = ("source", "document_id", "file")
_NOTHING = "-"
_LARGEST = 50_000_000  # maximum size of a file in bytes
_MOST_NAMED = 5
_MOST_WRONG = 1000


class _EntryError(InputError):
    """An entry is invalid; others of its file may be used."""


@frozen
class _Entry:
    """The corrections of one source, and their place in the file."""

    values: Mapping[str, str]
    where: str


@frozen
class Sidecars:
    """All corrections below a root.

    Attributes:
        entries: Corrections by document id, or by the id of the file that contains the documents.
        failed: For each file that is invalid, completely or in part, its path from the root, encoded like ids, and the
            reason.
    """

    entries: Mapping[str, _Entry] = {}
    failed: Mapping[str, str] = {}

    def for_document(self, document_id: str) -> Mapping[str, str]:
        """Return the corrections of a document: those of its file, overridden by its own."""
        if not self.entries:
            return {}
        file = document_id.partition("#")[0]
        found: dict[str, str] = {}
        for key in dict.fromkeys((file, document_id)):
            if entry := self.entries.get(key):
                found.update(entry.values)
        return found

    def fingerprint(self, document_id: str) -> str:
        """Return a hash of a document's corrections; empty without any."""
        values = self.for_document(document_id)
        if not values:
            return ""
        return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

    def unused(self, document_ids: Collection[str]) -> Iterator[str]:
        """Yield a sentence for each entry that names none of these documents or their files."""
        known = set(document_ids) | {name.partition("#")[0] for name in document_ids}
        for key, entry in self.entries.items():
            if key not in known:
                yield f"{entry.where}: there is no source {key!r}; correct the path or remove the entry"


def load_sidecars(root: Path, *, follow_links: bool = False) -> Sidecars:
    """Read every sidecar in a folder and below it, except in folders without sources.

    A sidecar deeper down overrides one further up. With ``follow_links`` it
    may be a link out of the folder. Invalid parts are ignored and reported in ``failed`` with their lines: a field with
    an invalid value; an entry without a source; a complete file that cannot be read, or that has an unknown field or no
    source in any entry.
    """
    entries: dict[str, _Entry] = {}
    failed: dict[str, str] = {}
    for path in sorted(_sidecar_files(root), key=lambda path: (len(path.parts), path.as_posix())):
        prefix = encode_id(path.parent.relative_to(root).as_posix())
        wrong: list[str] = []
        try:
            _refuse_other_kinds(path, root, follow_links)
            checked = list(_checked_rows(_rows(path), wrong))
        except InputError as error:
            checked, wrong = [], [str(error)]
        for where, source, values in checked:
            plain = ("#" in source or "%" in source) and (
                path.parent / source
            ).is_file()  # a name with such a character
            source = encode_id(source) if plain else _spaces_encoded(source)
            key = source if prefix == "." or source.startswith(prefix + "/") else f"{prefix}/{source}"
            before = entries[key].values if key in entries else {}
            entries[key] = _Entry({**before, **values}, where)
        if wrong:
            more = f". And {len(wrong) - _MOST_NAMED:,} more entries" if len(wrong) > _MOST_NAMED else ""
            failed[encode_id(path.relative_to(root).as_posix())] = ". ".join(wrong[:_MOST_NAMED]) + more + "."
    return Sidecars(entries, failed)


def _checked_rows(
    rows: Iterable[tuple[str, Mapping[str, str] | _EntryError]], wrong: list[str]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield the place, the source and the values of each valid entry; report the others in ``wrong``."""
    for where, row in rows:
        found: tuple[str, dict[str, str]] | None = None
        try:
            if isinstance(row, _EntryError):
                raise row
            found = _checked(where, row, wrong)
        except _EntryError as error:
            wrong.append(str(error))
        if len(wrong) > _MOST_WRONG:
            raise InputError(
                f"{wrong[0]}. {_MOST_WRONG:,} more entries cannot be used; rename the file if it has no corrections"
            )
        if found is not None:
            yield where, *found


def _spaces_encoded(source: str) -> str:
    """Return a source that was written with spaces in its name in the form of its id."""
    return "".join(encode_id(c) if c.isspace() else c for c in source)


def _sidecar_files(root: Path) -> Iterator[Path]:
    """Yield the sidecars of folders that may have sources: not of hidden folders, nor of those of an index."""
    for folder, below, names in os.walk(root):
        below[:] = [name for name in below if not is_passed_over(name)]
        if "CURRENT" in names and holds_index(folder):
            below.clear()
            continue
        yield from (Path(folder, name) for name in names if name in SIDECAR_NAMES)


def _refuse_other_kinds(path: Path, root: Path, follow_links: bool) -> None:
    if not path.is_file():
        raise InputError(f"{path}: is not a regular file; put corrections there, or remove it")
    if not follow_links and not path.resolve().is_relative_to(root.resolve()):
        raise InputError(f"{path}: is a link out of the folder; put the file itself there")


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, str] | _EntryError]]:
    """Yield the place and the fields of each entry of a file; an error instead of the fields of an invalid one."""
    try:
        with open_regular(path) as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise InputError(f"{path}: is larger than {_LARGEST // 1_000_000} MB; put corrections there, or rename it")
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError):
            raise_if_limit(path, error)
        raise InputError(f"{path}: cannot be read ({error}); save it as UTF-8 text") from error
    yield from _csv_rows(path, text) if path.suffix == ".csv" else _yaml_rows(path, text)


def _csv_rows(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, str] | _EntryError]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [name.strip() for name in reader.fieldnames or ()]
        if columns and not set(columns).intersection(_SOURCE_KEYS):
            raise InputError(
                f"{path}, line 1: has no column 'source'; add it when these are corrections, else rename the file"
            )
        _refuse_unknown(f"{path}, line 1", columns)
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            if None in row or None in row.values():
                said = f"{where}: expected {len(columns)} columns; put a value that contains a comma in quotation marks"
                yield where, _EntryError(said)
            elif any(value.strip() for value in row.values()):
                yield where, row
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: {error}") from error


def _yaml_rows(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, str] | _EntryError]]:
    """Yield the entries of a YAML file: a list of mappings with ``source``, or a mapping from source to fields."""
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise InputError(
            f"{path}: PyYAML is needed to read it. Install it with: pip install 'policysearch[yaml]', "
            "or write metadata.csv instead"
        ) from error
    try:
        # nodes suffice: no object is constructed, every scalar stays as written
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{path}: not YAML ({' '.join(str(error).split())})") from error
    if root is None:
        return
    if isinstance(root, yaml.SequenceNode):
        for node in root.value:
            yield _place(path, node), _fields_of(path, node, {})
    else:
        for key, node in _pairs(path, root):
            yield _place(path, node), _fields_of(path, node, {"source": key})


def _fields_of(path: Path, node: Any, more: Mapping[str, str]) -> Mapping[str, str] | _EntryError:
    try:
        return {**_scalars(path, node), **more}
    except _EntryError as error:
        return error


def _place(path: Path, node: Any) -> str:
    return f"{path}, line {node.start_mark.line + 1}"


def _pairs(path: Path, node: Any) -> Iterator[tuple[str, Any]]:
    if node.id != "mapping" or any(key.id != "scalar" for key, _ in node.value):
        raise _EntryError(f"{_place(path, node)}: expected fields with their values, such as 'year: 2023'")
    yield from ((key.value, value) for key, value in node.value)


def _scalars(path: Path, node: Any) -> dict[str, str]:
    fields = {}
    for name, value in _pairs(path, node):
        if value.id != "scalar":
            raise _EntryError(f"{_place(path, value)}: {name} must have one value")
        fields[name] = "" if value.tag.endswith(":null") else str(value.value)
    return fields


def _checked(where: str, row: Mapping[str, str], wrong: list[str]) -> tuple[str, dict[str, str]]:
    """Return the source that an entry names, and its fields that are not empty, in normal form.

    A field with an invalid value is left out and reported in ``wrong``. Raises ``_EntryError`` if none is left.
    """
    row = {name.strip(): value.strip() for name, value in row.items()}
    source = next((row[key] for key in _SOURCE_KEYS if row.get(key)), None)
    if not source:
        raise _EntryError(f"{where}: names no source; fill in the column 'source'")
    _refuse_unknown(where, row)
    values: dict[str, str] = {}
    invalid = []
    for name in FIELDS:
        try:
            if row.get(name):
                values[name] = _normal(where, name, row[name])
        except _EntryError as error:
            invalid.append(error)
    if invalid and not values:
        raise invalid[0]
    wrong += map(str, invalid)
    return source.removeprefix("./"), values


def _refuse_unknown(where: str, names: Iterable[str]) -> None:
    unknown = next((name for name in names if name not in FIELDS and name not in _SOURCE_KEYS), None)
    if unknown is not None:
        raise _EntryError(f"{where}: there is no field {unknown!r}; the fields are {', '.join(FIELDS)}")


def _normal(where: str, name: str, value: str) -> str:
    """Return a value in the form of its field; raises ``_EntryError`` for an invalid one."""
    if value == _NOTHING:
        if name == "type":
            raise _EntryError(f"{where}: a document always has a type; write 其他 for any other")
        return value
    if name == "year" and not re.fullmatch(r"[12]\d{3}", value):
        raise _EntryError(f"{where}: year is {value!r}; expected four digits, such as 2023")
    if name in ("date", "effective", "expires"):
        return _required(where, name, value, parse_day(value), "a day, such as 2023-01-06")
    if name == "status":
        return _required(where, name, value, normal_status(value), "有效, 已修改, 已废止 or 尚未生效")
    if name == "type":
        return _required(where, name, value, value if value in TYPES else None, "one of " + ", ".join(TYPES))
    if name == "level":
        return _required(where, name, value, value if value in LEVELS else None, "one of " + ", ".join(LEVELS))
    if name == "region_code" and not re.fullmatch(r"\d{6}", value):
        raise _EntryError(f"{where}: region_code is {value!r}; expected six digits, such as 650100")
    return (normal_number(value) or value) if name == "document_number" else value


def _required(where: str, name: str, value: str, normal: str | None, expected: str) -> str:
    if normal is None:
        raise _EntryError(f"{where}: {name} is {value!r}; expected {expected}")
    return normal


def apply(metadata: Metadata, overrides: Mapping[str, str]) -> Metadata:
    """Return metadata with corrections applied; a corrected value counts as stated.

    A corrected ``region`` that the table of places knows gets its full name,
    and takes its own code, city, province and level with it, and a corrected
    ``date`` its year, where the correction does not give them.
    """
    if not overrides:
        return metadata
    values: dict[str, Any] = {name: None if value == _NOTHING else value for name, value in overrides.items()}
    if values.get("year"):
        values["year"] = int(values["year"])
    region = named_region(values["region"], values.get("province") or "") if values.get("region") else None
    if region:
        values["region"] = region.name
    implied = _implied(values, region)
    inferred = (set(metadata.inferred) - set(values)) | {name for name, value in implied.items() if value is not None}
    order = [name for name in FIELDS if name in inferred]
    return replace(metadata, **{**implied, **values}, inferred=tuple(order))


def _implied(values: Mapping[str, Any], region: Region | None) -> dict[str, Any]:
    """Return the values that follow from corrected ones and are not corrected themselves."""
    implied: dict[str, Any] = {}
    if values.get("date") and "year" not in values:
        implied["year"] = int(values["date"][:4])
    if region:
        code = region.place.code if region.place else None
        found = {"region_code": code, "city": region.city, "province": region.province, "level": region.level}
        implied.update({name: value for name, value in found.items() if name not in values})
    return implied

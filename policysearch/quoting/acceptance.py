"""Accepted claims: they need no attention while they and their sources do not change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from policysearch.errors import InputError
from policysearch.frozen import replace
from policysearch.quoting.verdicts import Claim
from policysearch.quoting.verification import Verification
from policysearch.text.folding import reduce

__all__ = ["acceptance_of", "accepting", "read_acceptance"]

_FIELDS = ("kind", "claim", "attributed_to", "verdict", "section_id", "source_sha256")


def _entry(claim: Claim) -> dict[str, Any]:
    source = (
        None if claim.source_text is None else sha256(reduce(claim.source_text).encode("utf-8", "replace")).hexdigest()
    )
    return {
        "kind": claim.kind,
        "claim": reduce(claim.claim),
        "attributed_to": claim.attributed_to,
        "verdict": claim.verdict,
        "section_id": claim.section_id,
        "source_sha256": source,
    }


def _key(entry: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(name) for name in _FIELDS)


def read_acceptance(text: str, name: str) -> frozenset[tuple[Any, ...]]:
    """Return the accepted claims of a file written by ``acceptance_of``.

    Raises ``InputError``, which names the file, for any other file.
    """
    try:
        entries = json.loads(text)["accepted"]
        return frozenset(_key(dict(one)) for one in entries)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(
            f"'{name}' is not a list of accepted claims ({error}). "
            f"Write one with: policysearch verify DRAFT --accept '{name}' --write-accept"
        ) from error


def accepting(verification: Verification, accepted: frozenset[tuple[Any, ...]]) -> Verification:
    """Return the verification with accepted claims marked."""
    claims = (replace(claim, accepted=_key(_entry(claim)) in accepted) for claim in verification.claims)
    return replace(verification, claims=tuple(claims))


def acceptance_of(verifications: Iterable[Verification], strict: bool = False) -> str:
    """Return a file that accepts all claims that need attention, and those that are accepted already."""
    entries: Sequence[dict[str, Any]] = [
        _entry(claim) for one in verifications for claim in one if claim.accepted or claim.raises(strict)
    ]
    unique = {_key(entry): entry for entry in entries}
    ordered = sorted(unique.values(), key=lambda entry: json.dumps(entry, ensure_ascii=False))
    return json.dumps({"accepted": ordered}, ensure_ascii=False, indent=1) + "\n"

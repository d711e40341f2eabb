"""The table of targets on real reports whose aims were read by hand; skipped without the reference corpus."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest
from conftest import ROOT

pytestmark = [pytest.mark.one_python, pytest.mark.no_cover]


@pytest.fixture(scope="module")
def scoring() -> ModuleType:
    specification = importlib.util.spec_from_file_location("target_scores", ROOT / "scripts" / "score_targets.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["target_scores"] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    if not (module.reference() / "gold" / "targets").is_dir():
        pytest.skip(f"no reference corpus at '{module.reference()}' (see POLICYSEARCH_REFERENCE)")
    return module


def test_scores_do_not_fall(scoring: ModuleType) -> None:
    provinces, others = scoring.scores()
    assert provinces.f1 >= 0.98, provinces.missed + provinces.extra
    assert provinces.operator >= 0.98, provinces.operators
    assert provinces.output == 1
    assert others.f1 >= 0.95, others.missed + others.extra
    assert others.operator >= 0.98, others.operators
    assert provinces.seconds < 10  # ten times what sixty reports may take

"""Every screen of a trade says whether a proof stood behind it, in words that cannot be mistaken."""

from __future__ import annotations

import pytest

from ui.proof import proof_of, proofs_of

MARK = "0123456789abcdef" * 2


@pytest.mark.parametrize("licence", [None, "", "crew", "policy-9f"])
def test_without_a_certificate_it_says_uncertified(licence: str | None) -> None:
    assert "uncertified: no edge proven" in proof_of(licence).plain


def test_a_certificate_is_named() -> None:
    assert proof_of(f"policy-9f:{MARK}").plain == "policy-9f  certificate 0123456789ab"


def test_a_desk_without_proof_stays_flat_where_one_is_needed() -> None:
    assert proofs_of((), needed=True).plain == "no edge proven: this desk stays flat"
    assert proofs_of((), needed=False).plain.startswith("uncertified")
    assert proofs_of((f"policy-9f:{MARK}",), needed=True).plain == "certified: policy-9f"

"""Tags from names, in whatever language they are written."""

from typing import Any

import pytest

from feedsvc.importing.analysis.names import load_names, tags_in

NAMES = load_names(
    {"nvidia": ["NVIDIA", "Nvidia", "輝達", "英伟达", "エヌビディア", "엔비디아"], "arm": ["Arm"], "meta": ["Meta"]}
)


@pytest.mark.parametrize("text", ["NVIDIA的", "買輝達", "英伟达说", "エヌビディアは", "엔비디아가", "(Nvidia)"])
def test_every_alias_is_the_name(text: str) -> None:
    assert tags_in("", text, NAMES) == ("nvidia",)


@pytest.mark.parametrize("text", ["an arm", "metadata", "Metal", "NVIDIAN", "Army"])
def test_case_matters_and_words_stand_alone(text: str) -> None:
    assert tags_in("", text, NAMES) == ()


def test_the_most_often_named_is_first_and_a_title_counts_three_times() -> None:
    assert tags_in("Arm", "Meta, Meta, 輝達", NAMES) == ("arm", "meta", "nvidia")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (["x"], "must be a table"),
        ({"nvidia": "NVIDIA"}, "nvidia: must be a list of names"),
        ({"nvidia": []}, "nvidia: must be a list of names"),
        ({"amd": ["超微"], "supermicro": ["超微"]}, "supermicro: '超微' is already a name of 'amd'"),
    ],
)
def test_names_that_are_wrong_are_said(table: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_names(table)

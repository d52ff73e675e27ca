"""Blocks of WordPress's editor that only some readers see are not published (guarantee 13)."""

import json
from typing import Any

import pytest

from feedsvc.articles.source_text.members_only import public_part
from feedsvc.articles.source_text.restricted_blocks import restricting_attribute
from tests.conftest import Publication

CLOSED_NAMES = [
    "premium-content/subscriber-view",
    "woocommerce-memberships/member-content",
    "memberpress/protected-content",
    "restrict-content-pro/content",
    "rcp/restricted",
    "pmpro/membership",
    "passster/content-lock",
    "x/logged-in",
]
OPEN_NAMES = [
    "core/group",
    "paragraph",
    "premium-content/container",
    "premium-content/logged-out-view",
    "woocommerce-memberships/non-member-content",
    "premium/heading",
    "blocks/team-members",
    "newsletter/form",
]
PLUGIN = "blockVisibility"
CLOSED: list[dict[str, Any]] = [
    {"metadata": {"blockVisibility": False}},
    {"metadata": {"blockVisibility": {"viewport": {"desktop": False, "tablet": False, "mobile": False}}}},
    {"metadata": {"blockVisibility": {"role": "editor"}}},
    {PLUGIN: {"hideBlock": True}},
    {PLUGIN: {"visibilityByRole": "logged-in"}},
    {PLUGIN: {"controlSets": [{"id": 1, "enable": True, "controls": {"userRole": {"visibilityByRole": "user-role"}}}]}},
    {PLUGIN: {"controlSets": [{"controls": {"dateTime": {"schedules": [{"start": "2026-01-01T00:00:00"}]}}}]}},
    {PLUGIN: {"controlSets": [{"controls": {"cookie": {"ruleSets": [1]}}}]}},
    {"blockPermissionsCondition": "user-status"},
    {"visibilityBlockEnabled": True, "segment": "all"},
    {"llms_visibility": "enrolled"},
    {"otterConditions": [[{"type": "loggedInUser"}]]},
    {"contentControls": {"enabled": True, "rules": {}}},
    {"newsletterVisibility": "email"},
    {"show_in_blog": False},
    {"editorskit": {"loggedin": True, "loggedout": False}},
    {"UAGLoggedIn": True},
    {"className": "wide members-only"},
    {"className": "is-style-paywalled"},
    {"className": "premium-content"},
]
OPEN: list[dict[str, Any]] = [
    {},
    {"metadata": {"name": "Private", "blockVisibility": True}},
    {"metadata": "x"},
    {"metadata": {"blockVisibility": {"viewport": {"mobile": False}}}},
    {PLUGIN: {"hideBlock": False, "controlSets": []}},
    {PLUGIN: {"controlSets": [{"enable": False, "controls": {"userRole": {"visibilityByRole": "logged-in"}}}]}},
    {PLUGIN: {"controlSets": [{"enable": True, "controls": {"screenSize": {"hideOnScreenSize": {"large": True}}}}]}},
    {PLUGIN: {"controlSets": [{"controls": {"userRole": {"visibilityByRole": "logged-out"}}}]}},
    {"blockPermissionsCondition": "", "blockPermissionsRoles": []},
    {"visibilityBlockEnabled": False},
    {"llms_visibility": "all"},
    {"contentControls": {"enabled": False, "rules": {"a": "b"}}},
    {"newsletterVisibility": "web"},
    {"show_in_blog": True},
    {"editorskit": {"loggedin": True, "loggedout": True, "acf_visibility": ""}},
    {"editorskit": "x"},
    {"UAGLoggedOut": False},
    {"className": "premium private-label team-members"},
]


def _block(name: str, attributes: dict[str, Any], inner: str = "<p>zqsecret</p>") -> str:
    # WordPress escapes what would end the comment.
    written = json.dumps(attributes).replace("--", "\\u002d\\u002d").replace(">", "\\u003e").replace("<", "\\u003c")
    return f"<!-- wp:{name} {written if attributes else ''} -->\n{inner}\n<!-- /wp:{name} -->"


def _around(part: str) -> str:
    return f"<p>Text before.</p>\n\n{part}\n\n<p>Text behind.</p>"


@pytest.mark.parametrize("name", CLOSED_NAMES)
def test_the_name_of_a_block_restricts_it(name: str) -> None:
    found = public_part(_around(_block(name, {"a": 1})))
    assert found.body == "<p>Text before.</p>\n\n\n\n\n\n<p>Text behind.</p>"
    ((offset, message),) = found.left_out
    assert offset == 21
    assert message.startswith(f"what the block {name} shows is for members only, and is left out")


@pytest.mark.parametrize("name", OPEN_NAMES)
def test_other_names_do_not(name: str) -> None:
    body = _around(_block(name, {"align": "wide"}))
    assert public_part(body).body == body


@pytest.mark.parametrize("attributes", CLOSED, ids=str)
def test_an_attribute_restricts_a_block(attributes: dict[str, Any]) -> None:
    found = public_part(_around(_block("group", attributes)))
    assert "zqsecret" not in found.body
    assert "Text behind" in found.body
    (said,) = (message for _, message in found.left_out)
    assert said.startswith("what the block group (")
    assert said.endswith("(remove the attribute to publish it)")


@pytest.mark.parametrize("attributes", OPEN, ids=str)
def test_other_attributes_do_not(attributes: dict[str, Any]) -> None:
    body = _around(_block("group", attributes))
    assert public_part(body).body == body


def test_blocks_of_the_same_name_may_be_nested() -> None:
    inner = f"{_block('group', {})}\n<!-- wp:group /--><!-- /wp:column -->\n{_block('pmpro/membership', {})}\nzqsecret"
    body = _around(_block("core/group", {"metadata": {"blockVisibility": False}}, inner))
    found = public_part(body)
    assert "zqsecret" not in found.body
    assert "Text behind" in found.body
    assert found.body.count("\n") == body.count("\n")
    assert len(found.left_out) == 1


def test_a_block_without_content_and_one_that_nothing_closes() -> None:
    hidden = '<!-- wp:block {"ref":12,"metadata":{"blockVisibility":false}} /-->'
    assert public_part(_around(hidden)).body == "<p>Text before.</p>\n\n\n\n<p>Text behind.</p>"
    unclosed = public_part(_around("<!-- wp:pmpro/membership -->\n<p>zqsecret</p>"))
    assert unclosed.body == "<p>Text before.</p>\n\n"
    ((_, said),) = unclosed.left_out
    assert said.startswith("what follows the block pmpro/membership, which nothing closes, is for members only")


@pytest.mark.parametrize(
    ("written", "is_restricted"),
    [
        ('{"metadata":{"blockVisibility":false}', True),
        ("{a: userRole}", True),
        ("[" * 5000 + "visibility", True),
        ('["userRole"]', True),
        ("{a: b}", False),
        ("[1]", False),
    ],
)
def test_attributes_that_are_no_table_restrict_if_they_may(written: str, is_restricted: bool) -> None:
    assert restricting_attribute(written) == "attributes that are not JSON" * is_restricted


def test_ghosts_parts_are_for_members_unless_they_say_otherwise() -> None:
    """A part that nothing closes takes all that follows with it."""
    end = "<!--kg-gated-block:end-->"
    for said in ("nonMember:false", 'memberSegment:"status:free"', ""):
        assert public_part(f"a<!--kg-gated-block:begin {said} -->zqsecret{end}b").body == "ab"
    assert public_part("a<!--kg-gated-block:begin nonMember:false -->zqsecret").body == "a"
    shown = f'a<!--kg-gated-block:begin nonMember:true memberSegment:"" -->b{end}c'
    assert public_part(shown).body == shown


def test_marks_inside_of_a_restricted_block_and_around_one() -> None:
    block = _block("pmpro/membership", {}, "<!--members-only-->[private]zqsecret")
    assert public_part(f"a{block}b[/private]c").body == "a\n\nb[/private]c"
    around = public_part(f"a[private]{block}[/private]b")
    assert around.body == "a\n\nb"
    assert len(around.left_out) == 1


@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_no_page_and_no_feed_shows_it(publication: Publication, suffix: str) -> None:
    body = _around(_block("group", {"metadata": {"blockVisibility": False}}))
    publication.article("one", body, suffix=suffix)
    report = publication.sync()
    client = publication.client()
    shown = "".join(client.get(each).text for each in ("/articles/one", "/feeds/all.rss", "/search?q=zqsecret"))
    assert "<p>zqsecret" not in shown
    assert "Text behind" in shown
    assert any(f"articles/one{suffix}:8: warning: what the block group (metadata)" in str(x) for x in report.problems)


def test_attributes_may_have_brackets_and_a_comment_may_be_unclosed(publication: Publication) -> None:
    hidden = '<!-- wp:group {"a":"<b>","metadata":{"blockVisibility":false}} -->\nzqsecret\n<!-- /wp:group -->'
    publication.article("one", f"Text before.\n\n{hidden}\n\nText behind.")
    publication.sync()
    shown = publication.client().get("/articles/one").text
    assert "Text behind" in shown
    assert "zqsecret" not in shown.partition("Text before")[2]
    assert public_part("a <!-- wp:pmpro/membership").body == "a <!-- wp:pmpro/membership"


def test_a_block_in_code_is_text(publication: Publication) -> None:
    publication.article("one", f"```html\n{_block('pmpro/membership', {})}\n```\n\nText.")
    assert publication.sync().problems == ()
    assert "zqsecret" in publication.client().get("/articles/one").text

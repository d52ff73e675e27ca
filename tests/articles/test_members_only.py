"""What other systems show to members only is not published (guarantee 13)."""

import pytest

from tests.conftest import Publication

PAIRS = [
    "[members]zqsecret[/members]",
    '[members_only level="gold"]zqsecret[/members_only]',
    "[Private]\nzqsecret\n\nzqsecret\n[/Private]",
    "[paywall]zqsecret[/paywall]",
    "[rcp-restrict]zqsecret[/rcp-restrict]",
    "{{< members >}}zqsecret{{< /members >}}",
    "{{% paywall x=1 %}}zqsecret{{% /paywall %}}",
    "{% premium %}zqsecret{% endpremium %}",
    "[pmpro_member]zqsecret[/pmpro_member]",
    "[um_loggedin]zqsecret[/um_loggedin]",
    '[arm_restrict_content plan="1" type="show"]zqsecret[/arm_restrict_content]',
    "{% encrypt pw %}zqsecret{% endencrypt %}",
    "[memberful has_subscription_to='1']zqsecret[/memberful]",
    "[MM_Member_Decision membershipId='1']zqsecret[/MM_Member_Decision]",
    "[wlm_private_gold]zqsecret[/wlm_private_gold]",
    "[is_paid]zqsecret[/is_paid]",
    "[access role='editor']zqsecret[/access]",
    "[wpf_loggedin]zqsecret[/wpf_loggedin]",
    "[paid-content]zqsecret [members_access]zqsecret[/members_access] zqsecret[/paid-content]",
    "[members]zqsecret [is_paid]zqsecret[/members] zqsecret[/is_paid]",
    '{{% hugo-encryptor "PASSWORD" %}}zqsecret{{% /hugo-encryptor %}}',
    "{{< draft >}}zqsecret{{< /draft >}}",
    "{{< hidden >}}\nzqsecret\n{{< /hidden >}}",
    "@auth\nzqsecret\n@endauth",
    "@can('edit', 1) zqsecret @endcan",
    "<!-- wp:premium-content/subscriber-view -->\n\nzqsecret\n\n<!-- /wp:premium-content/subscriber-view -->",
]
CUTS = ["<!--members-only-->", "<!-- paid-only -->", "<!-- wp:jetpack/paywall -->", "<!--Paywall-->"]


def _shown(publication: Publication, body: str, suffix: str = ".md") -> tuple[str, list[str]]:
    publication.article("one", body, suffix=suffix)
    report = publication.sync()
    assert report.added == ("one",)
    client = publication.client()
    addresses = ("/articles/one", "/feeds/all.rss", "/feeds/all.json", "/search?q=text")
    return "".join(client.get(each).text for each in addresses), [str(each) for each in report.problems]


@pytest.mark.parametrize("marks", PAIRS)
@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_what_marks_enclose_is_left_out(publication: Publication, marks: str, suffix: str) -> None:
    shown, said = _shown(publication, f"<p>Text before.</p>\n\n{marks}\n\n<p>Text behind.</p>", suffix)
    assert "zqsecret" not in shown
    assert "Text before" in shown
    assert "Text behind" in shown
    assert any(
        each.startswith(f"articles/one{suffix}:8: warning: what ") and "is for members only" in each for each in said
    )


@pytest.mark.parametrize(
    "marks", ["[not_logged_in]{}[/not_logged_in]", "[team-member]{}[/team-member]", "[note]{}[/note]", "{}[/is_paid]"]
)
def test_what_others_may_read_stays(publication: Publication, marks: str) -> None:
    shown, _ = _shown(publication, f"<p>Text before.</p>\n\n{marks.format('zqopen')}\n")
    assert "zqopen" in shown


@pytest.mark.parametrize("mark", CUTS)
@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_what_follows_a_mark_is_left_out(publication: Publication, mark: str, suffix: str) -> None:
    shown, said = _shown(publication, f"<p>Text before.</p>\n\n{mark}\n\n<p>zqsecret</p>\n\n%%zqsecret%%", suffix)
    assert "zqsecret" not in shown
    assert "Text before" in shown
    assert [each.partition(" is for")[0] for each in said] == [f"articles/one{suffix}:8: warning: what follows {mark}"]


@pytest.mark.parametrize(
    "mark", ["[protected]", '[private level="1"]', "<p>[pmpro_member]</p>", "{{< private >}}", "{% encrypt pw %}"]
)
@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_what_follows_a_mark_alone_on_its_line_that_nothing_closes(
    publication: Publication, mark: str, suffix: str
) -> None:
    shown, said = _shown(publication, f"<p>Text before.</p>\n\n{mark}\n\n<p>zqsecret</p>\n\nzqsecret", suffix)
    assert "zqsecret" not in shown
    assert "Text before" in shown
    assert any(each.startswith(f"articles/one{suffix}:8: warning: what follows ") for each in said)


@pytest.mark.parametrize(
    "body",
    [
        "[private]\n\ntext\n\n[private]: https://a.example/",
        "{{< members >}}\n\ntext",
        "write to me@auth text @endauth",
        "```\n[members]text[/members]\n```",
        "`<!--members-only-->` and text",
        "[members](https://a.example/) and [private] text",
        "```html\n<!--members-only-->\n```\n\ntext",
        "[notes]text[/notes]",
    ],
)
def test_marks_in_code_and_links_count_for_nothing(publication: Publication, body: str) -> None:
    shown, said = _shown(publication, body)
    assert "text" in shown
    assert not any("members only" in each for each in said)


def test_a_mark_that_nothing_closes_encloses_nothing(publication: Publication) -> None:
    shown, _ = _shown(publication, "Text before.\n\n[members] text behind.")
    assert "text behind" in shown

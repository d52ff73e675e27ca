"""Guarantee 13: what other systems keep from the public as a comment is left out of what is published, and said."""

import pytest

from feedsvc.articles.body_to_html import EMPTY
from feedsvc.articles.read import read_article
from feedsvc.errors import ArticleError
from tests.articles.test_lost_elements import HEAD, read
from tests.feeds.cases import SITE

LEFT_OUT = "is left out of what is published (delete it; to show it, write it in other marks)"


def warned(body: str, suffix: str = ".md") -> list[tuple[int, str]]:
    return [(each.line, each.message) for each in read(body, suffix).warnings if each.message != EMPTY]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        pytest.param("One. %%private%% Two.", "<p>One. Two.</p>", id="in a line"),
        pytest.param("晶片%%私密%%。然後", "<p>晶片。然後</p>", id="beside Chinese"),
        pytest.param("칩%%비밀%%은 مرحبا%%سر%%", "<p>칩은 مرحبا</p>", id="beside Korean and Arabic"),
        pytest.param("🎉%%private%%🎉", "<p>🎉🎉</p>", id="beside emoji"),
        pytest.param("One.\n\n%%\nprivate\n\n- private\n%%\n\nTwo.", "<p>One.</p>\n<p>Two.</p>", id="a block"),
        pytest.param("%%private%%      Two.", "<p>Two.</p>", id="the rest of its line is no code"),
        pytest.param("- %%private%%      Two.", "<ul>\n<li>Two.</li>\n</ul>", id="nor in a list"),
        pytest.param("%%private\n%%      Two.", "<p>Two.</p>", id="nor behind several lines"),
        pytest.param("%%private `%%code%%` private%% Two.", "<p>Two.</p>", id="code in a comment"),
        pytest.param("%%private %%i private%% Two.", "<p>Two.</p>", id="a mark in a comment"),
        pytest.param("[%%private%% Two](https://e.org/)", None, id="in a link's text"),
        pytest.param("| a |\n|---|\n| %%private%% |", None, id="in a table"),
        pytest.param("One. {# private #} Two.", "<p>One. Two.</p>", id="Jinja"),
        pytest.param("One. {%- comment -%} private {%- endcomment -%} Two.", "<p>One. Two.</p>", id="Liquid"),
        pytest.param("One.\n{% comment %}\nprivate\n{% endcomment %}\nTwo.", None, id="Liquid, in lines"),
        pytest.param("One. {{< comment >}} private {{< /comment >}} Two.", "<p>One. Two.</p>", id="Hugo"),
        pytest.param("One. {{% comment %}} private {{% /comment %}} Two.", "<p>One. Two.</p>", id="Hugo's Markdown"),
        pytest.param("One. {{/* private */}} Two.", "<p>One. Two.</p>", id="Hugo's templates"),
        pytest.param("One. {# ask {Bob}: private {{ x }} #} Two.", "<p>One. Two.</p>", id="braces in a comment"),
        pytest.param("One. {#private#} Two.", "<p>One. Two.</p>", id="Jinja without spaces"),
        pytest.param("One. {% comment 'a' %}private{% endcomment %} Two.", "<p>One. Two.</p>", id="Django's note"),
        pytest.param("One. {% # private %} Two.", "<p>One. Two.</p>", id="Liquid in a line"),
        pytest.param("One. {% doc %}private{% enddoc %} Two.", "<p>One. Two.</p>", id="Liquid's docs"),
        pytest.param("One. {{!-- private }} x --}} Two.", "<p>One. Two.</p>", id="Handlebars"),
        pytest.param("One. {{! private }} Two.", "<p>One. Two.</p>", id="Handlebars, the short mark"),
        pytest.param("One. {{~!-- private --~}} Two.", "<p>One. Two.</p>", id="Handlebars without spaces around"),
        pytest.param("One. {{-- private --}} Two.", "<p>One. Two.</p>", id="Blade"),
        pytest.param("One. {/* private */} Two.", "<p>One. Two.</p>", id="MDX"),
        pytest.param("One. {* private *} @* private *@ Two.", "<p>One. Two.</p>", id="Smarty and Razor"),
        pytest.param("One. {>>private<<} Two.", "<p>One. Two.</p>", id="CriticMarkup"),
        pytest.param("One. {--private--} Two.", "<p>One. Two.</p>", id="CriticMarkup's deletions"),
        pytest.param("One. <%# private %> Two.", "<p>One. Two.</p>", id="ERB"),
        pytest.param("One. <%-- private --%> Two.", "<p>One. Two.</p>", id="JSP"),
        pytest.param("One. <%' private %> Two.", "<p>One. Two.</p>", id="ASP"),
        pytest.param("One. <#-- private --> Two.", "<p>One. Two.</p>", id="FreeMarker"),
        pytest.param("One. <?php if ($a > 1) private() ?> Two.", "<p>One. Two.</p>", id="PHP"),
        pytest.param("One. <![CDATA[ a > private ]]> Two.", "<p>One. Two.</p>", id="CDATA"),
        pytest.param("One.\n\n#+BEGIN_COMMENT\nprivate\n#+END_COMMENT\n\nTwo.", None, id="Org"),
        pytest.param("One.\n\n#+COMMENT: private\n\nTwo.", "<p>One.</p>\n<p>Two.</p>", id="Org's lines"),
        pytest.param(":PROPERTIES:\n:NOTE: private\n:END:\n\nTwo.", "<p>Two.</p>", id="Org's drawers"),
        pytest.param("One.\n\n{::comment}\nprivate\n{:/comment}\n\nTwo.", None, id="kramdown"),
        pytest.param("One. {::comment}private{:/} Two.", "<p>One. Two.</p>", id="kramdown, the short end"),
        pytest.param("One.\n\n////\nprivate\n\nprivate\n////\n\nTwo.", None, id="AsciiDoc"),
        pytest.param("One.\n\n\\begin{comment}\nprivate\n\\end{comment}\n\nTwo.", None, id="LaTeX"),
        pytest.param("::: {.content-hidden}\nprivate\n:::\n\nTwo.", "<p>Two.</p>", id="Quarto"),
        pytest.param("::: {#a .b .hidden x=1}\nprivate\n:::\n\nTwo.", "<p>Two.</p>", id="Pandoc's classes"),
        pytest.param("::: notes\nprivate\n:::\n\nTwo.", "<p>Two.</p>", id="a speaker's notes"),
        pytest.param(
            ":::: hidden ::::\n\n::: warning\nprivate\n:::\nprivate\n\n::::\n\nTwo.", "<p>Two.</p>", id="divs in divs"
        ),
        pytest.param("Two.\n\n::: {.hidden}\n\nprivate", "<p>Two.</p>", id="a div that nothing closes"),
        pytest.param("::: {.hidden}\n%%private%%\n:::\n\nTwo.", "<p>Two.</p>", id="a comment in a div"),
        pytest.param(
            "::: {.hidden}\n%%\nprivate\n:::\nprivate\n%%\n\nTwo.", "<p>Two.</p>", id="a comment out of a div"
        ),
        pytest.param("[//]: # (private)\n\nOne.", "<p>One.</p>", id="a definition"),
        pytest.param("One.\n[//]: # (private)\nTwo.", "<p>One.</p>\n<p>Two.</p>", id="one in a paragraph"),
        pytest.param("[//]: # (private (a) private)\n\nOne.", "<p>One.</p>", id="one with brackets in it"),
        pytest.param("[//]: # private\nOne.", "<p>One.</p>", id="one without brackets"),
        pytest.param('[comment]: <> "a\nprivate"\n\nOne.', "<p>One.</p>", id="one over two lines"),
        pytest.param("[_]: #\n'private'\n\nOne.", "<p>One.</p>", id="one that begins on the next line"),
        pytest.param("[^_^]: # (private\n\nOne.", "<p>One.</p>", id="one that does not end"),
        pytest.param("> [//]: # (private)\n> One.", None, id="one in a quotation"),
        pytest.param("`` ` `` %%private%% ``a`", None, id="backticks that are none of code"),
        pytest.param("若 a<b，%%private%%，而 c>d。", "<p>若 a&lt;b，，而 c&gt;d。</p>", id="less and greater"),
        pytest.param("若 N<M 時。\n\n%%private%%\n\n> 引用", None, id="less, and a quotation below"),
        pytest.param("a<b\n\n{% comment %}private{% endcomment %}\n\n-> c", None, id="less, and an arrow below"),
        pytest.param('a <b c="x\n\n%%private%%\n\n" d>', None, id="no tag goes on behind a blank line"),
        pytest.param(r"\<code>%%private%%\</code>", None, id="an escaped tag"),
        pytest.param("<code %%private%% </code>", None, id="what begins like a tag"),
        pytest.param("<!--> %%private%% -->", None, id="a comment that ends where it begins"),
        pytest.param('<img src="https://e.org/a.png" alt="a %%private%%" title=\'%%private%% b\'>', None, id="alt"),
        pytest.param("a](%%private%% b) [x](y %%private%% z)", None, id="brackets that make no link"),
        pytest.param("[x\n\ny](/%%private%%)", None, id="nor over a blank line"),
        pytest.param("<pre>\n\n%%private%% no end of it", None, id="an element that is not closed"),
        pytest.param(
            "# Title %%private%%\n\n> quote %%private%%\n\nText[^1]\n\n[^1]: %%private%% Note", None, id="blocks"
        ),
    ],
)
def test_a_private_comment_is_left_out_of_markdown(written: str, shown: str | None) -> None:
    article = read(written, ".md").article
    assert "private" not in article.content + article.summary
    assert "私密" not in article.content
    if shown is not None:
        assert article.content == shown
    assert any(LEFT_OUT in message for _, message in warned(written))


@pytest.mark.parametrize(
    "written",
    [
        "<p>One. %%private%%</p>",
        "<p>%%</p>\n<p>private</p>\n<p>%%</p>",
        "<ul><li>%%private%% One.</li></ul>",
        "<p><!-- `%%` --> %%private%%</p>",
        "<p>One. {% comment %}private{% endcomment %}</p>",
        "<p>若 a<b，%%private%%，而 c>d</p>",
        "<p>\\<a>%%private%%</a></p>",
        "<p><!-- a --!> %%private%% <!-- b --></p>",
    ],
)
def test_and_out_of_html(written: str) -> None:
    assert "private" not in read(written, ".html").article.content
    assert any(LEFT_OUT in message for _, message in warned(written, ".html"))


@pytest.mark.parametrize(
    ("written", "suffix"),
    [
        ("Text `%%code%%` text", ".md"),
        ("``a ` %%code%%`` 晶片`%%code%%`", ".md"),
        ("Text `two\nlines %%code%%` text", ".md"),
        ("Text.\n\n    %%code%%\n\n    {# code #}", ".md"),
        ("- item\n\n      %%code%%\n\n  ~~~\n  %%code%%\n  ~~~", ".md"),
        ("> ```mermaid\n> %%code%%\n> ```", ".md"),
        ("```\n%%code%%\n", ".md"),
        ("| a | b |\n|---|---|\n| `%%code%%` | 晶 `{# code #}` |", ".md"),
        ("Text[^1] `%%code%%`\n\n[^1]: Note `%%code%%`", ".md"),
        ("<pre>\n%%code%%\n</pre>\n\nText <code>%%code%%</code>", ".md"),
        ("<p><code >%%code%%</code></p><pre>%%code%%</pre>", ".html"),
        ("<p><code>{# code #}</code></p>", ".html"),
        ("```\n////\n%%code%%\n////\n::: {.hidden}\n%%code%%\n:::\n{::comment}%%code%%{:/}\n```", ".md"),
        ("`{# code #}` `<%# code #%>` `{>>code #<<}`\n\n    [//]: # (code #)", ".md"),
    ],
)
def test_in_code_it_is_none(written: str, suffix: str) -> None:
    parsed = read(written, suffix)
    assert parsed.article.content.count("code%%") + parsed.article.content.count("code #") == written.count(
        "code%%"
    ) + written.count("code #")
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    "written",
    [
        "## Title {#one}\n\nText {#two .class a=b} text {{#if}}",
        "{*emphasis*} {--- a@*b*",
        r"\{# a #}",
        "::: warning\nText.\n:::\n\n::: {.hiddenx}\nText.\n:::\n\n{:/x} \\begin{comments} https://a.example////",
        "# x\n\n: term\n\n/// note\n\nText.",
        "[top]: # (title)\n\n[top]",
    ],
)
def test_what_looks_like_another_systems_comment_is_none(written: str) -> None:
    assert all(LEFT_OUT not in message for _, message in warned(written))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("公開。<!-- 註\n\nprivate -->\n\n尾", "<p>公開。</p>\n<p>尾</p>"),
        ("公開。<!-- 註\n\nprivate `-->` 尾", "<p>公開。</p>\n<p>` 尾</p>"),
        ("一\n\n<!-- 註\n\nprivate\n-->二\n\n三", "<p>一</p>\n\n\n\n二\n<p>三</p>"),
        ("- 一\n  <!-- 註\nprivate -->\n- 二", "<ul>\n<li>一\n\n\n</li>\n<li>二</li>\n</ul>"),
        ("> 一\n>\n> <!-- private\n>\n> private -->\n> 二", None),
        ("公開 <!-- a\n\n`<!-- private -->` 尾", None),
        ("公開 <!-- a\n\n    code -->\n\n<!-- private -->尾", None),
        ("公開 <!-- a\n\nprivate <!-- b\n\n`-->` 尾", None),
        ("公開 <!-- private --!> private --> 尾", "<p>公開  尾</p>"),
        ("公開 <!-- private --!> 尾", "<p>公開  尾</p>"),
        ("公開 <!-- private --!> 中 <!-- private --> 尾", "<p>公開  中  尾</p>"),
        ("公開\n\n<!-- private\n\nprivate --!>\n\n尾", None),
        ("- 一\n\n<!-- private -->\n\n- 二", "<ul>\n<li>一</li>\n</ul>\n\n<ul>\n<li>二</li>\n</ul>"),
        ("甲<!-- private\nprivate -->乙", "<p>甲乙</p>"),
    ],
)
def test_a_comment_of_html_is_private_wherever_markdown_ends_it(written: str, shown: str | None) -> None:
    article = read(written, ".md").article
    assert "private" not in article.content
    assert shown in (None, article.content)
    assert warned(written) == []


def test_lines_behind_a_comment_of_html_keep_their_numbers() -> None:
    assert warned("One. <!-- a\n\nb -->\n\n<svg></svg>") == [
        (10, "<svg> is left out (save it as a file and show it: <img src=…>)")
    ]


@pytest.mark.parametrize(("written", "suffix"), [("One.\n\n<!-- private", ".md"), ("<p>One.\n\n<!-- private", ".html")])
def test_a_comment_of_html_that_is_not_closed_sets_the_article_aside(written: str, suffix: str) -> None:
    with pytest.raises(ArticleError) as caught:
        read(written, suffix)
    assert [(each.line, each.message.partition(",")[0]) for each in caught.value.findings] == [
        (8, "<!-- begins a comment that nothing closes")
    ]


def test_in_a_line_it_is_text() -> None:
    written = "In HTML, <!-- begins one."
    assert read(written, ".md").article.content == "<p>In HTML, &lt;!-- begins one.</p>"
    (said,) = warned(written)
    assert said == (
        6,
        "<!-- begins here and is published, since nothing closes it (close it, or put the mark in `code`)",
    )
    assert warned("In HTML, `<!--` and \\<!-- and <!--> begin none.") == []


@pytest.mark.parametrize(
    "written", ["a {# b", "a {>> b", "a {-- b", "a <%-- b", "a {/* b", "a {{!-- b", "a <![CDATA[ b"]
)
def test_a_mark_that_nothing_closes_is_warned_of(written: str) -> None:
    assert [message.partition(" (")[0].rpartition(" begins")[2] for _, message in warned(written)] == [
        " here and is published, since nothing closes it"
    ]


def test_what_editors_added_is_warned_of_and_what_they_replaced_sets_aside() -> None:
    assert [message.partition(" (")[0] for _, message in warned("One {++two++} {==three==}, <%= x %>")] == [
        "{++…++} is a change that nobody accepted, and is shown as it is",
        "{==…==} is a change that nobody accepted, and is shown as it is",
        "<% x … %> belongs to a template, and is shown as it is",
    ]
    with pytest.raises(ArticleError) as caught:
        read("One\n\n{~~old~>new~~}", ".md")
    assert [(each.line, each.message.partition(" (")[0]) for each in caught.value.findings] == [
        (8, "a change that nobody accepted or rejected begins here")
    ]
    assert warned("`{~~old~>new~~}`") == []


@pytest.mark.parametrize("written", ["100%% or 50%%.", "%%%bold%%%", "for %%i in (a) do b %%i", r"\%%private%%"])
def test_what_is_no_pair_of_marks_stays(written: str) -> None:
    assert read(written, ".md").article.content == f"<p>{written.removeprefix(chr(92))}</p>"


def test_a_doubtful_range_is_no_code() -> None:
    # comrak's columns leave out the backslash: what it calls code begins at the space in front of the backtick.
    body = "| a | b |\n|---|---|\n| `a\\|b` `%%private%%` | c |"
    assert "private" not in read(body, ".md").article.content


def test_an_address_or_an_attribute_is_no_text() -> None:
    for written in (
        "[a](https://e.org/?%%b%%)",
        r"[\[a\] [b] ![c](https://e.org/a)](<https://e.org/?%%b%%> 'e')",
        '<a href="https://e.org/?%%b%%">a</a>',
        "<https://e.org/?%%b%%>",
        "<A title=a\nhref='https://e.org/?%%b%%'>a</A>",
    ):
        assert "%25%25b%25%25" in read(written, ".md").article.content.replace("%%", "%25%25")
        assert warned(written) == []


def test_plain_text_has_no_such_comments_and_is_warned_of() -> None:
    assert read("One. %%note%%", ".txt").article.content == "<p>One. %%note%%</p>"
    ((line, message),) = warned("One. %%note%%", ".txt")
    assert (line, message.partition(", so")[0]) == (6, "%% begins or ends no private comment here")


def test_it_is_said_once_with_all_lines_and_without_the_comment() -> None:
    assert warned("%%a%%\n\n%%b%% %%c%%\n\n{# d #}\n") == [
        (6, f"the private comment %%…%% {LEFT_OUT}; also on line 8"),
        (10, f"the private comment {{#…#}} {LEFT_OUT}"),
    ]


def test_lines_behind_a_comment_keep_their_numbers() -> None:
    assert warned("One.\n%%\na\n\nb\n%%\n\n<svg></svg>")[1:] == [
        (13, "<svg> is left out (save it as a file and show it: <img src=…>)")
    ]


def test_a_block_that_is_not_closed_sets_the_article_aside() -> None:
    assert read("One.\n\n %% \n\nprivate\n\n%%", ".md").article.content == "<p>One.</p>"
    for body in ("One.\n\n %% \n\nprivate", "%%\nA %%b\n"):
        line = 8 if body.startswith("One") else 6
        with pytest.raises(ArticleError) as caught:
            read(body, ".md")
        error = next(each for each in caught.value.findings if each.severity == "error")
        assert (error.line, error.message.partition(",")[0]) == (
            line,
            "%% begins a private comment that nothing closes",
        )


def test_an_open_mark_in_a_line_is_warned_of() -> None:
    ((line, message),) = warned("One.\n\nTwo %%three")
    assert (line, message.partition(", so")[0]) == (8, "%% begins or ends no private comment here")


@pytest.mark.parametrize(
    ("field", "written", "attribute", "value"),
    [
        ("title", "Plan %%private%%", "title", "Plan"),
        ("summary", "%%private%% Short", "summary", "Short"),
        ("disclosure", "{# private #} Paid", "disclosure", "Paid"),
        ("tags", "[a, 'b %%private%%']", "tags", ("a", "b")),
        ("summary", "a<b %%private%% c>d", "summary", "a<b c>d"),
        ("summary", "a <!-- private --> b", "summary", "a b"),
    ],
)
def test_fields_that_people_read_have_none_either(field: str, written: str, attribute: str, value: object) -> None:
    fields = {"title": "a", "published": "2026-10-01", "topics": "[chips]"} | {field: written}
    head = "".join(f"{name}: {each if each[0] == '[' else repr(each)}\n" for name, each in fields.items())
    parsed = read_article("articles/a.md", f"---\n{head}---\nText.\n".encode(), SITE, lambda _path: None)
    assert getattr(parsed.article, attribute) == value
    assert [(each.field, each.message) for each in parsed.warnings] == [(field, f"a private comment in it {LEFT_OUT}")]


def test_nor_has_what_is_said_of_a_picture() -> None:
    head = HEAD.replace("---\n", "---\nimage: {src: 'https://e.org/%%a%%.png', alt: 'b %%private%%'}\n", 1)
    parsed = read_article("articles/a.md", f"{head}Text.\n".encode(), SITE, lambda _path: None)
    assert parsed.article.image is not None
    assert (parsed.article.image.alt, "private" in parsed.article.image.url) == ("b", False)


@pytest.mark.parametrize("body", ["", " \n", "%%private%%", "<svg></svg>", "<!-- a -->"])
def test_a_body_that_shows_nothing_is_warned_of(body: str) -> None:
    assert (6, EMPTY) in [(each.line, each.message) for each in read(body, ".md").warnings]


@pytest.mark.parametrize("body", ["a", "![a](https://e.org/a.png)", "<iframe src='https://e.org/'></iframe>"])
def test_a_body_that_shows_anything_is_not(body: str) -> None:
    assert EMPTY not in [each.message for each in read(body, ".md").warnings]

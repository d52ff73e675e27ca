"""Markup of other systems that readers would see as text is warned of, with its line, and never in code."""

import pytest

from feedsvc.articles.source_text.code_ranges import _destinations, masked, without_code, without_markup
from feedsvc.articles.source_text.foreign_markup import foreign_markup
from feedsvc.articles.source_text.html_comments import with_short_comments
from feedsvc.articles.source_text.leftovers import line_of_change, line_of_conflict
from feedsvc.articles.source_text.private_comments import without_private_comments
from tests.articles.test_lost_elements import read

SHORTCODE = "is a shortcode, which is shown as it is"
TEMPLATE = "belongs to a template, and is shown as it is"


def said(body: str, suffix: str = ".md") -> list[str]:
    return [f"{each.line}: {each.message.partition(' (')[0]}" for each in read(body, suffix).warnings]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('{{< figure src="a.png" >}}', f"{{{{< figure … >}}}} {SHORTCODE}"),
        ("{{< /tabs >}}", f"{{{{< tabs … >}}}} {SHORTCODE}"),
        ("{{% notice note %}}", f"{{{{% notice … %}}}} {SHORTCODE}"),
        ("{{<youtube abc>}}", f"{{{{< youtube … >}}}} {SHORTCODE}"),
        ("{% include_relative a.md %}", f"{{% include_relative … %}} {TEMPLATE}"),
        ("{%- if a -%}", f"{{% if … %}} {TEMPLATE}"),
        ("見{% 標籤 %}", f"{{% 標籤 … %}} {TEMPLATE}"),
        ("{% = %}", f"{{%  … %}} {TEMPLATE}"),
        ("{{ site.title }}", f"{{{{ site.title … }}}} {TEMPLATE}"),
        ("[a]({{ page.url }})", f"{{{{ page.url … }}}} {TEMPLATE}"),
        ('<a href="{{ page.url }}">a</a>', f"{{{{ page.url … }}}} {TEMPLATE}"),
        ('[caption id="a" width="1"]b[/caption]', f"[caption] {SHORTCODE}"),
        ("[gallery ids=1,2]", f"[gallery] {SHORTCODE}"),
        ("[gallery ids=“1,2”]", f"[gallery] {SHORTCODE}"),
        ('[audio src="a.mp3"]', f"[audio] {SHORTCODE}"),
        ("[code]a[/code]", f"[code] {SHORTCODE}"),
        ("[embed]https://e.org/[/embed]", f"[embed] {SHORTCODE}"),
        ("[youtube https://e.org/a]", f"[youtube] {SHORTCODE}"),
        ('[contact-form-7 id="1"]', f"[contact-form-7] {SHORTCODE}"),
        ("[row][col]a[/col][/row]", f"[row] {SHORTCODE}"),
        ("![[圖.png]]", "![[圖.png]] is shown as it is"),
    ],
)
def test_each_kind_is_named_with_its_line(written: str, message: str) -> None:
    assert said(f"One.\n\n{written}")[0] == f"8: {message}"


@pytest.mark.parametrize(
    "written",
    [
        "[audio] [video] [code] [gallery] [embed] words in brackets",
        "[see x = 5] [see x=5] [注 a=5]",
        "[audio](https://e.org/) [audio][1] [x](https://e.org/)\n\n[1]: https://e.org/",
        "[audio] and [/audio](https://e.org/)",
        'see [the a="b"]\n\n[the a="b"]: https://e.org/',
        r"\[gallery ids=1] [[gallery ids=1]]",
        "[ ] [x] [^1]\n\n[^1]: Note",
        r"\(\frac{{a}}{{b}}\) x^{{a}} {{}} {{1}} {% {a} {% a } {#id}",
        "`{{< a >}}` `{% a %}` `{{ a }}` `[code]a[/code]` `![[a]]`",
        "```\n{{< a >}}\n{% a %}\n[gallery ids=1]\n```\n\n    {{ a }}\n\n<pre>{% b %}</pre>",
        "<!-- {{< a >}} -->a",
    ],
)
def test_words_links_formulas_and_code_are_not(written: str) -> None:
    assert said(written) == []


def test_plain_text_has_no_code() -> None:
    assert said("One.\n\n`{{< a >}}`", ".txt") == [f"8: {{{{< a … >}}}} {SHORTCODE}"]


def test_html_has_code() -> None:
    assert said("<p>{{ a }}</p>\n<p><code>{{ b }}</code></p>", ".html") == [f"6: {{{{ a … }}}} {TEMPLATE}"]


def test_a_kind_is_named_once_with_its_other_lines() -> None:
    (warning,) = read("[gallery ids=1]\n\n[gallery ids=2] [gallery ids=3]\n\n[gallery ids=4]", ".md").warnings
    assert warning.message.endswith("; also on line 8, 10")


# tests/patterns proves each expression by itself; these are pairs of marks, and what one function hands to the next.
UNITS = (
    "%%¦%%a%% ¦{% comment %}¦{# ¦{# a #}¦{{a¦[a b=¦[/a]¦<!--¦<pre>¦<code>a</code>¦{{!--¦{>>¦{~~a¦<%#¦<![CDATA[¦<a b='¦"
    "[//]: # (¦[//]: # \"a\n¦[a](b '¦[¦\n\n<!--\n¦<!--\n\n-->¦<<<<<<<\n¦||||||| a\n"
)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", UNITS.split("¦"))
def test_very_many_beginnings_are_read_in_linear_time(unit: str) -> None:
    # Linear time is a second on an idle machine; the quadratic versions take minutes, which the limit above ends.
    body = unit * (300_000 // len(unit))

    def code_of(text: str) -> str:
        return without_code(text, is_markdown=False)

    def markup_of(text: str) -> str:
        text = without_markup(text, is_markdown=False)
        return masked(text, _destinations(text))

    without_private_comments(body, markup_of)
    list(foreign_markup(body, code_of, markup_of))
    line_of_conflict(body, code_of)
    line_of_change(body, code_of)
    with_short_comments(body[:100_000])

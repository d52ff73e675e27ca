"""`feedsvc check` on one folder of harmful inputs of every kind: each is named with file, line and cure."""

import re

import pytest

from tests.cli.conftest import Run
from tests.conftest import SITE_TOML, Publication

FRONT = "---\ntitle: {0}\npublished: 2026-10-01 10:00\ntopics: [chips]\n"


def _article(name: str, body: str = "Text.", fields: str = "") -> tuple[str, str]:
    suffix = "" if "." in name.rpartition("/")[2] else ".md"
    return f"articles/{name}{suffix}", f"{FRONT.format(name.rpartition('/')[2])}{fields}---\n{body}\n"


# What stands in the folder → the lines that check prints of it, as regular expressions: file, line, fault, cure.
CASES: list[tuple[str, str, str]] = [
    # Identity
    (*_article("alias", fields="aliases: [a b]\n"), r"articles/alias\.md:5: aliases: 'a b' .*\(write 'a-b'\)"),
    (*_article("same-1", fields="slug: same\n"), ""),
    (*_article("same-2", fields="slug: same\n"), r"articles/same-2\.md:5: slug: 'same' is already used by .*\(give"),
    # Not for the public
    (
        *_article("status", fields="status: draft\n"),
        r"articles/status\.md:5: warning: status: 'draft' .*\(write draft: true",
    ),
    (*_article("state", fields="state: 三校\n"), r"articles/state\.md:5: state: .*三校.*\(write published or draft\)"),
    (*_article("文", fields=""), ""),
    (*_article("文 (1)", fields=""), r"articles/文 \(1\)\.md: is a copy of articles/文\.md by its name \(delete it"),
    ("articles/twin.md", f"{FRONT.format('Twin')}---\n同じ本文です。\n", ""),
    (
        "articles/another.md",
        f"{FRONT.format('Twin')}---\n同じ本文です。\n",
        r"articles/another\.md:2: is a copy of articles/twin\.md by its language.*\(delete it; or.*write id: tag:",
    ),
    (*_article("_drafts/later"), r"articles/_drafts/later\.md: warning: is in _drafts.*\(delete it"),
    (*_article("_index"), r"articles/_index\.md: warning: is the page of a section.*\(delete it"),
    (
        *_article("merge", "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> other"),
        r"articles/merge\.md:6: .*(conflict|merge).*\(",
    ),
    (
        *_article("lfs", "![](big.png)"),
        r"articles/lfs\.md:6: 'articles/big\.png' is a pointer of Git LFS.*\(run git lfs pull\)",
    ),
    (
        *_article("annex", "![](annex.png)"),
        r"articles/annex\.md:6: 'articles/annex\.png' is a pointer of git-annex.*\(",
    ),
    (*_article("saved", "![](saved.png)"), r"articles/saved\.md:6: 'articles/saved\.png' is a page of HTML.*\(save"),
    (*_article("empty", "![](empty.png)"), r"articles/empty\.md:6: 'articles/empty\.png' is .*empty.*\("),
    (
        "articles/far.md",
        "---\ntitle: far\npublished: 2099-01-01\ntopics: [chips]\n---\nT\n",
        r"articles/far\.md:3: warning: published: .*year.*\(",
    ),
    (
        "articles/ahead.md",
        "---\ntitle: ahead\npublished: 2026-10-01\nupdated: 2099-01-01\ntopics: [chips]\n---\nT\n",
        r"articles/ahead\.md:4: updated: .*\(",
    ),
    (*_article("over", fields="expires: 2026-09-01\n"), r"articles/over\.md:5: expires: .*\("),
    (
        *_article("typo", fields="drafts: true\n"),
        r"articles/typo\.md:5: warning: drafts: 'true' .*\(write draft: true.*; it is read as 'draft'",
    ),
    (
        *_article("held", fields="publishDate: 2099-01-01\n"),
        r"articles/held\.md:5: warning: publishDate: is later than now.*\(write published",
    ),
    (
        *_article("past", fields="expires: 2026-10-05\n"),
        r"articles/past\.md:5: warning: expires: is past.*\(write a later date",
    ),
    (
        *_article("ghost", "One.\n\n<!--members-only-->\n\nTwo."),
        r"articles/ghost\.md:8: warning: what follows <!--members-only--> is for members only.*\(remove the marks",
    ),
    # What is written is what is shown
    (*_article("math.html", "<p>x</p>\n<math><mi>x</mi></math>"), r"articles/math\.html:7: warning: <math> .*\("),
    (*_article("svg.html", "<svg></svg>"), r"articles/svg\.html:6: warning: <svg> is left out \(save it"),
    (*_article("form.html", "<form><input></form>"), r"articles/form\.html:6: warning: <form> is left out.*\("),
    (
        *_article("frame.html", '<iframe src="https://video.example/1"></iframe>'),
        r"articles/frame\.html:6: warning: <iframe> .*\(",
    ),
    (
        *_article("data.html", '<img src="data:text/html,x">'),
        r"articles/data\.html:6: warning: a data: address is left out.*\(save it",
    ),
    (*_article("picture", "![](圖 一.png)"), r"articles/picture\.md:6: warning: no file '圖 一\.png'.*\("),
    (*_article("link", "\n[x](no-such.md)"), r"articles/link\.md:7: warning: .*no-such\.md.*\("),
    (
        *_article("slug", "[x](/articles/statuss)"),
        r"articles/slug\.md:6: warning: links to /articles/statuss, which does not exist \(",
    ),
    (*_article("fragment", "# 標題\n\n[x](#標)"), r"articles/fragment\.md:8: warning: links to '#標'.*\("),
    (*_article("torrent", fields="enclosure: e.torrent\n"), r"articles/torrent\.md:5: .*e\.torrent.*\("),
    (
        *_article("remote", fields="enclosure: https://cdn.example/a.mp3\n"),
        r"articles/remote\.md:5: warning: enclosure: the length of https://cdn\.example/a\.mp3 .*\(write enclosure:",
    ),
    (
        *_article("type", fields="enclosure: {file: sound.mp3, type: video/mp4}\n"),
        r"articles/type\.md:5: warning: enclosure: says that the type of 'sound\.mp3' is .*\(remove type",
    ),
    # Markup of other systems
    (
        *_article("percents", "One.\n\n%%private%%"),
        r"articles/percents\.md:8: warning: the private comment .*\(delete",
    ),
    (*_article("unclosed", "%%\nprivate"), r"articles/unclosed\.md:6: %% begins a private comment.*\(close it"),
    (*_article("unclosed-html", "<!-- private"), r"articles/unclosed-html\.md:6: <!-- begins a comment.*\(close it"),
    (*_article("open", "a {# b"), r"articles/open\.md:6: warning: the private comment {#…#} begins here.*\(close it"),
    (*_article("erb", "<%# b %>"), r"articles/erb\.md:6: warning: the private comment <%#…%> is left out.*\(delete"),
    (*_article("added", "{++b++}"), r"articles/added\.md:6: warning: {\+\+…\+\+} is a change.*\(delete the marks"),
    (*_article("replaced", "{~~a~>b~~}"), r"articles/replaced\.md:6: a change that nobody accepted.*\(write the text"),
    (*_article("half", "Ours.\n=======\n>>>>>>> x"), r"articles/half\.md:8: an unresolved conflict.*\(keep one side"),
    (*_article("footnote", "a\n\n[^1]: b"), r"articles/footnote\.md:8: warning: the footnote \[\^1\] is left.*\(write"),
    (*_article("again", "a[^1]\n\n[^1]: b\n\n[^1]: c"), r"articles/again\.md:10: warning: the footnote .*\(give it"),
    (*_article("stray", "One %%two"), r"articles/stray\.md:6: warning: %% .*\(put a space"),
    (
        *_article("comment", fields="summary: a %%b%%\n"),
        r"articles/comment\.md:5: warning: summary: a private .*\(",
    ),
    (*_article("hugo", "{{< figure >}}"), r"articles/hugo\.md:6: warning: {{< figure … >}} is a shortcode.*\(write"),
    (*_article("liquid", "{% if a %}"), r"articles/liquid\.md:6: warning: {% if … %} belongs to a template.*\(write"),
    (*_article("output", "{{ a }}"), r"articles/output\.md:6: warning: {{ a … }} belongs to a template.*\(write"),
    (*_article("caption", "[caption id=1]a[/caption]"), r"articles/caption\.md:6: warning: \[caption\] .*\(write"),
    (*_article("embedded", "![[a]]"), r"articles/embedded\.md:6: warning: !\[\[a\]\] is shown as it is \(write"),
    (*_article("nothing", ""), r"articles/nothing\.md:6: warning: the body shows nothing.*\(write the text"),
]
BESIDE = {
    "articles/big.png": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    "articles/empty.png": "",
    "articles/annex.png": "/annex/objects/SHA256E-s12--0a.png\n",
    "articles/saved.png": "<!doctype html><title>404</title>",
    "articles/sound.mp3": "ID3",
    "articles/e.torrent": "d8:announce",
}


@pytest.fixture
def output(publication: Publication, run: Run) -> str:
    """What check prints of the folder; it writes nothing."""
    for path, text, _ in CASES:
        publication.write(path, text)
    for path, text in BESIDE.items():
        publication.write(path, text)
    # site.toml: redirects to nowhere and in a circle, and those that never apply.
    publication.write(
        "site.toml",
        SITE_TOML.replace(
            "[topics.chips]",
            '[redirects]\n"/a" = "/nowhere"\n"/b" = "/b"\n"/*" = "/"\n"/feeds/*" = "/"\n'
            '"/topics/chips" = "/"\n"/articles/math" = "/"\n\n[topics.chips]',
        ),
    )
    result = run("check")
    assert result.exit_code == 1
    assert not publication.settings.store_file.exists()
    return result.output


def test_check_names_each_with_file_line_and_cure(output: str) -> None:
    lines = output.splitlines()
    unnamed = [path for path, _, wanted in CASES if wanted and not any(re.match(wanted, line) for line in lines)]
    assert not unnamed, "\n".join([*unnamed, output])


def test_what_is_right_is_not_named(output: str) -> None:
    assert not [path for path, _, wanted in CASES if not wanted and f"{path}:" in output]


def test_redirects_that_lead_nowhere_are_named_with_their_lines(output: str) -> None:
    for source in ("/a", "/b"):
        assert re.search(rf"^site\.toml:\d+: warning: redirects\.{source}: leads .*\(.+\)$", output, re.MULTILINE), (
            output
        )


def test_redirects_that_never_apply_are_named_with_their_lines(output: str) -> None:
    for source in (r"/feeds/\*", "/topics/chips", "/articles/math"):
        wanted = rf"^site\.toml:\d+: warning: redirects\.{source}: .*never applies.*\(.+\)$"
        assert re.search(wanted, output, re.MULTILINE), output

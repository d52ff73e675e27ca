"""The languages of blocks of code, beside the content that has no attribute for them."""

import pytest

from feedsvc.articles.html.code_languages import MAX_BLOCKS, code_languages, key_of


def test_each_block_is_known_by_its_code() -> None:
    html = '<pre><code class="language-Python">a &lt; b\n</code></pre><pre><code>c</code></pre>'
    assert code_languages(html) == (f"{key_of('a < b')} python",)


@pytest.mark.parametrize("html", ['<pre><code class="language-python">x', "<code>x</code>", ""])
def test_what_has_no_end_or_no_language_has_none(html: str) -> None:
    assert code_languages(html) == ()


def test_no_more_are_kept_than_the_limit() -> None:
    html = "".join(f'<code class="lang-c">{number}</code>' for number in range(MAX_BLOCKS + 1))
    assert len(code_languages(html)) == MAX_BLOCKS

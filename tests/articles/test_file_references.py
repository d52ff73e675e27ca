"""Files that other editors name with spaces, titles and sizes in Markdown are found, or warned of."""

import pytest

from feedsvc.articles.markup import read_markdown
from feedsvc.articles.source_text.file_references import with_encoded_references
from tests.articles.test_lost_elements import read


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("![t](my photo.png)", '<img src="my%20photo.png" alt="t" />'),
        ('![t](my photo.png "Title")', '<img src="my%20photo.png" alt="t" title="Title" />'),
        ("![t](my photo.png 'Title')", '<img src="my%20photo.png" alt="t" title="Title" />'),
        ("![](a (1).png)", '<img src="a%20%281%29.png" alt="" />'),
        ("![](圖 （一） 二.png)", '<img src="%E5%9C%96%20%EF%BC%88%E4%B8%80%EF%BC%89%20%E4%BA%8C.png" alt="" />'),
        ("![t](p.png =100x20)", '<img src="p.png" alt="t" width="100" height="20">'),
        ('![t "u"](my p.png =100x "Title")', '<img src="my%20p.png" alt="t &quot;u&quot;" width="100" title="Title">'),
        ('![t](my p.png "Title" =x20)', '<img src="my%20p.png" alt="t" height="20" title="Title">'),
        ("![t](<my p.png> =100x20)", '<img src="my%20p.png" alt="t" width="100" height="20">'),
        ("![**t** a_b](snake_case one_two.png)", '<img src="snake_case%20one_two.png" alt="t a_b" />'),
        ("![t](https://e.org/a b.png)", '<img src="https://e.org/a%20b.png" alt="t" />'),
        (
            "[x](my file.pdf) [y](other one.md#part)",
            '<a href="my%20file.pdf">x</a> <a href="other%20one.md#part">y</a>',
        ),
        ("| a |\n|---|\n| ![t](my p.png) |", '<td><img src="my%20p.png" alt="t" /></td>'),
        ("[a](b.md) ![t](my p.png)", '<a href="b.md">a</a> <img src="my%20p.png" alt="t" />'),
        ('![t](my p.png")', "![t](my p.png&quot;)"),
        ("`![t](my p.png)` [a](b.md)", '<code>![t](my p.png)</code> <a href="b.md">a</a>'),
        ('[a](b.md "Some title.md")', '<a href="b.md" title="Some title.md">a</a>'),
        ("[a](<b c.md>)", '<a href="b%20c.md">a</a>'),
        ("a[i](see this one)", "a[i](see this one)"),
        ("太好了！[見](附錄 一)", "[見](附錄 一)"),
        (r"\![t](my p.png) ![t]\(my p.png)", "![t](my p.png)"),
        ("`![t](my p.png)`", "<code>![t](my p.png)</code>"),
        ("    ![t](my p.png =1x1)", "![t](my p.png =1x1)"),
    ],
)
def test_a_file_is_found_however_it_is_written(written: str, html: str) -> None:
    assert html in read_markdown(with_encoded_references(written))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('![t](no photo.png "Title")', "no file 'no photo.png' beside the article that can be served"),
        ("![](a (1).png)", "no file 'a (1).png' beside the article that can be served"),
        ("![t](no.png =100x20)", "no file 'no.png' beside the article that can be served"),
        ("![t](my picture.bmp)", "'my picture.bmp' has no target: .bmp files are not served"),
    ],
)
def test_one_that_is_not_there_is_warned_of_with_its_line(written: str, message: str) -> None:
    assert [
        (each.line, each.message.partition(" (check")[0].partition(" (put")[0])
        for each in read(f"One.\n\n{written}", ".md").warnings
    ] == [(8, message)]

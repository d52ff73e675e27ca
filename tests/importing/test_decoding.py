"""Encodings: a text comes out as it went in, or a note says that it may not."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from feedsvc.errors import ArticleError
from feedsvc.importing.draft import Draft, FileNote
from feedsvc.importing.readers.decoding import codec_of, decode, decode_html
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import only

HANT = "新的晶圓廠預計明年完工，產能將提高一倍，供應商也跟著擴產，附近居民擔心河水不夠農田使用。"
HANS = "新的晶圆厂预计明年完工，产能将提高一倍，供应商也跟着扩产，附近居民担心河水不够农田使用。"
JA = "新しい工場は来年に完成する見通しで、生産能力は二倍になる。最先端の装置を導入し、人材を育てる。"
KO = "새 반도체 공장은 내년에 완공될 예정이며 생산 능력은 두 배가 된다. 주민들은 강물을 걱정한다."
FR = "Le fabricant a déjà doublé la capacité de l'usine près de Grenoble, où l'été est sec."
LABELS: Final = (
    "gb2312",
    "gbk",
    "big5",
    "shift_jis",
    "x-sjis",
    "euc-jp",
    "euc-kr",
    "iso-8859-1",
    "windows-1252",
    "ascii",
)


def _page(text: str, label: str | None) -> str:
    meta = f'<meta charset="{label}">' if label else ""
    paragraphs = "".join(f"<p>{text}{text}</p>" for _ in range(3))
    head = f"<!doctype html><html><head>{meta}<title>{text[:8]}</title></head>"
    return f"{head}<body><h1>{text[:8]}</h1>{paragraphs}</body></html>"


def _feed(text: str, label: str | None) -> str:
    declared = f' encoding="{label}"' if label else ""
    return (
        f'<?xml version="1.0"{declared}?><rss version="2.0"><channel><title>B</title><item><title>{text[:8]}</title>'
        f"<guid>urn:x:1</guid><pubDate>Tue, 10 Feb 2026 09:00:00 +0800</pubDate>"
        f"<description>{text}</description></item></channel></rss>"
    )


@pytest.mark.parametrize("label", [None, *LABELS])
@pytest.mark.parametrize("text", [HANT, HANS, JA, KO, FR, "新廠動工。", "près de là"])
def test_utf8_is_read_as_that_whatever_is_declared(text: str, label: str | None, settings: ImportSettings) -> None:
    page = only("x.html", _page(text, label).encode(), settings)
    assert (text in page.body.replace("\\", ""), page.notes) == (True, ())
    entry = only("x.xml", _feed(text, label).encode(), settings)
    assert text in entry.body.replace("\\", "")
    assert not any(isinstance(each, FileNote) for each in read_items("x.xml", _feed(text, label).encode(), settings))


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("gb2312", "gb18030", "朱镕基曾说，半导体要靠自己，这个企业叫做喆鑫。"),
        ("GBK", "gb18030", HANS + "𠀀"),
        ("x-gbk", "gb18030", HANS),
        ("big5", "big5hkscs", "香港嘅新廠喺元朗，佢哋話明年完工。"),
        ("Shift_JIS", "cp932", "半導体の工場は①来年、②再来年に完成する。㈱の発表による。"),
        ("windows-31j", "cp932", JA),
        ("euc-kr", "cp949", "똠방각하 공장은 펲시 옆에 있다. 새 반도체 공장은 내년에 완공된다."),
        ("ks_c_5601-1987", "cp949", KO),
        ("euc-jp", "euc_jp", JA),
        ("iso-2022-jp", "iso2022_jp", JA),
        ("iso-8859-1", "cp1252", FR + " – “là”"),
        ("latin1", "cp1252", FR),
        ("windows-1251", "cp1251", "Новый завод полупроводников открылся в пустыне во вторник."),
        ("koi8-r", "koi8-r", "Новый завод полупроводников открылся в пустыне во вторник."),
    ],
)
def test_labels_mean_what_browsers_read(label: str, codec: str, text: str, settings: ImportSettings) -> None:
    assert text in only("x.html", _page(text, label).encode(codec), settings).body.replace("\\", "")
    assert text in only("x.xml", _feed(text, label).encode(codec), settings).body.replace("\\", "")


@pytest.mark.parametrize(
    ("codec", "text"), [("big5", HANT), ("gbk", HANS), ("cp932", JA), ("euc_jp", JA), ("cp949", KO)]
)
def test_without_a_declaration_it_is_guessed_and_said(codec: str, text: str, settings: ImportSettings) -> None:
    draft = only("x.html", _page(text, None).encode(codec), settings)
    assert text in draft.body
    assert any("a guess (if characters are wrong, name another encoding" in each for each in draft.notes)


@pytest.mark.parametrize(("codec", "text"), [("iso2022_jp", JA), ("hz", HANS.replace("，", " ")), ("iso2022_kr", KO)])
def test_seven_bits_that_switch_sets_are_read(codec: str, text: str, settings: ImportSettings) -> None:
    draft = only("x.txt", f"{text[:6]}\n\n{text}\n".encode(codec), settings)
    assert text in draft.body.replace("\\", "")
    assert "a guess" in draft.notes[0]


@pytest.mark.parametrize("text", ["Costs ~{100}~ or ~{more}.", "A terminal says \x1b[31mred\x1b[0m and \x1b$ nothing."])
def test_what_only_looks_so_is_not(text: str) -> None:
    assert decode(text.encode()).notes == ()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [HANT, JA, KO, "The chip maker opened a new plant."])
def test_utf16_without_a_mark_is_known_by_its_line_ends(codec: str, text: str, settings: ImportSettings) -> None:
    draft = only("x.txt", f"Plan 1\n\n{text}\n".encode(codec), settings)
    assert text in draft.body
    assert f"read as {codec}, a guess" in draft.notes[0]


@pytest.mark.parametrize("name", ["x.html", "x.xml", "x.txt", "x.md"])
def test_a_bad_byte_is_replaced_and_said(name: str, settings: ImportSettings) -> None:
    whole = {
        "x.html": _page(HANT, "utf-8"),
        "x.xml": _feed(HANT, "utf-8"),
        "x.txt": f"新廠動工\n\n{HANT}\n",
        "x.md": f"# 新廠動工\n\n{HANT}\n",
    }[name].encode()
    at = whole.rindex("河".encode())
    items = list(read_items(name, whole[:at] + b"\xff" + whole[at:], settings))
    (draft,) = [each for each in items if isinstance(each, Draft)]
    notes = [*draft.notes, *(each.message for each in items if isinstance(each, FileNote))]
    assert "\ufffd河水" in draft.body
    assert "not utf-8 throughout: 1 byte was replaced by \ufffd (correct the text there)" in notes


def test_a_bad_byte_in_another_encoding_is_replaced_and_said(settings: ImportSettings) -> None:
    data = _page(HANS, "gb2312").encode("gb18030").replace(b"</p>", b"\xff</p>", 1)
    draft = only("x.html", data, settings)
    assert HANS in draft.body
    assert "not gb18030 throughout" in draft.notes[0]


@pytest.mark.parametrize(
    ("codec", "text", "label"),
    [("big5", HANT, "gb2312"), ("gbk", HANS, "big5"), ("cp949", KO, "iso-8859-1"), ("cp932", JA, "latin1")],
)
def test_a_wrong_declaration_is_noticed(codec: str, text: str, label: str) -> None:
    found = decode(text.encode(codec), None, label)
    assert found.text == text
    assert "but was read as" in found.notes[0]


@pytest.mark.parametrize(("text", "meant"), [("Une usine prÃ¨s de lÃ", "è"), ("It’s â€œfineâ€\x9d, and cafÃ©", "“")])
def test_utf8_that_was_read_wrongly_before_is_said(text: str, meant: str) -> None:
    (note,) = decode(text.encode()).notes
    assert "an earlier program read UTF-8 wrongly" in note
    assert f"{meant[-1]!r}" in note


@pytest.mark.parametrize("text", [FR, "São Paulo, Ângela, «là»", "Größe über alles", HANT, "10 °C ± 2, ½ £5"])
def test_right_texts_are_not_taken_for_that(text: str) -> None:
    assert decode(text.encode()).notes == ()


def test_a_label_that_nobody_knows_is_passed_over() -> None:
    assert codec_of("klingon") is None
    assert decode_html(b"<meta charset=klingon><p>plain") == "<meta charset=klingon><p>plain"


def _level(leads: range, codec: str) -> str:
    return "".join(
        bytes((lead, trail)).decode(codec, "ignore")
        for lead in leads
        for trail in (*(range(0x40, 0x7F) if codec == "big5" else ()), *range(0xA1, 0xFF))
    )


# The first levels of the standards, and the marks of a text.
CHARACTERS: Final = {
    "gb18030": _level(range(0xB0, 0xD8), "gb2312") + "，。「」、：“”" * 40,
    "big5hkscs": _level(range(0xA4, 0xC7), "big5") + "，。「」、：" * 40,
    "cp932": _level(range(0xB0, 0xD0), "euc_jp") + "".join(map(chr, range(0x3041, 0x3094))) * 40 + "、。" * 60,
    "euc_jp": _level(range(0xB0, 0xD0), "euc_jp") + "".join(map(chr, range(0x3041, 0x3094))) * 40 + "、。" * 60,
    "cp949": _level(range(0xB0, 0xC9), "euc_kr") + " . " * 60,
}
TEXTS: Final = st.sampled_from(sorted(CHARACTERS)).flatmap(
    lambda codec: st.tuples(st.just(codec), st.text(CHARACTERS[codec], min_size=10, max_size=2000))
)


@hypothesis_settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from([None, *LABELS, "utf-8"]), st.booleans())
def test_no_text_becomes_another_one_without_a_note(text: tuple[str, str], label: str | None, is_utf8: bool) -> None:
    codec, written = text
    try:
        found = decode(written.encode("utf-8" if is_utf8 else codec), None, label)
    except ArticleError:
        return
    assert found.text == written or found.notes, (codec, label, found.text[:40])
    if is_utf8:
        assert found.text == written

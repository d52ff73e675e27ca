"""A formula keeps its source, or text that means the same."""

import pytest

from feedsvc.articles.html.sanitize import sanitize

A, B, C = "<mi>a</mi>", "<mi>b</mi>", "<mn>2</mn>"
SUM = f"<mrow>{A}<mo>+</mo>{B}</mrow>"


@pytest.mark.parametrize(
    ("mathml", "text"),
    [
        (f"{A}<mo>=</mo>{B}", "a=b"),
        ("<mi>a</mi><mo>&lt;</mo><mi>b</mi>", "a&lt;b"),
        (f"<mfrac>{A}{C}</mfrac>", "a/2"),
        (f"<mfrac>{SUM}<mrow>{C}</mrow></mfrac>", "(a+b)/2"),
        (f"<msqrt>{A}</msqrt><msqrt>{A}{B}</msqrt><msqrt></msqrt>", "√a√(ab)"),
        (f"<mroot>{A}<mn>3</mn></mroot>", "<sup>3</sup>√a"),
        (f"<msub>{A}{B}</msub><msup>{A}{C}</msup>", "a<sub>b</sub>a<sup>2</sup>"),
        (f"<msubsup>{A}{B}{C}</msubsup>", "a<sub>b</sub><sup>2</sup>"),
        (f"<munder>{A}{B}</munder><mover>{A}{C}</mover>", "a<sub>b</sub>a<sup>2</sup>"),
        (f"<munderover>{A}{B}{C}</munderover>", "a<sub>b</sub><sup>2</sup>"),
        (f"<mfenced>{A}{B}</mfenced>", "(a, b)"),
        (f"<mtable><mtr><mtd>{A}</mtd><mtd>{B}</mtd></mtr><mtr><mtd>{C}</mtd></mtr></mtable>", "[a, b; 2]"),
        (f"<mmultiscripts>{A}{B}<none></none><mprescripts></mprescripts>{C}</mmultiscripts>", "a b 2"),
        (f"<maction>{A}{B}</maction><mphantom>{B}</mphantom>", "a"),
        (f"{A}<mspace></mspace>{B}", "a b"),
        ("<mtext>若<b>x</b></mtext>", "若x"),
        (
            f"<semantics>{SUM}<annotation encoding='TeX'>\\frac{{a}}{{b}} &lt; 1</annotation></semantics>",
            "<code>\\frac{a}{b} &lt; 1</code>",
        ),
        (f"<semantics>{SUM}<annotation encoding='text/plain'>x</annotation></semantics>", "a+b"),
        (f"<mi>a<script>x</script></mi>{C}<style>y</style>", "a2"),
        ("only text", "only text"),
        ("", ""),
    ],
)
def test_a_formula(mathml: str, text: str) -> None:
    content = sanitize(f"<p>x <math>{mathml}</math> y</p>", "https://example.org/articles/a")[0]
    assert content == f"<p>x {text} y</p>"


def test_alttext_is_its_source() -> None:
    html = "<p><math alttext='x^2'><msup><mi>x</mi><mn>2</mn></msup></math></p>"
    assert sanitize(html, "https://example.org/articles/a")[0] == "<p><code>x^2</code></p>"

"""Parts of a body that other systems show to members, subscribers or buyers only: they are left out. Pure.

Guarantee 13: nothing that was not meant for the public is published. No marks in code count.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from feedsvc.articles.source_text.code_ranges import Pairs, Stretch, masked
from feedsvc.articles.source_text.restricted_blocks import ADVICE, restricted_blocks
from feedsvc.text import has_any

# What follows is for members: Ghost's public preview (https://ghost.org/help/public-preview/), Jetpack's paywall block.
_CUT: Final = re.compile(
    r"<!--\s*+(?:(?:members|member|subscribers|paid)-only|paywall|wp:jetpack/paywall)\b[^<>]{0,500}+(?<=--)>",
    re.IGNORECASE,
)
# Shortcodes of WordPress's plugins (Restrict Content, MemberPress, Paid Memberships Pro, s2Member, WishList, Passster,
# Ultimate Membership, Ultimate Member, ARMember, Groups, Profile Builder, PPWP, Erphpdown) and of forums.
_BRACKETS: Final = (
    "members members_only membersonly member member_only memberonly membership subscribers subscribers_only subscriber "
    "subscriber_only paywall premium premium_content paid paid_only private protected restrict restricted rcp_restrict "
    "s2If mepr_show mepr_active wlm_private wlm_ismember ihc_hide_content wcm_restrict swpm_protected password_protect "
    "passster content_protector loggedin logged_in is_logged_in hide hidden pmpro_member um_loggedin um_logged_in "
    "um_show_content arm_restrict_content arm_if groups_member groups_can wppb_restrict wppb_content_restrict ppwp "
    "protect protected_content restrict_content restricted_content content_locker sociallocker emaillocker "
    "signinlocker erphpdown hide_content hidecontent private_content wpmem_logged_in vip vip_only patreon secret "
    "confidential internal encrypt encrypted draft login reply password"
)
# Other plugins and themes have shortcodes of their own. Their names have a word for those who may read what they
# enclose, and none for those who are no members.
_SHORTCODE: Final = re.compile(r"\[(?P<closing>/?+)(?P<name>[A-Za-z][\w-]{1,40}+)(?:\s[^\[\]\n]{0,500}+)?\]")
_FOR_SOME: Final = re.compile(
    r"member|restrict|paywall|protect|private|premium|subscri(?:ber|ption)|logged_?in|patreon|secret|password|exclusive|"
    r"confidential|(?:^|_)(?:paid|access|vip|gated?|(?:un)?lock(?:ed|er)?|only)(?:_|$)|^wpf(?:_|$)"
)
_FOR_OTHERS: Final = re.compile(
    r"non?_?member|not_?(?:a_)?member|non?_?sub|not_?sub|logged_?out|non?_?logged|not_?logged|guest|visitor|unpaid|"
    r"non?_?paid|not_?paid|(?:^|_)free|team|staff|(?:^|_)our_|no_?access|form|login_"
)
# Hexo's encrypt: https://github.com/edolphin-ydf/hexo-tag-encrypt; Hugo's: https://github.com/Li4n0/hugo_encryptor
_TAGS: Final = (
    "members member subscribers paywall premium private membersonly protected protect restricted encrypt encrypted "
    "hugo-encryptor password secret confidential internal draft drafts hidden hide loggedin logged-in auth vip"
).split()
# Names that mean nothing else where nothing closes them: `{{< members >}}` may be a list of them, `[hide]` a word.
_SURE: Final = (
    "members_only membersonly subscribers_only paywall premium premium_content paid_only private protected restricted "
    "rcp_restrict password_protect private_content protected_content restrict_content restricted_content pmpro_member "
    "um_loggedin arm_restrict_content encrypt encrypted hugo-encryptor secret confidential draft hidden"
)


def _name(name: str) -> str:
    return name.replace("_", "[_-]")


def _key(name: str) -> str:
    return name.replace("-", "_")


_GHOST: Final = "ghost"
_OTHER: Final = "other"
_PAIRS: Final = Pairs(
    {
        **{
            f"bracket_{name}": (rf"\[{_name(name)}(?:\s[^\[\]\n]{{0,500}}+)?\]", rf"\[/{_name(name)}\]")
            for name in _BRACKETS.split()
        },
        **{
            f"hugo_{_key(name)}": (
                rf"\{{\{{[<%]\s*+{name}\b[^{{}}]{{0,500}}+\}}\}}",
                rf"\{{\{{[<%]\s*+/\s*+{name}\s*+[>%]\}}\}}",
            )
            for name in _TAGS
        },
        **{
            f"liquid_{_key(name)}": (rf"\{{%-?\s*+{name}\b[^{{}}%]{{0,500}}+%\}}", rf"\{{%-?\s*+end{name}\s*+-?%\}}")
            for name in _TAGS
        },
        # Laravel's Blade.
        **{
            f"blade_{name}": (rf"(?<![\w@.])@{name}\b(?:\([^()\n]{{0,200}}+\))?+", rf"(?<![\w@.])@end{name}\b")
            for name in ("auth", "can", "canany", "role", "hasrole")
        },
        # Ghost: what is not for visitors who are no members.
        _GHOST: (
            r"<!--\s*+kg-gated-block:begin\b(?![^<>]{0,500}?\bnonMember:true\b)[^<>]{0,500}+(?<=--)>",
            r"<!--\s*+kg-gated-block:end\b[^<>]{0,500}+(?<=--)>",
        ),
    }
)
_MARKS: Final = Pairs(
    {"mark": (r"<!--\s*+(?:(?:members|member|subscribers|paid)-only|paywall|/?wp:|kg-gated-block:)", "-->")}
)
_SURE_NAMES: Final = "|".join(map(_name, _SURE.split()))
# Opening marks that stand alone on their lines.
_ALONE: Final = re.compile(
    r"^[ \t>]*+(?:<(?:p|div)\b[^<>\n]{0,200}+>)?[ \t]*+(?P<mark>"
    rf"\[(?:{_SURE_NAMES})(?:\s[^\[\]\n]{{0,500}}+)?\]"
    rf"|\{{\{{[<%][ \t]*+(?:{_SURE_NAMES})\b[^{{}}\n]{{0,500}}+\}}\}}"
    rf"|\{{%-?[ \t]*+(?:{_SURE_NAMES})\b[^{{}}%\n]{{0,500}}+%\}}"
    r")[ \t]*+(?:</(?:p|div)>)?[ \t]*+$",
    re.IGNORECASE | re.MULTILINE,
)
# A link of Markdown may have such a text.
_DEFINITION: Final = re.compile(rf"^ {{0,3}}\[(?:{_SURE_NAMES})\]:", re.IGNORECASE | re.MULTILINE)
_MAY_BE: Final = ("[/", "<!--", "{{", "{%", "@end")


@dataclass(frozen=True, slots=True)
class PublicPart:
    """The public part of a body, and for each other part its offset and the message about it."""

    body: str
    left_out: tuple[tuple[int, str], ...] = ()


def public_part(body: str, without_code: Callable[[str], str] = str) -> PublicPart:
    """Return the public part of `body`. All line breaks stay, so that lines keep their numbers.

    `without_code` gives a text of the same length in which code is masked. Time is linear in the length.
    """
    # A mark that stands alone has a bracket, or one of the braces that are looked for before.
    if not has_any(body, _MAY_BE) and not ("[" in body and _ALONE.search(body)):
        return PublicPart(body)
    # Comments are masked as code is, and the marks of Gutenberg and Ghost are comments.
    code = without_code(_MARKS.replaced(body, lambda whole: "x" * len(whole)))
    text = "".join(shown if mask != "\0" else mask for shown, mask in zip(body, code, strict=True))
    removed: list[tuple[int, int, str]] = []
    cut_at, why = len(body), ""
    for block in restricted_blocks(text):
        if block.end is None:
            cut_at, why = block.start, block.message
        else:
            removed.append((block.start, block.end, block.message))
    # Nothing in them counts as a mark.
    text = masked(text, [(start, end) for start, end, _ in removed])
    cut = _CUT.search(text, 0, cut_at)
    if cut:
        cut_at, why = cut.start(), f"what follows {cut[0][:40]} {ADVICE}"
    alone = set[int]() if _DEFINITION.search(body) else {each.start("mark") for each in _ALONE.finditer(text)}
    for each in (*_other_shortcodes(text[:cut_at]), *_PAIRS.find(text[:cut_at])):
        # Where its end is missing, nobody knows where the public part begins again.
        if each.end is None and (each.start in alone or each.kind == _GHOST):
            opening = body[each.start : cut_at].partition("\n")[0].partition("]")[0][:40]
            cut_at, why = each.start, f"what follows {opening} …, which nothing closes, {ADVICE}"
            break
        if each.end is not None:
            opening = body[each.start : each.end].partition("]")[0].partition("\n")[0][:40]
            removed.append((each.start, each.end, f"what {opening} … encloses {ADVICE}"))
    parts, left_out, position = list[str](), list[tuple[int, str]](), 0
    for start, end, message in sorted(removed):
        # One may be inside of another, or begin in it.
        if start < cut_at and end > position:
            begin = max(start, position)
            parts += [body[position:begin], "\n" * body.count("\n", begin, end)]
            left_out.append((start, message))
            position = end
    parts.append(body[position:cut_at])
    if why:
        left_out.append((cut_at, why))
    return PublicPart("".join(parts), tuple(left_out))


def _other_shortcodes(text: str) -> Iterator[Stretch]:
    """Yield what shortcodes with a name for members enclose, with their marks."""
    opened: dict[str, int] = {}
    for each in _SHORTCODE.finditer(text):
        name = each["name"].lower().replace("-", "_")
        if _FOR_SOME.search(name) and not _FOR_OTHERS.search(name):
            start = opened.pop(name, None) if each["closing"] else opened.setdefault(name, each.start())
            if each["closing"] and start is not None:
                yield Stretch(_OTHER, start, each.end())

"""Documents for the fuzz of an import in which a marker stands in any place where one was found: and those without one.

Of each kind, half of the inputs have a marker, and none of their articles may be public. The others have words that
look like markers, or markers that say "public", and must become public.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from feedsvc.text import without_forbidden
from tests.fuzz.import_inputs import FuzzedInput, Maker

_NOT_PUBLIC: Final = ("private", "draft", "members", "paid", "Unlisted", "PENDING", "草稿", "會員")
_STRONG: Final = ("visibility", "access", "audience", "status", "publish_status")
_FLAGS: Final = ("draft", "private", "premium", "paywall", "membersOnly", "unlisted", "login_required")
_NAMESPACES: Final = (
    'xmlns:x="urn:x" xmlns:media="http://search.yahoo.com/mrss/" xmlns:app="http://www.w3.org/2007/app" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)


def _words(make: Maker) -> tuple[str, str]:
    """Return the name of a field, and a value that keeps its article from the public."""
    if make.random.random() < 0.5:
        return make.random.choice(_STRONG), make.random.choice(_NOT_PUBLIC)
    return make.random.choice(_FLAGS), make.random.choice(("true", "yes", "1", "是"))


def _element(make: Maker) -> str:
    """Return an element of a feed that says that an entry, or the feed, is not public."""
    name, value = _words(make)
    word = make.random.choice(_NOT_PUBLIC)
    shapes = (
        f"<x:{name}>{value}</x:{name}>",
        f"<x:{name}> {value.upper()} </x:{name}>",
        f"<x:{name} value={quoteattr(value)}/>",
        f"<x:{make.random.choice(_STRONG)} level={quoteattr(word)}/>",
        f"<x:{make.random.choice(('premium', 'draft', 'private'))}/>",
        f"<x:post status={quoteattr(word)}/>",
        f"<x:post {make.random.choice(_STRONG)}={quoteattr(word)}>12</x:post>",
        f"<x:meta><x:{name}>{value}</x:{name}></x:meta>",
        f"<x:a><x:b><x:c><x:d><x:{name}>{value}</x:{name}></x:d></x:c></x:b></x:a>",
        f"<x:a><x:post status={quoteattr(word)}/><x:y>1</x:y></x:a>",
        "<itunes:block>Yes</itunes:block>",
    )
    return make.random.choice(shapes)


# Elements of feeds whose entries everybody may read.
_OPEN_ELEMENTS: Final = (
    "",
    "<x:visibility>public</x:visibility>",
    "<x:draft>false</x:draft>",
    "<x:premium value='no'/>",
    "<dc:audience>developers</dc:audience>",
    "<dc:rights>Members of the press may quote it</dc:rights>",
    "<itunes:explicit>no</itunes:explicit>",
    "<itunes:block>no</itunes:block>",
    "<x:post id='12' level='advanced'/>",
    "<x:comments status='open'/>",
    "<media:content url='https://a.example/a.jpg' medium='image'><media:title>Private</media:title></media:content>",
    "<media:content url='https://a.example/a.mp4'><media:status state='active'/></media:content>",
)
_NAMES_OF_TEXTS: Final = ("private", "draft", "members only", "草稿")


def _text(make: Maker) -> str:
    return make.legal_text(make.text()) or "Text"


def _rss(make: Maker, *, is_marked: bool) -> tuple[str, str]:
    """Return RSS with a marker in each item, in its start tag, or in the channel."""
    place = make.random.choice(("item", "item", "attribute", "channel")) if is_marked else ""
    attribute = f"{make.random.choice(_STRONG)}={quoteattr(make.random.choice(_NOT_PUBLIC))}"
    items = []
    for number in range(make.random.randint(1, 3)):
        parts = [
            f"<title>{_text(make)}</title><guid>{number}</guid>",
            f"<description>{escape(without_forbidden(make.html()))}</description>",
            f"<category>{make.random.choice(_NAMES_OF_TEXTS)}</category>",
            _element(make) if place == "item" else make.random.choice(_OPEN_ELEMENTS),
        ]
        items.append(f"<item {attribute if place == 'attribute' else ''}>{make.shuffled(parts)}</item>")
    of_feed = make.random.choice(("<x:private>true</x:private>", "<x:access>members</x:access>", "<x:draft/>"))
    channel = ["<title>T</title>", of_feed if place == "channel" else "<description>For members</description>", *items]
    return "x.rss", f'<rss version="2.0" {_NAMESPACES}><channel>{make.shuffled(channel)}</channel></rss>'


def _atom(make: Maker, *, is_marked: bool) -> tuple[str, str]:
    """Return Atom with a marker in each entry, in its start tag, or in the feed."""
    place = make.random.choice(("entry", "entry", "attribute", "feed")) if is_marked else ""
    control = make.random.choice(
        (
            "<app:control><app:draft>yes</app:draft></app:control>",
            "<control><draft>yes</draft></control>",
            "<x:wrap><x:draft>true</x:draft></x:wrap>",
        )
    )
    attribute = f"{make.random.choice(_STRONG)}={quoteattr(make.random.choice(_NOT_PUBLIC))}"
    parts = [
        f"<id>urn:x:1</id><title>{_text(make)}</title><updated>2026-02-10T09:00:00Z</updated>",
        f'<content type="html">{escape(without_forbidden(make.html()))}</content>',
        f"<category term={quoteattr(make.random.choice(_NAMES_OF_TEXTS))}/>",
        make.random.choice((control, _element(make))) if place == "entry" else make.random.choice(_OPEN_ELEMENTS),
    ]
    entry = f"<entry {attribute if place == 'attribute' else ''}>{make.shuffled(parts)}</entry>"
    of_feed = control if place == "feed" else "<subtitle>Private</subtitle>"
    return "x.atom", f'<feed xmlns="http://www.w3.org/2005/Atom" {_NAMESPACES}>{of_feed}{entry}</feed>'


def _json_feed(make: Maker, *, is_marked: bool) -> tuple[str, str]:
    """Return a JSON Feed with a marker in its item, in a table of it at any depth, or in the feed."""
    name, value = _words(make)
    said: object = make.random.choice((value, [value], {"1": True}.get(value, value)))
    place = make.random.choice(("item", "table", "feed")) if is_marked else ""
    for _ in range(make.random.randint(1, 4)):
        said = said if place != "table" else {make.random.choice(("_x", "meta", "post")): said}
    marked: Mapping[str, object] = {name: said} if place == "item" else {"_ghost": {name: value}}
    item: dict[str, object] = {
        "id": "1",
        "title": make.text(),
        "content_html": make.html(),
        "tags": [make.random.choice(_NAMES_OF_TEXTS)],
    }
    opens: tuple[Mapping[str, object], ...] = ({}, {"_x": {"draft": False}}, {"_size": 3})
    item |= marked if place in ("item", "table") else make.random.choice(opens)
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Private", "expired": False, "items": [item]}
    feed |= {make.random.choice(("private", "draft", "members_only")): True} if place == "feed" else {}
    return "x.json", json.dumps(feed)


_META: Final = (
    *(("_visibility", "private"), ("_private", "1"), ("draft", "1"), ("_hide_from_feed", "1"), ("_is_paid", "1")),
    *(("_memberful_acl", 'a:1:{i:0;s:3:"abc";}'), ("_mepr_rules", "1"), ("pmpro_require_membership", "1")),
    *(("rcp_access_level", "1"), ("issuem_leaky_paywall_subscription_level", "gold"), ("wlm_protection", "Y")),
    *(("_s2member_ccaps_req", 'a:1:{i:0;s:3:"vip";}'), ("patreon-level", "1"), ("arm_access_plan", "0")),
    *(("groups-read", "5"), ("_um_accessible", "2"), ("_ppwp_protection", "1"), ("_newspack_content_gate", "x")),
    *(("_membership_level", "gold"), ("substack_audience", "only_paid"), ("ghost_visibility", "paid")),
    ("um_content_restriction", 'a:1:{s:26:"_um_custom_access_settings";s:1:"1";}'),
)
_OPEN_META: Final = (
    *(("_edit_last", "1"), ("_yoast_wpseo_title", "Private members"), ("_jetpack_newsletter_access", "everybody")),
    *(("rcp_access_level", "0"), ("patreon-level", "0"), ("wlm_protection", "N"), ("_hide_featured_image", "1")),
    *(("_fl_builder_draft", "a:0:{}"), ("classic-editor-remember", "block-editor"), ("_sidebar_hidden", "1")),
    ("um_content_restriction", 'a:1:{s:26:"_um_custom_access_settings";s:1:"0";}'),
)
# Around a part that nobody but members may read.
SHORTCODES: Final = (
    *("memberful", "MM_Member_Decision", "members_access", "is_paid", "wpf", "wlm_private_gold", "leaky_paywall_hide"),
    *("access", "ur_restrict", "edd_restrict", "patreon_content", "paid-content", "subscribe_to_unlock"),
)


def _wordpress(make: Maker, *, is_marked: bool) -> tuple[str, str]:
    """Return WXR whose post has restricting post meta, or an element of a plugin."""
    key, value = make.random.choice(_META if is_marked else _OPEN_META)
    meta = f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value>{escape(value)}</wp:meta_value></wp:postmeta>"
    element = is_marked and make.random.random() < 0.2
    code = make.random.choice(("not_logged_in", "team_member", "free_member"))
    parts = [
        f"<title>{_text(make)}</title><link>https://a.example/?p=1</link><guid>1</guid>",
        f"<content:encoded>{escape(without_forbidden(make.html()))}[{code}]open[/{code}]</content:encoded>",
        "<wp:post_id>1</wp:post_id><wp:post_type>post</wp:post_type><wp:status>publish</wp:status>",
        "<wp:post_date_gmt>2026-02-10 09:00:00</wp:post_date_gmt>",
        "<wp:visibility>private</wp:visibility>" if element else meta,
    ]
    return "x.xml", (
        '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>'
        "<wp:wxr_version>1.2</wp:wxr_version><link>https://a.example</link>"
        f"<item>{make.shuffled(parts)}</item></channel></rss>"
    )


# Around JSON-LD in a script, as pages have it.
WRAPPINGS: Final = (
    "{}",
    "<!-- {} -->",
    "//<![CDATA[\n{}\n//]]>",
    "/*<![CDATA[*/{}/*]]>*/",
    "<!--//--><![CDATA[//><!--\n{}\n//--><!]]>",
    "{};",
)
_LD: Final[tuple[Mapping[str, object], ...]] = (
    *({"isAccessibleForFree": each} for each in (False, "False", "no", "http://schema.org/False")),
    *({"conditionsOfAccess": "Subscribers only"}, {"requiresSubscription": True}, {"creativeWorkStatus": "Draft"}),
    *({"mainEntity": {"isAccessibleForFree": False}}, {"@graph": [{"isAccessibleForFree": "false"}]}),
)
_OPEN_LD: Final[tuple[Mapping[str, object], ...]] = (
    {"isAccessibleForFree": True},
    {"conditionsOfAccess": "Open access"},
    {"requiresSubscription": False},
    {"creativeWorkStatus": "Published"},
)
_HEADS: Final = (
    *(("access", "members"), ("article:status", "draft"), ("paywall", "true"), ("isPremium", "true")),
    *(("members-only", "yes"), ("cXenseParse:pay-access", "paid"), ("tmg.premium.state", "true"), ("paid", "true")),
    *(("article:content_tier", "locked"), ("visibility", "private"), ("article:tier", "paid"), ("post_status", "x")),
)
_OPEN_HEADS: Final = (
    *(("tmg.premium.state", "false"), ("expires", "-1"), ("robots", "noindex"), ("user-access", "members")),
    *(("article:content_tier", "free"), ("keywords", "draft"), ("rating", "general"), ("status", "200")),
)
_CLASSES: Final = (
    *("post status-private", "type-post status-draft", "hentry status-future", "post-password-required"),
    *("type-post status-acme", "gh-article post-access-paid", "membership-content access-granted"),
)
_OPEN_CLASSES: Final = (
    *("post status-publish hentry", "status-bar", "type-@@x@@ status-@@y@@", "post-card post-access-paid"),
)
_PROPERTY: Final = '<table class="properties"><tr class="property-row"><th>{}</th><td>{}</td></tr></table>'


def _page(make: Maker, *, is_marked: bool) -> tuple[str, str]:
    """Return a page with a marker in <meta>, JSON-LD, microdata, a class, a title of WordPress or a row of Notion."""
    about = make.random.choice(_LD if is_marked else _OPEN_LD)
    name, value = make.random.choice(_HEADS if is_marked else _OPEN_HEADS)
    ld = make.random.choice(WRAPPINGS).format(json.dumps({"@type": "Article", **about}))
    head, classes, body, title = "", "", "", make.text().replace("<", "")
    match make.random.randrange(6):
        case 0:
            head = f'<script type="application/ld+json">{ld}</script>'
        case 1:
            head = f'<meta {make.random.choice(("name", "property"))}="{name}" content="{value}">'
        case 2:
            said = "False" if is_marked else "True"
            body = make.random.choice(
                (
                    f'<span itemprop="isAccessibleForFree">{said}</span>',
                    f'<link itemprop="isAccessibleForFree" href="https://schema.org/{said}">',
                    f'<span property="schema:isAccessibleForFree" content="{said}"></span>',
                )
            )
        case 3:
            classes = make.random.choice(_CLASSES if is_marked else _OPEN_CLASSES)
        case 4:
            head = '<meta name="generator" content="WordPress 6.5">'
            title = (
                f"{make.random.choice(('Private: ', '受保護：', '密码保护：')) if is_marked else 'Privately '}{title}"
            )
        case _:
            box = f'<div class="checkbox checkbox-{"off" if is_marked else "on"}"></div>'
            marks = (("Published", box), ("Status", "In progress" if is_marked else "Published"))
            body = _PROPERTY.format(*make.random.choice(marks))
    paragraphs = "".join(f"<p>{_text(make)} {_text(make)}</p>" for _ in range(5))
    return "x.html", (
        f"<!doctype html><html><head><title>{escape(title)}</title>{head}</head><body>"
        f'<article class="{classes}"><h1>{escape(title)}</h1>{body}{paragraphs}</article></body></html>'
    )


def _movable_type(make: Maker, *, is_marked: bool) -> tuple[str, str]:
    marks = (
        *(
            "Status: Draft",
            "STATUS : Draft",
            " STATUS: Review",
            "status: draft",
            "STATUS:",
            "STATUS: Publish\nSTATUS: Draft",
        ),
        *("DRAFT: 1", "PASSWORD: x", "VISIBILITY: private"),
    )
    opens = ("STATUS: Publish", "STATUS: publish", "ALLOW COMMENTS: 0", "CATEGORY: Private", "TAGS: draft")
    mark = make.random.choice(marks if is_marked else opens)
    text = " ".join(make.text().split())
    head = f"AUTHOR: x\nTITLE: T\n{mark}\nDATE: 02/10/2026 09:00:00\n"
    return "x.txt", f"{head}-----\nBODY:\n<p>{text} Text</p>\n-----\n--------\n"


def _markdown(make: Maker, *, is_marked: bool) -> tuple[str, str]:
    """Return Markdown in front matter of any place: a table, a field of Notion, a word in another language."""
    name, value = _words(make)
    marks = (
        *(f"{name}: {value}", f"params:\n  {name}: {value}", f"meta: {{{name}: {value}}}", f"{name}: [{value}]"),
        *(
            "✅ Published: No",
            "Status: In progress",
            "狀態: 草稿",
            "patreon_level: 5",
            "url: false",
            "hideInList: true",
        ),
    )
    opens = ("draft: false", "✅ Published: Yes", "released: true", "newsletter: true", "url: /draft/", "tags: [draft]")
    lines = [f"title: {json.dumps(make.text())}\n", "date: 2026-02-10\n"]
    lines.append(f"{make.random.choice(marks if is_marked else opens)}\n")
    return "x.md", f"---\n{make.shuffled(lines)}---\n\n{_text(make)}\n"


def _tumblr(make: Maker, *, is_marked: bool) -> tuple[str, str]:
    marks: Sequence[Mapping[str, object]] = (
        *({"state": each} for each in ("private", "draft", "queued", "submission")),
        *({"is_private": True}, {"is_paywalled": True}, {"paywall": {"type": "x"}}),
        {"content": [{"type": "text", "text": "x"}, {"type": "paywall"}, {"type": "text", "text": "y"}]},
    )
    opens = ({"state": "published"}, {"is_pinned": True}, {"interactability_reblog": "noone"})
    post = {"blog_name": "b", "post_url": "https://b.example/post/1", "id": 1, "type": "text", "title": make.text()}
    post |= {"body": make.html(), "date": "2026-02-10 09:00:00 GMT", "tags": ["private"]}
    post |= make.random.choice(marks if is_marked else opens)
    return "x.json", json.dumps({"response": {"posts": [post]}})


MARKED: Final[Mapping[str, Callable[..., tuple[str, str]]]] = {
    "rss-marks": _rss,
    "atom-marks": _atom,
    "json-marks": _json_feed,
    "wordpress-marks": _wordpress,
    "page-marks": _page,
    "movable-type-marks": _movable_type,
    "markdown-marks": _markdown,
    "tumblr-marks": _tumblr,
}
_ENCODINGS: Final = ("utf-8", "utf-8", "utf-8-sig", "utf-16")


def marked_of(kind: str, make: Maker) -> FuzzedInput:
    """Return a document of one kind, with a marker for each of its articles, or with none."""
    name, text = MARKED[kind](make, is_marked=make.is_marked)
    encoding = make.random.choice(_ENCODINGS) if kind == "markdown-marks" else "utf-8"
    return FuzzedInput(name, text.encode(encoding, "replace"), is_marked=make.is_marked, is_public=not make.is_marked)

"""Exports of whole sites for the fuzz of an import: archives of many files, of which some are not for the public.

What is not for the public has SECRET in it: articles, members of an archive that are never read, and parts of public
articles. An export of which bytes are changed has no secrets, since the change may be in a marker.
"""

import csv
import io
import json
import stat
import warnings
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Final
from urllib.parse import quote
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

from tests.fuzz.import_inputs import DOCUMENTS, MARKERS, SECRET, FuzzedInput, Maker, damaged, document_of
from tests.fuzz.marked_inputs import MARKED, SHORTCODES, marked_of

Members = Iterator[tuple[str | ZipInfo, str]]
# Folders whose files no reader may publish.
PRIVATE_FOLDERS: Final = (
    "_drafts",
    "drafts",
    "_private",
    "_archive",
    "_trash",
    "_templates",
    "_Drafts",
    "node_modules",
)
# Names that an archive may not have, and of files that are never read.
REFUSED_NAMES: Final = (
    "../evil.md",
    "posts/../../evil.md",
    "/etc/evil.md",
    "C:\\evil.md",
    "posts\\..\\evil.md",
    "posts/a\x01b.md",
    "posts/a\nb.md",
    ".trash/evil.md",
    "posts/.evil.md",
    "__MACOSX/posts/._evil.md",
    "posts/page_files/evil.html",
)
_ENCRYPTED: Final = 0x1
_CENTRAL: Final = b"PK\x01\x02"


def _front(make: Maker, *, is_private: bool, marker: tuple[str, str] | None = None) -> str:
    lines = [f"title: {json.dumps(make.said(is_private=is_private))}\n", f"date: {make.date() or '2026-02-10'}\n"]
    lines += [f"tags: [{json.dumps(make.said(is_private=is_private))}]\n"] if make.random.random() < 0.3 else []
    lines += [f"{marker[0]}: {marker[1]}\n"] if marker else []
    return f"---\n{make.shuffled(lines)}---\n\n"


def _markdown(make: Maker, *, is_private: bool, is_in_private_folder: bool = False) -> str:
    marker = make.random.choice(MARKERS) if is_private and not is_in_private_folder else None
    head = _front(make, is_private=is_private, marker=marker)
    return head + "\n\n".join(make.said(is_private=is_private) for _ in range(make.random.randint(1, 4))) + "\n"


def _folder(make: Maker) -> Members:
    """Yield the files of a site of Jekyll, Hugo or another generator."""
    top = make.random.choice(("", "", "site-main/"))
    kind = make.random.choice(("jekyll", "hugo", "plain"))
    posts = {"jekyll": "_posts", "hugo": "content/posts", "plain": make.random.choice(("posts", "記事", "a b"))}[kind]
    for number in range(make.random.randint(1, 4)):
        is_private = make.is_private()
        name = f"2026-02-1{number}-post-{number}" if kind == "jekyll" else f"post-{number}"
        yield f"{top}{posts}/{name}.md", _markdown(make, is_private=is_private)
    if make.random.random() < 0.6:
        folder = make.random.choice(PRIVATE_FOLDERS)
        inner = make.random.choice(("", "deeper/"))
        suffix = make.random.choice((".md", ".md", ".txt", ".html"))
        text = _markdown(make, is_private=True, is_in_private_folder=True)
        text = text if suffix == ".md" else f"<h1>{SECRET}</h1>" + f"<p>{make.said(is_private=True)}</p>" * 5
        yield f"{top}{folder}/{inner}idea{suffix}", text
    if kind == "hugo":
        yield f"{top}hugo.toml", 'title = "T"\n'
        for folder in ("public", "themes/x/exampleSite/content", "archetypes", "layouts"):
            if make.random.random() < 0.3:
                yield f"{top}{folder}/example.md", _markdown(make, is_private=True, is_in_private_folder=True)


def _hostile(make: Maker) -> Members:
    """Yield members of which no program should make an archive, among posts."""
    yield from _folder(make)
    for _ in range(make.random.randint(1, 4)):
        text = _markdown(make, is_private=True, is_in_private_folder=True)
        choice = make.random.randrange(6)
        if choice < 3:
            yield make.random.choice(REFUSED_NAMES), text
        elif choice == 3:
            link = ZipInfo("posts/link.md")
            link.external_attr = (make.random.choice((stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR)) | 0o777) << 16
            yield link, text
        elif choice == 4:
            encrypted = ZipInfo("posts/encrypted.md")
            encrypted.comment = _ENCRYPTED_COMMENT
            yield encrypted, text
        else:
            bomb = _markdown(make, is_private=True) + f"{SECRET} " * (120_000 if make.random.random() < 0.03 else 1)
            yield f"posts/bomb-{make.random.randrange(9)}.md", bomb
    if make.random.random() < 0.3:
        # The last one of a name counts.
        yield "twice.md", _markdown(make, is_private=False)
        yield "twice.md", _markdown(make, is_private=True)
    if make.random.random() < 0.3:
        for number in range(make.random.randint(1, 30)):
            # ZipInfo cuts a name at U+0000.
            name = make.odd().translate({0: "", ord("/"): ""})
            yield f"x{name}{number}.md", _markdown(make, is_private=make.is_private())


# Marks a member whose flag says that it is encrypted.
_ENCRYPTED_COMMENT: Final = b"encrypted"


def _substack(make: Maker) -> Members:
    """Yield a table of posts and their texts: rows say who may read them, and marks in the texts who a part."""
    columns = "post_id post_date is_published email_sent_at type audience title subtitle podcast_url".split()
    rows = []
    for number in range(make.random.randint(1, 4)):
        is_private = make.is_private()
        id_ = f"{1000 + number}.post-{number}"
        row = dict.fromkeys(columns, "") | {"post_id": id_, "post_date": make.date(), "is_published": "true"}
        row |= {"type": "newsletter", "audience": "everyone"}
        row |= {name: make.said(is_private=is_private) for name in ("title", "subtitle")}
        marks = (
            *(("is_published", said) for said in ("false", "", "quux")),
            *(("audience", said) for said in ("only_paid", "only_free", "founding", "", "quux")),
            *(("type", said) for said in ("page", "quux", "")),
            ("", ""),
        )
        name, said = make.random.choice(marks) if is_private else ("type", "newsletter")
        row |= {name: said} if name else {}
        rows += [row] if name else []
        html = f"<p>{make.said(is_private=is_private)}</p>{make.html()}"
        if make.random.random() < 0.3:
            html += f'<div data-dynamic-audiences="{make.random.choice(("sub", "paid,sub", ""))}">{SECRET}</div>'
            html += f"<p>{make.text()}</p>"
        if make.random.random() < 0.3:
            html += f'<div class="paywall-jump" data-component-name="PaywallToDOM"></div><p>{SECRET}</p>'
        yield f"posts/{id_}.html", html
    table = io.StringIO()
    writer = csv.DictWriter(table, columns)
    writer.writeheader()
    writer.writerows(rows)
    yield "posts.csv", table.getvalue()


def _medium(make: Maker) -> Members:
    """Yield stories, drafts, and lists of what their author read."""
    for number in range(make.random.randint(1, 4)):
        is_private = make.is_private()
        is_called_draft = is_private and make.random.random() < 0.5
        title = escape(make.said(is_private=is_private))
        time = '<time class="dt-published" datetime="2026-02-10T09:00:00Z">x</time>'
        body = f'<p class="graf">{escape(make.said(is_private=is_private))}</p>{make.html()}'
        name = f"{'draft' if is_called_draft else '2026-02-10'}_{quote(make.odd(), safe='')[:40]}-{number:08x}.html"
        page = (
            f'<html><head><title>{title}</title></head><body><article class="h-entry"><header>'
            f'<h1 class="p-name">{title}</h1></header><section class="p-summary">{title}</section>'
            f'<section class="e-content"><h3 class="graf graf--h3 graf--title">{title}</h3>{body}</section>'
            f'<footer><a href="https://medium.com/p/{number:08x}">{"" if is_private and not is_called_draft else time}'
            '</a><p>Exported from <a href="https://medium.com">Medium</a></p></footer></article></body></html>'
        )
        yield f"posts/{name}", page
    yield "profile/profile.html", f"<html><body><h1>{SECRET}</h1><p>{make.said(is_private=True)}</p></body></html>"
    for name in (
        "bookmarks/bookmarks-0001.html",
        "claps/claps-0001.html",
        "sessions/sessions-0001.html",
        "README.html",
    ):
        if make.random.random() < 0.4:
            yield name, f"<html><body><h1>{SECRET}</h1><ul><li>{make.said(is_private=True)}</li></ul></body></html>"


def _blogger(make: Maker) -> str:
    """Return the Atom of a blog, as Takeout or the older export writes it: posts, comments, templates, settings."""
    is_takeout = make.random.random() < 0.5
    entries = []
    for number in range(make.random.randint(1, 4)):
        is_private = make.is_private()
        kind, status, control = "POST", "LIVE", ""
        marks: tuple[tuple[str, str, str], ...] = (
            ("POST", "DRAFT", ""),
            ("POST", "SOFT_TRASHED", ""),
            ("POST", "quux", ""),
            ("PAGE", "LIVE", ""),
            ("COMMENT", "LIVE", ""),
        )
        if not is_takeout:
            drafts = [
                f'<app:control xmlns:app="{scheme}"><app:draft>{said}</app:draft></app:control>'
                for scheme in ("http://www.w3.org/2007/app", "http://purl.org/atom/app#")
                for said in ("yes", "true", "quux")
            ]
            marks = (
                *(("post", "", each) for each in drafts),
                *((each, "", "") for each in ("page", "comment", "settings", "template")),
            )
            kind, status = "post", ""
        if is_private:
            kind, status, control = make.random.choice(marks)
        term = f"http://schemas.google.com/blogger/2008/kind#{kind}"
        about = (
            f"<b:type>{kind}</b:type><b:status>{status}</b:status>"
            if is_takeout
            else f'<category scheme="http://schemas.google.com/g/2005#kind" term="{term}"/>'
        )
        said = make.legal_text(make.said(is_private=is_private))
        parts = [
            f"<id>tag:blogger.com,1999:blog-1.post-{number}</id><title>{said}</title>{about}{control}",
            f"<published>{make.legal_text(make.date())}</published>",
            f'<content type="html">{make.legal_text(make.html())}{said}</content>',
            f"<author><name>{said}</name></author>",
        ]
        entries.append(f"<entry>{make.shuffled(parts)}</entry>")
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" '
        f'xmlns:b="http://schemas.google.com/blogger/2018"><title>T</title>{"".join(entries)}</feed>'
    )


# Post meta by which plugins of WordPress restrict who may read a post.
_ACCESS: Final = (
    ("_jetpack_newsletter_access", "paid_subscribers"),
    ("_jetpack_newsletter_access", "quux"),
    ("_members_access_role", "subscriber"),
    ("rcp_subscription_level", "any"),
    ("_rcp_is_paid", "1"),
    ("pmpro_level", "2"),
    ("_swpm_protected", "yes"),
    ("restrict_access", "on"),
)
_PARTS: Final = (
    "[login]{}[/login]",
    "[reply]{}[/reply]",
    "[password]{}[/password]",
    "[members_only level='1']{}[/members_only]",
    "<!-- wp:premium-content/subscriber-view --><p>{}</p><!-- /wp:premium-content/subscriber-view -->",
    "<!-- wp:jetpack/paywall /--><p>{}</p>",
    "<!--members-only--><p>{}</p>",
    '<!-- wp:block {{"ref":90}} /-->',
    "[gallery ids='91']",
    *(f"[{name} x='1']{{}}[/{name}]" for name in SHORTCODES),
)


def _wordpress(make: Maker) -> str:
    """Return WXR with posts that statuses, passwords, kinds or post meta keep from the public, and their comments."""
    items = []

    def item(number: int, kind: str, status: str, *texts: str) -> str:
        said, html, *more = texts
        parts = [
            f"<title>{make.legal_text(said)}</title><link>https://a.example/?p={number}</link>",
            f"<content:encoded>{make.legal_text(html)}</content:encoded>",
            f"<excerpt:encoded>{make.legal_text(said)}</excerpt:encoded>",
            f"<wp:post_id>{number}</wp:post_id><wp:post_type>{kind}</wp:post_type><wp:status>{status}</wp:status>",
            "<wp:post_date_gmt>2026-02-10 09:00:00</wp:post_date_gmt>",
            *more,
        ]
        return f"<item>{make.shuffled(parts)}</item>"

    for number in range(1, make.random.randint(2, 5)):
        is_private = make.is_private()
        kind, status, password, meta = "post", "publish", "", ("_edit_last", "1")
        if is_private:
            choice = make.random.choice(("status", "password", "kind", "meta"))
            status = (
                make.random.choice("draft private pending future trash auto-draft inherit quux".split())
                if choice == "status"
                else status
            )
            password = "x" if choice == "password" else ""
            kind = (
                make.random.choice("page nav_menu_item revision wp_block product quux".split())
                if choice == "kind"
                else kind
            )
            meta = make.random.choice(_ACCESS) if choice == "meta" else meta
        said = make.said(is_private=is_private)
        html = f"<p>{said}</p>{make.html()}"
        html += "\n\n" + make.random.choice(_PARTS).format(SECRET) if make.random.random() < 0.5 else ""
        said_meta = f"<wp:meta_key>{meta[0]}</wp:meta_key><wp:meta_value>{meta[1]}</wp:meta_value>"
        approved = f"<wp:comment_approved>{make.random.choice(('0', '1', 'spam'))}</wp:comment_approved>"
        more = (
            f"<wp:postmeta>{said_meta}</wp:postmeta><wp:post_password>{password}</wp:post_password>",
            f"<wp:comment><wp:comment_content>{SECRET}</wp:comment_content>{approved}</wp:comment>",
        )
        items.append(item(number, kind, status, said, html, *more))
    block = make.random.choice(("draft", "private", "trash"))
    items.append(item(90, "wp_block", block, SECRET, f"<p>{SECRET}</p>"))
    url = "<wp:attachment_url>https://a.example/a.jpg</wp:attachment_url>"
    items.append(item(91, "attachment", make.random.choice(("private", "trash")), SECRET, SECRET, url))
    return (
        '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" '
        'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>'
        f"<wp:wxr_version>1.2</wp:wxr_version><link>https://a.example</link>{make.shuffled(items)}</channel></rss>"
    )


def _each(name: str, *values: object) -> Iterator[dict[str, object]]:
    return ({name: value} for value in values)


def _ghost(make: Maker) -> str:
    """Return the JSON of a site whose posts are in part for members, or were sent as e-mail only."""
    posts, meta = [], []
    for number in range(make.random.randint(1, 4)):
        is_private = make.is_private()
        said = make.said(is_private=is_private)
        post: dict[str, object] = {"id": str(number), "title": said, "slug": f"s{number}", "status": "published"}
        post |= {"visibility": "public", "published_at": "2026-02-10T09:00:00Z", "custom_excerpt": said, "type": "post"}
        marks: tuple[dict[str, object], ...] = (
            *_each("status", "draft", "sent", "quux"),
            *_each("visibility", "members", "paid", "tiers", "filter:label:x", "quux"),
            {"type": "page"},
            {"email_only": 1},
        )
        mark = make.random.choice(marks) if is_private else {}
        meta += [{"post_id": str(number), "email_only": 1}] if "email_only" in mark else []
        post |= {key: value for key, value in mark.items() if key != "email_only"}
        html = f"<p>{escape(said)}</p>{make.html()}"
        if make.random.random() < 0.3:
            html += (
                f'<!--kg-gated-block:begin nonMember:false memberSegment:"" --><p>{SECRET}</p><!--kg-gated-block:end-->'
            )
        if make.random.random() < 0.3:
            html += f"<!--members-only--><p>{SECRET}</p>"
        posts.append(post | {"html": html})
    tables = {"posts": posts, "posts_meta": meta, "tags": [], "users": [{"id": "1", "name": "A", "email": SECRET}]}
    return json.dumps(
        {"db": [{"meta": {"version": "5.0"}, "data": tables | {"settings": [{"key": "x", "value": SECRET}]}}]}
    )


def _movable_type(make: Maker) -> str:
    entries = []
    for _ in range(make.random.randint(1, 4)):
        is_private = make.is_private()
        said, status = make.said(is_private=is_private), make.random.choice(("Draft", "Review", "quux"))
        status = status if is_private else "Publish"
        entries.append(
            f"AUTHOR: x\nTITLE: {said}\nSTATUS: {status}\nDATE: 02/10/2026 09:00:00\n-----\nBODY:\n<p>{said}</p>\n"
            f"-----\nCOMMENT:\nAUTHOR: y\n{SECRET}\n-----\n--------\n"
        )
    return "".join(entries)


ARCHIVES: Final[Mapping[str, Callable[[Maker], Members]]] = {
    "folder.zip": _folder,
    "hostile.zip": _hostile,
    "substack": _substack,
    "medium": _medium,
}
EXPORTS: Final[Mapping[str, tuple[str, Callable[[Maker], str]]]] = {
    "blogger": ("feed.atom", _blogger),
    "wordpress": ("export.xml", _wordpress),
    "ghost-members": ("ghost.json", _ghost),
    "movable-type": ("export.txt", _movable_type),
}
KINDS: Final = (*DOCUMENTS, *MARKED, *ARCHIVES, *EXPORTS)


def zipped(make: Maker, members: Members) -> bytes:
    """Return an archive of these members."""
    stream = io.BytesIO()
    with warnings.catch_warnings(), ZipFile(stream, "w") as archive:
        warnings.filterwarnings("ignore", "Duplicate name")
        for name, text in members:
            method = make.random.choice((ZIP_STORED, ZIP_DEFLATED, ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA))
            archive.writestr(name, text.encode("utf-8", "replace"), method)
    data = bytearray(stream.getvalue())
    # zipfile writes no flag of encryption: it is set in the directory afterwards.
    at = data.find(_CENTRAL)
    while at >= 0:
        lengths = [int.from_bytes(data[at + place : at + place + 2], "little") for place in (28, 30, 32)]
        end = at + 46 + sum(lengths)
        if data[end - lengths[2] : end] == _ENCRYPTED_COMMENT:
            data[at + 8] |= _ENCRYPTED
        at = data.find(_CENTRAL, end)
    return bytes(data)


def input_of(seed: int) -> tuple[str, FuzzedInput]:
    """Return the kind and the input of a seed; equal seeds give equal inputs."""
    make = Maker(seed)
    kind = KINDS[seed % len(KINDS)]
    if kind in DOCUMENTS:
        return kind, document_of(kind, make)
    if kind in MARKED:
        return kind, marked_of(kind, make)
    if kind in ARCHIVES:
        name, data = "export.zip", zipped(make, ARCHIVES[kind](make))
    else:
        name, made = EXPORTS[kind]
        data = made(make).encode("utf-8", "replace")
    given = data if make.random.random() < 0.7 else damaged(data, make)
    return kind, FuzzedInput(name, given, is_marked=False, has_secrets=given == data)

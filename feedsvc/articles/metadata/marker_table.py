"""The fields by which other systems say who may read a file, and what their values say. Data, and how to look it up.

Names and values are compared without case, spaces, `-`, `_` and marks; a prefix of PREFIXES makes no difference.
`docs/reference/not-published.md` shows the same table to people, and a test compares the two.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, IntEnum
from functools import lru_cache
from typing import Final


class Visibility(IntEnum):
    """Who may read what a marker stands in, the least public first."""

    NOT_PUBLIC = 0
    UNKNOWN = 1
    PUBLIC = 2


class Kind(Enum):
    """What stands in a field."""

    FLAG = "true or false; a word that is not public counts, and anything else is unknown"
    HINT = "as FLAG, in a field that may say something else: a value that is not known says nothing"
    WORD = "a word such as published or draft; anything else is unknown"
    SET = "nothing, or no; anything else is not public, and is never repeated"
    DATE = "a time until which the file is not public; a flag or a word counts as in FLAG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of marker. `true` and `false` are what yes and no say in it.

    `is_strong` says that the names mean nothing else, so that they count in any table and where they are misspelled.
    `empty` is what a field without a value says; None for nothing. The value of a field that `is_secret` is never
    repeated.
    """

    names: frozenset[str]
    kind: Kind
    true: Visibility = Visibility.NOT_PUBLIC
    false: Visibility = Visibility.PUBLIC
    is_strong: bool = False
    empty: Visibility | None = None
    is_secret: bool = False


def squash(text: str) -> str:
    """Return a name or word for comparing: `is-Draft`, `IS_DRAFT`, `isDraft` and full-width letters are alike."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum() or unicodedata.category(c)[0] == "M")


def _names(text: str) -> frozenset[str]:
    return frozenset(filter(None, map(squash, text.split(","))))


_N, _U, _P = Visibility.NOT_PUBLIC, Visibility.UNKNOWN, Visibility.PUBLIC

YES: Final = _names(
    "true, yes, on, 1, y, t, 是, 對, 对, 真, 開啟, 开启, はい, する, オン, 예, 네, 참, ja, jawohl, oui, vrai, sí, si, "
    "sì, verdadero, sim, verdadeiro, vero, да, так, истина, نعم, أجل, כן, ใช่, có, tak, ano, evet, ya, بله, हाँ, ναι, "
    "kyllä"
)
NO: Final = _names(
    "false, no, off, 0, n, f, 否, 不, 不是, 假, 關閉, 关闭, いいえ, しない, オフ, 아니요, 아니오, 아뇨, 거짓, nein, "
    "non, faux, falso, não, нет, ні, ложь, لا, לא, ไม่, không, nie, nee, nej, nei, hayır, tidak, خیر, नहीं, όχι, ei"
)
# What a word says. Sources: WordPress post_status; Ghost status and visibility; Substack audience; Pelican status
# (published, draft, hidden, skip); Blogger; Movable Type; Typecho and Halo; YouTube and Notion (unlisted, private);
# Medium; Contentful, Sanity, Decap CMS and Strapi (draft, in review, published, archived); Jetpack's newsletters.
PUBLIC_WORDS: Final = _names(
    "publish, published, public, publicly, live, final, open, everyone, everybody, anyone, all, world, free, listed, "
    "visible, released, future, scheduled, 公開, 公开, 公開済み, 已公開, 已公开, 已發布, 已發佈, 已发布, 發布, 發佈, "
    "发布, 已發表, 已发表, 發表, 发表, 公開中, 공개, 발행, 발행됨, veröffentlicht, öffentlich, publié, publiée, "
    "publicado, publicada, público, pubblicato, pubblico, gepubliceerd, openbaar, опубликовано, опубликован, "
    "опубліковано, opublikowany, opublikowane, yayınlandı, đã xuất bản, terbit, منشور, تم النشر, منتشر شده, פורסם, "
    "เผยแพร่แล้ว, 上線, 上线, 已上線, 已上线, 所有人, 任何人, 公開する, 全体公開, 一般公開, 公表, 게시, 게시됨, "
    "전체 공개, publique, pública, pubblica, pubblicata, публичный, публично, открытый, для всех, عام, للجميع, פומבי, "
    "ציבורי, offentlig, julkinen, veřejné, publiczny"
)
NOT_PUBLIC_WORDS: Final = _names(
    "draft, drafts, private, hidden, secret, unlisted, unpublished, unpublish, pending, pending review, in review, "
    "review, skip, hide, none, nobody, never, trash, trashed, deleted, removed, archive, archived, auto draft, "
    "inherit, wip, work in progress, in progress, todo, idea, outline, withdrawn, retracted, embargo, embargoed, "
    "internal, confidential, restricted, protected, password, members, member, members only, member only, subscriber, "
    "subscribers, subscribers only, subscriber only, paid, paid members, paid subscribers, only paid, only free, "
    "founding, tiers, premium, paywall, paywalled, patrons, supporters, friends, followers, contacts, me, self, "
    "owner, staff, team, employees, admin, admins, registered, logged in, login, disabled, inactive, offline, "
    "suspended, rejected, not public, nonpublic, not published, non public, sent, soft trashed, waiting, spam, "
    "delisted, unapproved, not approved, needs review, blocked, locked, classified, 草稿, 草案, 初稿, 私密, 私人, "
    "不公開, 不公开, 非公開, 非公开, 未公開, 未公开, 未發布, 未發佈, 未发布, 未發表, 未发表, 待審, 待审, 待審核, "
    "待审核, 審核中, 审核中, 撰寫中, 撰写中, 寫作中, 写作中, 編輯中, 编辑中, 內部, 内部, 機密, 机密, 隱藏, 隐藏, "
    "已刪除, 已删除, 已下架, 下架, 封存, 會員, 会员, 付費, 付费, 限會員, 密碼保護, 密码保护, 下書き, 限定公開, "
    "会員限定, 会員, 有料, 社外秘, 社内, 執筆中, 編集中, レビュー中, 承認待ち, 非表示, 削除済み, アーカイブ, 초안, "
    "비공개, 숨김, 임시저장, 회원, 작성 중, 검토 중, 대기, 대기 중, 삭제됨, 보관됨, 유료, Entwurf, privat, versteckt, "
    "intern, vertraulich, unveröffentlicht, brouillon, privé, privée, caché, masqué, non publié, non publiée, "
    "en attente, borrador, privado, privada, oculto, oculta, no publicado, no publicada, pendiente, rascunho, "
    "não publicado, pendente, bozza, privato, privata, nascosto, non pubblicato, concept, verborgen, черновик, "
    "приватный, скрыто, скрытый, не опубликовано, чернетка, приховано, szkic, prywatny, ukryty, taslak, özel, gizli, "
    "bản nháp, riêng tư, nháp, draf, pribadi, konsep, مسودة, خاص, مخفي, پیش نویس, خصوصی, טיוטה, פרטי, מוסתר, ร่าง, "
    "ฉบับร่าง, ส่วนตัว, ड्राफ्ट, मसौदा, निजी, revision, autosave, work in process, not ready, incomplete, unfinished, "
    "stub, under construction, email only, newsletter only, nur intern, administrator, administrators, moderators, "
    "editors, authenticated, authenticated users, not for publication, do not publish, for internal use only, "
    "internal use only, top secret, sensitive, tlp red, tlp amber, tlp amber strict, tlp green, 私有, 保密, 秘密, "
    "絕密, 绝密, 未完成, 待發布, 待发布, 待發表, 待发表, 暫存, 暂存, 僅自己可見, 仅自己可见, 僅限會員, 仅限会员, "
    "僅限內部, 仅限内部, 内部使用, 內部使用, 公開しない, 公開前, 非公開中, 未完, 書きかけ, 極秘, 部外秘, 関係者限定, "
    "대외비, 기밀, 비밀, 내부용, 미완성, 미공개, 초고, geheim, nicht öffentlich, in Arbeit, in Bearbeitung, "
    "in Prüfung, interne, confidentiel, confidentielle, secrète, en cours, en révision, confidencial, secreto, "
    "interno, interna, en revisión, em revisão, secreta, segredo, riservato, riservata, segreto, in revisione, "
    "закрыто, закрытый, секретно, конфиденциально, внутренний, на проверке, скрытая, سري, سرية, قيد المراجعة, داخلي, "
    "חסוי, סודי, פנימי, utkast, kladde, luonnos, koncept, πρόχειρο, piszkozat, poufne"
)
# Words that say in any field that a file is not for the public: no version, type or kind of an article is called so.
# Shorter than NOT_PUBLIC_WORDS, in which a review, an idea or an archive is not public either.
UNMISTAKABLE_WORDS: Final = _names(
    "draft, drafts, private, confidential, secret, top secret, internal, unpublished, unlisted, not public, "
    "nonpublic, not published, not for publication, do not publish, never publish, internal only, "
    "for internal use only, internal use only, members only, subscribers only, paid only, work in progress, wip, "
    "embargoed, revision, autosave, 草稿, 私密, 機密, 机密, 保密, 不公開, 不公开, 非公開, 非公开, 未公開, 未公开, "
    "未發布, 未發佈, 未发布, 未發表, 未发表, 僅自己可見, 仅自己可见, 下書き, 限定公開, 会員限定, 社外秘, 公開しない, "
    "초안, 비공개, 임시저장, 대외비, 미공개, Entwurf, vertraulich, unveröffentlicht, nicht öffentlich, brouillon, "
    "confidentiel, non publié, borrador, confidencial, no publicado, rascunho, não publicado, bozza, riservato, "
    "non pubblicato, черновик, не опубликовано, чернетка, szkic, taslak, bản nháp, مسودة, سري, پیش نویس, טיוטה, חסוי, "
    "ฉบับร่าง, ड्राफ्ट, utkast, luonnos, πρόχειρο"
)

# Parts of names that say whose field it is, or that it is a flag: WordPress, Digital Garden for Obsidian, Drupal …
PREFIXES: Final = tuple(
    "wordpress wp post page article entry content item document doc note blog dg obsidian hugo jekyll hexo ghost cms "
    "is has".split()
)
SUFFIXES: Final = ("flag", "level", "setting", "value", "option")

ROWS: Final = (
    # Jekyll, Hugo, Eleventy, Zola, Docusaurus, Gatsby: draft. Hashnode: save as draft, delisted.
    Row(
        names=_names("draft, save as draft, private, unlisted, delisted, unpublished, confidential, secret"),
        kind=Kind.FLAG,
        is_strong=True,
    ),
    # With a word for no in front.
    Row(
        names=_names(
            "no publish, not publish, do not publish, dont publish, never publish, unpublish now, not published, "
            "non published, not public, non public, not listed, no list, no listing, do not list, not shared, "
            "no share, do not share, no render, do not render, not for publication, not ready, not released, "
            "not for public, hold, on hold, embargo on"
        ),
        kind=Kind.FLAG,
        is_strong=True,
    ),
    Row(names=_names("hidden, invisible"), kind=Kind.FLAG),
    # MkDocs hides parts of a page: hide: [navigation, toc].
    Row(names=_names("hide, offline, inactive, disabled, deactivated"), kind=Kind.HINT),
    Row(names=_names("archived, deleted, trashed, withdrawn, retracted"), kind=Kind.FLAG),
    Row(names=_names("trash, removed, remove, exclude, excluded, skip, skipped, ignore, ignored"), kind=Kind.HINT),
    # For some readers only: Ghost, Substack, Jetpack, MemberPress, Patreon, Medium.
    Row(
        names=_names(
            "restricted, premium, paywall, paywalled, premium content, premium only, paid only, only paid, "
            "paid members only, paid subscribers only, member only, members only, for members, membership required, "
            "subscriber only, subscribers only, for subscribers, subscription required, requires subscription, "
            "patron only, patrons only, patreon only, supporters only, followers only, friends only, staff only, "
            "team only, employees only, internal only, login required, requires login, require login, logged in only, "
            "auth required, requires auth, authenticated only, password protected, members exclusive"
        ),
        kind=Kind.FLAG,
        is_strong=True,
    ),
    Row(names=_names("internal, classified, protected, protect, encrypted, encrypt, locked, gated"), kind=Kind.FLAG),
    Row(
        names=_names(
            "members, member, subscribers, subscriber, paid, patrons, intranet, auth, authenticated, patreon, "
            "limited, limited access, email type"
        ),
        kind=Kind.HINT,
    ),
    # Ghost: a post that is sent by e-mail has no page.
    Row(names=_names("email only, only email, newsletter only, only newsletter"), kind=Kind.FLAG, is_strong=True),
    Row(
        names=_names(
            "wip, work in progress, in progress, unfinished, pending, pending review, in review, needs review, "
            "for review, review required, under review, unapproved"
        ),
        kind=Kind.FLAG,
    ),
    Row(
        names=_names(
            "incomplete, needs work, stub, todo, to do, tbd, fixme, rough draft, first draft, placeholder, not final, "
            "under construction"
        ),
        kind=Kind.HINT,
    ),
    # Hugo: a bundle without a page, in no list. Eleventy: in no collection, so in no feed. Both leave an article out
    # of feeds, and so do these fields of themes: where it is kept out of the feed, a feed service keeps it out.
    Row(
        names=_names(
            "headless, eleventy exclude from collections, exclude from collections, exclude from feed, "
            "exclude from feeds, exclude from rss, exclude from list, exclude from blog, hide from feed, "
            "hide from feeds, hide from rss, hide in feed, hide in rss, hide from list, hide from blog, hide post, "
            "hidden from feed, hidden from rss, no feed, no rss, disable feed, disable rss, feed exclude, "
            "rss exclude, rss ignore, feed hidden, rss hidden, skip feed, skip rss"
        ),
        kind=Kind.FLAG,
        is_strong=True,
    ),
    # Obsidian Publish and Digital Garden: publish. Jekyll, Middleman, dev.to, Statamic, Grav: published.
    Row(
        names=_names("publish, published, publishing, publishable, listed, public, publicly visible, publicly listed"),
        kind=Kind.FLAG,
        true=_P,
        false=_N,
        is_strong=True,
    ),
    Row(
        names=_names(
            "approved, ready to publish, published to web, show in feed, show in feeds, show in rss, show in list, "
            "show in blog, in feed, in rss, include in feed, include in rss, in collections, publicly accessible, "
            "is accessible for free, accessible for free, routable"
        ),
        kind=Kind.FLAG,
        true=_P,
        false=_N,
        is_strong=True,
    ),
    # Halo: visible is a word. Zola: render. Jekyll's collections: output. Lume: url.
    Row(
        names=_names(
            "live, active, enabled, enable, online, visible, show, shown, display, render, output, syndicate, feed, "
            "rss, list, finalized, free, url, ready"
        ),
        kind=Kind.HINT,
        true=_P,
        false=_N,
    ),
    # Obsidian's Enveloppe publishes what says so; in themes of Jekyll it is about buttons. So no is unknown. Emacs and
    # Obsidian's exporters: export.
    Row(names=_names("share, shared, export, exported, exportable"), kind=Kind.HINT, true=_P, false=_U),
    Row(
        names=_names(
            "status, post status, state, visibility, access, audience, privacy, publish status, publishing status, "
            "published status, publication status, publish state, publication state, draft status, draft state, "
            "editorial status, editorial state, workflow status, workflow state, review status, review state, "
            "moderation status, moderation state, visibility status, privacy status, access status, release status, "
            "jetpack newsletter access, access rights"
        ),
        kind=Kind.WORD,
        true=_U,
        false=_N,
        is_strong=True,
    ),
    # Whom a system lets read it. A name of a group or person is not the public.
    Row(
        names=_names(
            "visible to, visible for, visible by, viewable by, readable by, who can see, who can read, who can view, "
            "can view, can read, viewers, allowed users, allowed groups, allowed roles, allowed viewers, allow users, "
            "allow groups, allow roles, access control, access list, access roles, access groups, acl, permission, "
            "permissions, roles, user roles, tiers, membership tiers, membership tier, access tier, secrecy, "
            "sensitivity, confidentiality, classification level, security classification, security level, tlp"
        ),
        kind=Kind.WORD,
        true=_U,
        false=_P,
    ),
    # Of an article, or of its subject: only a word that is not public counts.
    Row(
        names=_names(
            "stage, workflow, review, members access role, scope, security, classification, group, groups, role, "
            "tier, revision, phase, maturity, readiness, progress, lifecycle, completeness, condition, circle, "
            "distribution"
        ),
        kind=Kind.HINT,
        true=_P,
    ),
    # What it says is a secret; only nothing, or no, is public.
    Row(
        names=_names("password, passwd, passphrase, post password, passcode"),
        kind=Kind.SET,
        is_strong=True,
        is_secret=True,
    ),
    Row(
        names=_names(
            "deleted at, deleted on, date deleted, trashed at, archived at, archived on, removed at, withdrawn at, "
            "retracted at"
        ),
        kind=Kind.SET,
        is_strong=True,
    ),
    # Hugo: publishDate. Drupal's Scheduler: publish on. Embargoes of press offices.
    Row(
        names=_names(
            "embargo, embargoed, embargo until, embargo date, embargo end, embargoed until, hold until, not before, "
            "publish date, publish at, publish on, publish after, publish from, publish time, publication date, "
            "pubdate, release date, release at, release on, released at, available from, available at, available on, "
            "visible from, go live, go live at, scheduled, scheduled at, scheduled for, schedule, scheduled date, date"
        ),
        kind=Kind.DATE,
    ),
    # When it was published: never, where it says no.
    Row(
        names=_names("published on, published date, date published, published time"),
        kind=Kind.DATE,
        true=_P,
        false=_N,
    ),
    # Strapi, Contentful, Storyblok write null into them for a draft.
    Row(
        names=_names("published at, first published at, last published at"),
        kind=Kind.DATE,
        true=_P,
        false=_N,
        empty=_N,
    ),
)
# The same in the languages of editors. What people misspell is not looked for among these.
ROWS_IN_OTHER_LANGUAGES: Final = (
    Row(
        names=_names(
            "草稿, 私密, 私人, 私有, 隱藏, 隐藏, 機密, 机密, 保密, 不公開, 不公开, 非公開, 非公开, 未公開, 未公开, "
            "未發布, 未發佈, 未发布, 未發表, 未发表, 不發布, 不发布, 不發佈, 不列出, 加密, 限會員, 限会员, 會員專屬, "
            "会员专属, 會員限定, 会员限定, 付費閱讀, 付费阅读, 僅自己可見, 仅自己可见, 下書き, 下書, 限定公開, "
            "非表示, 会員限定, 有料会員限定, 社外秘, 公開しない, 未完成, 작성 중, 초안, 비공개, 미공개, 숨김, 비밀글, "
            "비밀, 임시저장, 회원 전용, 대외비, Entwurf, privat, versteckt, vertraulich, unveröffentlicht, "
            "nicht veröffentlichen, nicht öffentlich, nur für Mitglieder, brouillon, privé, privée, caché, cachée, "
            "masqué, masquée, confidentiel, confidentielle, non publié, non publiée, ne pas publier, non listé, "
            "borrador, privado, privada, oculto, oculta, confidencial, no publicado, no publicada, no publicar, "
            "solo miembros, rascunho, não publicado, não publicada, não publicar, escondido, bozza, privato, privata, "
            "nascosto, nascosta, riservato, riservata, non pubblicato, non pubblicare, черновик, приватный, приватно, "
            "скрыто, скрытый, секретно, конфиденциально, не опубликовано, не публиковать, чернетка, приховано, مسودة, "
            "مسوده, خاص, مخفي, سري, غير منشور, پیش نویس, خصوصی, טיוטה, פרטי, מוסתר, חסוי, סודי, לא לפרסום, szkic, "
            "wersja robocza, prywatny, ukryty, taslak, gizli, özel, bản nháp, nháp, riêng tư, draf, rahasia, utkast, "
            "kladde, luonnos, koncept, πρόχειρο, piszkozat, ciornă, ร่าง, ฉบับร่าง, ส่วนตัว, ड्राफ्ट, मसौदा, verborgen"
        ),
        kind=Kind.FLAG,
        is_strong=True,
    ),
    # Words with other meanings, too: a bill before a parliament, a concept, members of a club.
    Row(
        names=_names(
            "草案, 初稿, 會員, 会员, 付費, 付费, 內部, 内部, 秘密, 会員, 有料, 社内, 회원, 유료, 내부, intern, "
            "geheim, interne, secreto, interno, segreto, внутренний, concept, konsep"
        ),
        kind=Kind.HINT,
    ),
    # Some write there when it is published.
    Row(
        names=_names(
            "公開, 公开, 發布, 發佈, 发布, 發表, 发表, 已公開, 已公开, 已發布, 已發佈, 已发布, 已發表, 已发表, "
            "是否公開, 是否公开, 是否發布, 是否发布, 公開する, 公開済み, 公開中, 公開可否, 공개, 공개 여부, 공개됨, "
            "발행, 발행 여부, 발행됨, 게시, 게시 여부, 게시됨, veröffentlicht, veröffentlichen, öffentlich, publié, "
            "publiée, publier, publique, publicado, publicada, publicar, público, pública, pubblicato, pubblicata, "
            "pubblicare, pubblico, pubblica, опубликовано, опубликован, опубликовать, публиковать, публично, "
            "публичный, опубліковано, منشور, نشر, عام, منتشر شده, פורסם, לפרסום, פומבי, ציבורי, opublikowane, "
            "opublikowany, publiczny, yayınlandı, yayında, gepubliceerd, openbaar, đã xuất bản, công khai, terbit, "
            "publicerad, publisert, julkaistu, เผยแพร่, เผยแพร่แล้ว, สาธารณะ, प्रकाशित"
        ),
        kind=Kind.DATE,
        true=_P,
        false=_N,
        is_strong=True,
    ),
    Row(
        names=_names(
            "狀態, 状态, 狀况, 發布狀態, 發佈狀態, 发布状态, 文章狀態, 文章状态, 公開狀態, 公开状态, 可見性, 可见性, "
            "可見度, 可见度, 公開範圍, 公开范围, 隱私, 隐私, 權限, 权限, 閱讀權限, 阅读权限, 状態, ステータス, "
            "公開状態, 公開範囲, 公開設定, 閲覧権限, 閲覧制限, 상태, 공개 상태, 공개 범위, 공개 설정, 발행 상태, "
            "게시 상태, 열람 권한, Sichtbarkeit, Veröffentlichungsstatus, Zugriff, statut, visibilité, accès, "
            "visibilidad, acceso, visibilidade, acesso, visibilità, accesso, статус, видимость, доступ, الحالة, "
            "حالة النشر, الرؤية, סטטוס, נראות, widoczność, dostęp, görünürlük, zichtbaarheid, trạng thái, สถานะ, "
            "synlighet, julkisuus, وضعیت"
        ),
        kind=Kind.WORD,
        true=_U,
        false=_N,
    ),
    # A state may be one of a country, or of a thing.
    Row(
        names=_names("état, estado, stato, stan, Zustand, состояние, стан, حالة, מצב, durum, स्थिति"),
        kind=Kind.HINT,
        true=_P,
        false=_N,
    ),
    Row(
        names=_names(
            "密碼, 密码, パスワード, 閲覧パスワード, 비밀번호, Passwort, Kennwort, mot de passe, contraseña, senha, "
            "пароль, كلمة المرور, סיסמה, hasło, şifre, parola, wachtwoord, mật khẩu, รหัสผ่าน"
        ),
        kind=Kind.SET,
        is_strong=True,
        is_secret=True,
    ),
)
_BY_NAME: Final[Mapping[str, Row]] = {name: row for row in (*ROWS_IN_OTHER_LANGUAGES, *ROWS) for name in row.names}
# Dates that tell when something was written as often as when it is published: one that cannot be read says nothing.
UNSURE_DATES: Final = _names("date, schedule, scheduled")
# Fields that look like a misspelled marker, and are none.
ORDINARY: Final = _names(
    "created at, created on, start, listing, visibility note, audience size, archived from, archive url, "
    "restricted area, internal link, internal links, publisher, publishers, publication, publications, published by, "
    "published in, published with, accessed, stats, states, estate, static, archive, archives, interval, external, "
    "selected, drafter, drafted by, list id, lister, listen, listener, comment status, ping status, private note, "
    "private notes, internal note, internal notes, access key, publishes, craft, raft, drift, draught, status code, "
    "statue, piracy, projected, sensitive, reviewer, reviewers"
)
# Fields whose names end so (`og_title`) say in free text what an article is about or looks like. Any word is ordinary
# in them.
FREE_TEXT: Final = tuple(
    squash(each)
    for each in (
        "title titles headline heading summary description excerpt abstract teaser deck dek kicker lead text body "
        "content caption alt name names author authors byline creator tag tags keyword keywords category categories "
        "topic topics subject subjects section series slug permalink path url uri link aliases canonical file "
        "filename image cover enclosure source credit license copyright disclosure quote word words term terms genre "
        "theme style css icon comment comments 標題 标题 タイトル 제목 標籤 标签 タグ 태그 分類 分类 カテゴリ "
        "カテゴリー 카테고리 摘要 概要 요약 簡介 简介 說明 说明 説明 설명 作者 著者 저자 關鍵字 关键词 キーワード"
    ).split()
)
# Names that a misspelled field may be like. Shorter ones, and those of fields that may say something else, are like
# too many others.
_LIKE: Final = tuple(
    name
    for row in ROWS
    if row.kind in (Kind.FLAG, Kind.SET) or (row.kind is Kind.WORD and row.is_strong)
    for name in sorted(row.names)
    if len(name) >= 5 and name not in ("gated", "locked") and not name.endswith(("at", "on"))
)
_LIKENESS: Final = 0.8


@dataclass(frozen=True, slots=True)
class Match:
    """A field that is in the table: its row, and its name there. `is_like` says that it is merely like that name."""

    row: Row
    name: str
    is_like: bool = False


def match(field: str) -> Match | None:
    """Return where a field is in the table; None where it is not."""
    # No name of the table is longer.
    return _match(squash(field[:100]))


# Files of one publication have the same fields, and finding a similar name takes a millisecond.
@lru_cache(maxsize=4096)
def _match(name: str) -> Match | None:
    if name in ORDINARY:
        return None
    for each in _stems(name):
        if each in _BY_NAME:
            return Match(_BY_NAME[each], each)
    close = get_close_matches(name, _LIKE, n=1, cutoff=_LIKENESS)
    return Match(_BY_NAME[close[0]], close[0], is_like=True) if close else None


def says_not_public(field: str, value: str) -> bool:
    """Return whether a field that is not in the table says all the same that its file is not for the public.

    Sanity calls a document whose `_id` is `drafts.…` or `versions.…` a draft.
    """
    name = squash(field[:100])
    if name == "id":
        return value.startswith(("drafts.", "versions."))
    return name not in ORDINARY and not name.endswith(FREE_TEXT) and squash(value[:100]) in UNMISTAKABLE_WORDS


def _stems(name: str) -> list[str]:
    """Return the name without each prefix and suffix, of which it may have two: `wp_post_status`, `access_level`."""
    found = [name]
    for _ in range(2):
        found += [each[len(prefix) :] for each in found for prefix in PREFIXES if each.startswith(prefix)]
    found += [each.removesuffix(suffix) for each in found for suffix in SUFFIXES if each.endswith(suffix)]
    return list(dict.fromkeys(filter(None, found)))

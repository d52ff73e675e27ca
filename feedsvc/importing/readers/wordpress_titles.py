"""Know the titles that WordPress gives posts that are private or have a password. Pure."""

import re
from typing import Final

# "Private: %s" and "Protected: %s" of WordPress, in the languages of its translations.
_PREFIX: Final = re.compile(
    r"(?:(?:(?:私密|私人|非公開|非公开|不公開|不公开|受保護|受保护|(?:受)?(?:密碼|密码)保護?护?|保護中|保护中|限定公開|加密)(?:的|中的)?"
    r"(?:文章|內容|内容|日誌|日志|頁面|页面|投稿)?)|비공개(?:\s?글)?|보호된(?:\s?글)?|보호됨|비밀글|"
    r"private|protected|password protected|privat|geschützt|passwortgeschützt|privé|protégé|privado|privada|protegido|"
    r"protegida|privato|protetto|личное|защищено|beveiligd|beschermd|prywatn[ey]|zabezpieczon[ey]|chronion[ey]|özel|"
    r"korumalı|skyddad|beskyttet|riêng tư|pribadi|diproteksi|خاص|محمي|خصوصی|محافظت‌شده|פרטי|מוגן)\s?[:：]",
    re.IGNORECASE,
)


def is_private_title(title: str) -> bool:
    """Return whether WordPress has put before a title that its post is private or has a password."""
    return _PREFIX.match(title.lstrip()) is not None

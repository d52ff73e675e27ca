"""Access to the figures for editors: a client needs the token of FEEDSVC_STATUS_TOKEN.

The client's address never grants access: behind a proxy all requests come from this machine.
"""

import hmac

from flask import Request, Response
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from feedsvc.terminal import RepeatedProblems, logger
from feedsvc.web.context import context

log = logger("feedsvc.status")
_PROBLEMS = RepeatedProblems()


def has_token(request: Request) -> bool:
    """Return whether the request carries the token; nothing does while none is set."""
    token, given = context().settings.status_token, request.authorization
    if token is None or given is None:
        return False
    # Other schemes than the two that are announced have parameters of any name, `password` among them.
    secret = {"bearer": given.token, "basic": given.password}.get(given.type) or ""
    return hmac.compare_digest(secret.encode(), token.encode())


def require_token(request: Request) -> None:
    """The token as `Authorization: Bearer`, or as the password of HTTP Basic (a browser asks for it).

    Raises Unauthorized without it, Forbidden while none is set.
    """
    if context().settings.status_token is None:
        # Strangers learn nothing of how this is set up; the log tells the operator.
        if _PROBLEMS.due(request.path) is not None:
            log.warning("403 for %s: set FEEDSVC_STATUS_TOKEN and start the server again", request.path)
        raise Forbidden("this page is not public")
    if not has_token(request):
        challenges = [WWWAuthenticate("bearer", {"realm": "feedsvc"}), WWWAuthenticate("basic", {"realm": "feedsvc"})]
        raise Unauthorized(
            "the token is missing or wrong (send it as Authorization: Bearer, or as the password)",
            www_authenticate=challenges,
        )


def vary(response: Response) -> Response:
    """For what needs a token, and its refusals (RFC 9110 §12.5.5)."""
    response.vary.add("Authorization")
    return response

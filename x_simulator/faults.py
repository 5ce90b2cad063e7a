"""Failures on demand: which requests fail, how often, and in which of the ways X is known to fail."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from x_simulator.ads_api import errors as ads_errors
from x_simulator.engagement_api import errors as engagement_errors
from x_simulator.http_messages import Request, Response
from x_simulator.rate_limits import Allowance
from x_simulator.x_api import errors
from x_simulator.x_api.errors import Refusal

Body = dict[str, Any]
_HTML = "text/html;charset=utf-8"
_PLAIN = "text/plain;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure and the requests it meets.

    `preset`: a name of `PRESETS`; or "custom" with `status`, `body`, `content_type` and `headers`.
    `method`, `path` (a regular expression for the whole path), `account` (username, user id or Ads account id that the
    path is about; for other paths the one who asks), `credential` (a regular expression for the journal's name): all
    that are given must match.
    `nth`: the first matching request that fails, from 1; `times`: how many fail in a row (None: all from then on).
    `seconds`: for "slow" the delay; for rate limits the time to the reset (without it, the real window is used up).
    `metric`: the field that "metric_refused", "field_hydration_failure" and "invalid_field" are about, or the
    engagement type that "engagement_metric_refused" (400) and "engagement_metric_forbidden" (403) are about, where it
    is asked for.
    `ids`: the tweets that "engagement_forbidden" and "engagement_unavailable" are about, in requests that ask for them
    (none: the first tweet of the request).
    `body`: for "ads_deprecated" the text of the header `x-api-warn`.
    """

    preset: str = "custom"
    method: str | None = None
    path: str | None = None
    account: str | None = None
    credential: str | None = None
    nth: int = 1
    times: int | None = 1
    seconds: float | None = None
    metric: str | None = None
    ids: Sequence[str] = ()
    status: int = 500
    body: str | Body = ""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise ValueError(f"there is no fault {self.preset!r}; there are: {', '.join(sorted(PRESETS))}")
        if self.nth < 1 or (self.times is not None and self.times < 1):
            raise ValueError("nth and times count from 1")


@dataclass(frozen=True, slots=True)
class Occasion:
    """The request that a fault meets, and what the fault may do to its rate limits.

    `window_prefixes`: of the headers that speak of the request's windows.
    """

    request: Request
    now: float
    target: str | None
    target_id: str | None
    credential: str | None
    exhaust: Callable[[], Allowance | None]
    window_prefixes: tuple[str, ...] = ()


Replacement = Callable[[Fault, Occasion], Response]
Change = Callable[[Fault, Occasion, Body], None]
WireFault = Callable[[Fault, Response], None]


class Faults:
    """The faults in force. A request meets the first that matches it; `nth` and `times` count per fault."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[tuple[Fault, list[int]]] = []

    def add(self, fault: Fault) -> None:
        """Put a fault in force, after those that are."""
        with self._lock:
            self._faults.append((fault, [0]))

    def clear(self) -> None:
        """Lift all faults."""
        with self._lock:
            self._faults.clear()

    def take(self, occasion: Occasion) -> Fault | None:
        """Return the fault that this request meets, and count it."""
        with self._lock:
            for fault, seen in self._faults:
                if not _matches(fault, occasion):
                    continue
                seen[0] += 1
                if seen[0] >= fault.nth and (fault.times is None or seen[0] < fault.nth + fault.times):
                    return fault
        return None


def _matches(fault: Fault, occasion: Occasion) -> bool:
    request = occasion.request
    if fault.method is not None and fault.method.upper() != request.method:
        return False
    if fault.path is not None and not re.fullmatch(fault.path, request.path):
        return False
    if fault.credential is not None and not re.fullmatch(fault.credential, occasion.credential or ""):
        return False
    if fault.account is None:
        return True
    wanted = fault.account.removeprefix("@").lower()
    return wanted in {(occasion.target or "").lower(), occasion.target_id}


def replacement(fault: Fault, occasion: Occasion) -> Response | None:
    """Return the answer that a fault gives instead of the real one; None if it leaves the answer to the API."""
    kind = PRESETS[fault.preset]
    return kind.replace(fault, occasion) if kind.replace else None


def change(fault: Fault, occasion: Occasion, body: Body) -> None:
    """Let a fault change a successful answer before it is serialised."""
    kind = PRESETS[fault.preset]
    if kind.change:
        kind.change(fault, occasion, body)


def disturb(fault: Fault, response: Response) -> None:
    """Let a fault disturb the sending of an answer."""
    kind = PRESETS[fault.preset]
    if kind.wire:
        kind.wire(fault, response)


@dataclass(frozen=True, slots=True)
class _Preset:
    replace: Replacement | None = None
    change: Change | None = None
    wire: WireFault | None = None


def _json(status: int, body: Body) -> Replacement:
    return lambda *_: Response(status, orjson.dumps(body))


def _text(status: int, body: str, content_type: str = _PLAIN) -> Replacement:
    return lambda *_: Response(status, body.encode(), content_type)


def _custom(fault: Fault, _: Occasion) -> Response:
    if isinstance(fault.body, str):
        return Response(fault.status, fault.body.encode(), fault.content_type or _PLAIN, dict(fault.headers))
    response = Response(fault.status, orjson.dumps(fault.body), headers=dict(fault.headers))
    response.content_type = fault.content_type or response.content_type
    return response


def _limited(make: Replacement) -> Replacement:
    """Return a 429 with the headers of a used-up window."""

    def replace(fault: Fault, occasion: Occasion) -> Response:
        response = make(fault, occasion)
        allowance = occasion.exhaust() if fault.seconds is None else None
        limit = allowance.limit if allowance else 900
        reset = allowance.reset if allowance else int(occasion.now + (fault.seconds or 900))
        used_up = Allowance(limit, 0, reset, is_allowed=False)
        for prefix in dict.fromkeys(("x-rate-limit", *occasion.window_prefixes)):
            response.headers |= used_up.headers(prefix)
        return response

    return replace


def _invalid_field(fault: Fault, _: Occasion) -> Response:
    name = fault.metric or "edit_controls"
    message = f"The `tweet.fields` query parameter value [{name}] is not one of [id,text]"
    return Response(400, orjson.dumps(errors.InvalidRequest([("tweet.fields", name, message)]).body))


def _objects(body: Body) -> list[Body]:
    data = body.get("data", [])
    return data if isinstance(data, list) else [data]


def _metric_refused(fault: Fault, _: Occasion, body: Body) -> None:
    name = fault.metric or "organic_metrics"
    field_name = f"{name}.impression_count" if name.endswith("metrics") else name
    for post in _objects(body):
        if post.pop(name, None) is not None:
            problem = errors.field_refused(errors.OLD_PROBLEMS, field_name, "id", post["id"], "data")
            body.setdefault("errors", []).append(problem)


def _hydration_failure(fault: Fault, _: Occasion, body: Body) -> None:
    name = fault.metric or "public_metrics"
    lost = [post for post in _objects(body) if post.pop(name, None) is not None]
    if lost:
        body.setdefault("errors", []).append(
            {
                "title": "Field Hydration Failure",
                "detail": f"The field {name} could not be loaded.",
                "type": errors.NEW_PROBLEMS + "field-hydration-failure",
                "field": name,
                "resource_type": "tweet",
                "section": "data",
            }
        )


def _repeated_token(_: Fault, occasion: Occasion, body: Body) -> None:
    token = occasion.request.query.get("pagination_token")
    if "meta" in body and token is not None:
        body["meta"]["next_token"] = token


def _cut(_: Fault, response: Response) -> None:
    response.sent_share = 0.5


def _reset(_: Fault, response: Response) -> None:
    response.is_reset = True


def _lost(_: Fault, response: Response) -> None:
    """Say that X gave up, although it has done what was asked."""
    response.status, response.content_type, response.body = 503, _PLAIN, _NO_ANSWER_IN_TIME.encode()


def _deprecated(fault: Fault, response: Response) -> None:
    response.headers["x-api-warn"] = str(fault.body or _DEPRECATED)


def _slow(fault: Fault, response: Response) -> None:
    response.delay_seconds = 1.0 if fault.seconds is None else fault.seconds


_CODE_88 = {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}
_CAPPED = {
    "account_id": 1_500_000_000_000_000_001,
    "product_name": "standard-basic",
    "title": "UsageCapExceeded",
    "period": "Monthly",
    "scope": "Product",
    "detail": "Usage cap exceeded: Monthly product cap",
    "type": errors.OLD_PROBLEMS + "usage-capped",
}
_CREDITS_OLD = {
    "account_id": 1_500_000_000_000_000_001,
    "title": "CreditsDepleted",
    "detail": "Your enrolled account [1500000000000000001] does not have any credits to fulfill this request.",
    "type": errors.OLD_PROBLEMS + "credits",
}
_CREDITS_NEW = {
    "detail": "credits depleted",
    "status": 402,
    "title": "Payment Required",
    "type": errors.NEW_PROBLEMS + "credits-depleted",
}
_OAUTH1_PERMISSIONS = {
    "title": "Forbidden",
    "status": 403,
    "detail": "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
    "type": errors.NEW_PROBLEMS + "oauth1-permissions",
}
_INTERNAL = {
    "title": "Internal Error",
    "detail": "Something is broken on our side.",
    "status": 500,
    "type": errors.NEW_PROBLEMS + "internal-error",
}


def _refusal(refused: Refusal) -> Replacement:
    return _json(refused.status, refused.body)


def _ads_account_not_found(_: Fault, occasion: Occasion) -> Response:
    refused = ads_errors.no_such_account(occasion.target_id or "")
    return Response(refused.status, orjson.dumps(refused.body))


def _ads_no_role(_: Fault, occasion: Occasion) -> Response:
    refused = ads_errors.without_role("0", occasion.target_id or "")
    return Response(refused.status, orjson.dumps(refused.body))


def _engagement_rate_limited(_: Fault, occasion: Occasion) -> Response:
    """Use this minute up; as after a real one, nothing says when the next begins."""
    occasion.exhaust()
    refused = engagement_errors.too_many_requests()
    return Response(refused.status, orjson.dumps(refused.body))


_DEPRECATED = "This version of the API is deprecated"
_NO_ANSWER_IN_TIME = "The service did not answer in time; ask again later"
_TOO_MANY_JOBS = "A maximum of 100 jobs can be in processing state"
_OVER_CAPACITY = "<!DOCTYPE html><html><head><title>X / Over capacity</title></head><body>Over capacity</body></html>"

PRESETS: dict[str, _Preset] = {
    "custom": _Preset(replace=_custom),
    "rate_limited": _Preset(replace=_limited(_text(429, "Rate limit exceeded\n"))),
    "rate_limited_json": _Preset(replace=_limited(_json(429, errors.blank(429, "Too Many Requests")))),
    "rate_limited_code_88": _Preset(replace=_limited(_json(429, _CODE_88))),
    "usage_capped": _Preset(replace=_json(429, _CAPPED)),
    "credits_depleted_old": _Preset(replace=_json(402, _CREDITS_OLD)),
    "credits_depleted_new": _Preset(replace=_json(402, _CREDITS_NEW)),
    "unauthorized": _Preset(replace=_json(401, errors.blank(401, "Unauthorized"))),
    "forbidden": _Preset(replace=_json(403, errors.blank(403, "Forbidden"))),
    "client_not_enrolled": _Preset(replace=_json(403, errors.client_not_enrolled())),
    "oauth1_permissions": _Preset(replace=_json(403, _OAUTH1_PERMISSIONS)),
    "invalid_field": _Preset(replace=_invalid_field),
    "internal_error": _Preset(replace=_json(500, _INTERNAL)),
    "bad_gateway_empty": _Preset(replace=_text(502, "")),
    "unavailable_html": _Preset(replace=_text(503, _OVER_CAPACITY, _HTML)),
    "unavailable_text": _Preset(replace=_text(503, "Service Unavailable\n")),
    "metric_refused": _Preset(change=_metric_refused),
    "field_hydration_failure": _Preset(change=_hydration_failure),
    "repeated_next_token": _Preset(change=_repeated_token),
    "truncated_body": _Preset(wire=_cut),
    "connection_reset": _Preset(wire=_reset),
    "slow": _Preset(wire=_slow),
    "ads_too_many_jobs": _Preset(replace=_refusal(ads_errors.refusal(400, "TOO_MANY_JOBS", _TOO_MANY_JOBS))),
    "ads_unavailable_timeout": _Preset(replace=_text(503, _NO_ANSWER_IN_TIME)),
    "ads_answer_lost": _Preset(wire=_lost),
    "ads_deprecated": _Preset(wire=_deprecated),
    "ads_internal_error": _Preset(replace=_refusal(ads_errors.refusal(500, "INTERNAL_ERROR", "Something broke"))),
    "ads_account_not_found": _Preset(replace=_ads_account_not_found),
    "ads_no_role": _Preset(replace=_ads_no_role),
    "ads_app_not_approved": _Preset(replace=_refusal(ads_errors.app_not_approved())),
    "ads_rate_limited": _Preset(replace=_limited(_refusal(ads_errors.too_many_requests()))),
    # Whether these show depends on what is asked, and on the tweets: the API asks for the fault itself.
    "engagement_forbidden": _Preset(),
    "engagement_unavailable": _Preset(),
    "engagement_metric_refused": _Preset(),
    "engagement_metric_forbidden": _Preset(),
    "engagement_too_old": _Preset(),
    "engagement_not_allowlisted": _Preset(replace=_refusal(engagement_errors.not_allowlisted())),
    "engagement_unauthenticated": _Preset(replace=_refusal(engagement_errors.unauthenticated())),
    "engagement_internal_error": _Preset(replace=_refusal(engagement_errors.internal())),
    "engagement_proxy_error": _Preset(replace=_text(502, "Proxy Error\n")),
    "engagement_rate_limited": _Preset(replace=_engagement_rate_limited),
}

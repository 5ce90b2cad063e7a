"""What is asked of the statistics: parameters and their rules, the same for answers at once and for jobs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from x_simulator.accounts import PostKind
from x_simulator.ads_accounts import AdsAccount
from x_simulator.ads_api import errors
from x_simulator.ads_api.answers import wire_instant
from x_simulator.ads_api.calls import AdsCall, Body
from x_simulator.ads_api.parameters import AdsQuery
from x_simulator.ads_api.windows import GRANULARITIES, Window, misplacements, parsed
from x_simulator.clock import milliseconds

if TYPE_CHECKING:
    from x_simulator.ads_api.routes import AdsApi

ORGANIC_TWEET = "ORGANIC_TWEET"
# X's documentation since June 2026; ORGANIC_TWEET stood there until then.
PAID_ENTITIES = ("ACCOUNT", "CAMPAIGN", "FUNDING_INSTRUMENT", "LINE_ITEM", "PROMOTED_ACCOUNT", "PROMOTED_TWEET")
METRIC_GROUPS = (
    "BILLING",
    "ENGAGEMENT",
    "LIFE_TIME_VALUE_MOBILE_CONVERSION",
    "MOBILE_CONVERSION",
    "VIDEO",
    "WEB_CONVERSION",
)
PLACEMENTS = ("ALL_ON_TWITTER", "SPOTLIGHT", "TREND")
SEGMENTATIONS = ("AGE", "GENDER", "METROS", "PLATFORMS")
MOST_ENTITY_IDS = 20
SYNCHRONOUS_DAYS, JOB_DAYS, SEGMENTED_DAYS = 7, 90, 45
_DAY = timedelta(days=1)
_NOWHERE = Window(datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))
_SEGMENTS = ("segmentation_type", "country", "platform")


@dataclass(frozen=True, slots=True)
class Question:
    """A request for statistics that X takes. `segments`: segmentation_type, country and platform, where given."""

    entity: str
    entity_ids: tuple[str, ...]
    granularity: str
    metric_groups: tuple[str, ...]
    placement: str
    window: Window
    segments: tuple[tuple[str, str | None], ...]

    @property
    def params(self) -> Body:
        """The question as X repeats it, times in Z."""
        return {
            "start_time": wire_instant(int(self.window.start.timestamp()) * 1000),
            "end_time": wire_instant(int(self.window.end.timestamp()) * 1000),
            "entity": self.entity,
            "entity_ids": list(self.entity_ids),
            "granularity": self.granularity,
            "placement": self.placement,
            "metric_groups": list(self.metric_groups),
            **dict(self.segments),
        }


def asked(api: "AdsApi", call: AdsCall, *, by_job: bool) -> Question:
    """Read a request for statistics.

    Raises:
        AdsRefusal: 400 with everything that is wrong with it.
    """
    query = AdsQuery(call)
    entities = (*PAID_ENTITIES, ORGANIC_TWEET) if api.behaviour.organic_entity else PAID_ENTITIES
    entity = query.choice("entity", entities, required=True) or ""
    is_organic = call.request.query.get("entity") == ORGANIC_TWEET
    granularity = query.choice("granularity", GRANULARITIES, required=True)
    groups = _metric_groups(query, api.behaviour.organic_groups if is_organic else METRIC_GROUPS)
    placements = PLACEMENTS[:1] if is_organic else PLACEMENTS
    placement = query.choice("placement", placements, required=True) or ""
    segments = _segments(query, is_possible=by_job and not is_organic)
    most_days = SYNCHRONOUS_DAYS if not by_job else SEGMENTED_DAYS if segments[0][1] else JOB_DAYS
    window = _window(query, call.ads_account, granularity, most_days)
    entity_ids = query.identifiers("entity_ids", MOST_ENTITY_IDS, base36=entity in PAID_ENTITIES, required=True) or ()
    query.finish()
    if is_organic:
        _check_tweets(api, call.ads_account, query, entity_ids)
        query.finish()
    most = api.behaviour.most_tweet_days
    if most is not None and len(entity_ids) * ceil((window.end - window.start) / _DAY) > most:
        raise errors.refusal(400, "REQUEST_TOO_COMPLEX", "This request is too complex", dict(call.values))
    return Question(entity, entity_ids, granularity or "", groups, placement, window, segments)


def _metric_groups(query: AdsQuery, possible: tuple[str, ...]) -> tuple[str, ...]:
    groups = query.choices("metric_groups", METRIC_GROUPS, required=True)
    if not set(possible).issuperset(groups):
        # As recorded: it names no parameter.
        names = ",".join(name.capitalize() for name in possible)
        query.complain(None, f"Valid metric groups for entity OrganicTweet are {names}")
    return groups


def _segments(query: AdsQuery, *, is_possible: bool) -> tuple[tuple[str, str | None], ...]:
    kind = query.choice("segmentation_type", SEGMENTATIONS)
    found = (("segmentation_type", kind), *((name, query.text(name)) for name in _SEGMENTS[1:]))
    for name, value in found:
        if value is not None and not is_possible:
            query.complain(name, f"{name} is not available for this request", value=value)
    return found


def _window(query: AdsQuery, account: AdsAccount, granularity: str | None, most_days: int) -> Window:
    zone = account.timezone
    ends = []
    for name in ("start_time", "end_time"):
        text = query.text(name, required=True)
        instant = None if text is None else parsed(text, zone)
        if text is not None and instant is None:
            query.complain(name, f'Expected time, got "{text}" for {name}', details="invalid date", value=text)
        ends.append(instant)
    start, end = ends
    if start is None or end is None:
        return _NOWHERE
    window = Window(start, end)
    for complaint in misplacements(window, zone, granularity or "HOUR", most_days):
        query.complain("", complaint, "INVALID_TIME_WINDOW")
    return window


def _check_tweets(api: "AdsApi", account: AdsAccount, query: AdsQuery, entity_ids: tuple[str, ...]) -> None:
    """Complain about tweets that are not there, or that nobody posted whom the account may promote."""
    now_ms = milliseconds(api.clock)
    for identifier in entity_ids:
        post = api.world.find_post(int(identifier), now_ms, even_deleted=True)
        is_refused = post is not None and post.kind is PostKind.RETWEET and not api.behaviour.retweet_statistics
        if post is None or is_refused or account.user(post.account.id) is None:
            query.complain("entity_ids", f"Tweet {identifier} was not found for this account", value=identifier)

"""Reading a timeline: page after page of the public pass, with the private counters of the same posts beside them.

Two passes, because X shows private counters only for the author's own posts of the last 30 days, and drops the
originals of retweets when both are asked for at once. The private pass runs in step with the public one, so that no
more than about two pages of either are held at any time.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from source_x_organic.instants import utc_instant
from source_x_organic.progress.coverage import EARLIEST_START_TIME, Span
from source_x_organic.snowflakes import created_at_of
from source_x_organic.transport.errors import CredentialsRefused, Refused, error_for
from source_x_organic.transport.kinds import Recovery
from source_x_organic.transport.problems import Problem, partial_problem
from source_x_organic.usage.budget import Budget, CeilingReached, Portion
from source_x_organic.x_api.api import PRIVATE_DAYS, TIMELINE, TIMELINE_CEILING
from source_x_organic.x_api.posts import PRIVATE_MARGIN

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator, Mapping

    from source_x_organic.x_api.directory import Account

Post = dict[str, Any]

_IN_WORDS = {
    "not-authorized-for-resource": "of protected accounts",
    "not-authorized-for-field": "private metrics",
    "resource-not-found": "deleted",
    "suspended": "of suspended accounts",
}
"""What X's kinds of partial errors mean for a reader of the log."""

DOUBTFUL_GAP = timedelta(days=7)
"""Days without posts at a window's lower end that make it doubtful whether X showed all of it."""

MANY_COUNTERS = TIMELINE_CEILING // 2
"""Posts from which the ceiling may have cut a pass of counters off: retweets count towards it but do not come."""

NEAR_CEILING = TIMELINE_CEILING - 32
"""Posts from which a timeline counts as cut off by X: deleted posts count towards X's 3,200 but do not come."""


@dataclass(frozen=True)
class Window:
    """What one pass reads.

    Attributes:
        span: Instants of `created_at`, newest read first.
        is_open: Whether the span ends now: then posts made while the sync runs are taken too.
    """

    span: Span
    is_open: bool

    @property
    def start_time(self) -> datetime | None:
        """The request's lower bound: whole seconds, inclusive; None where X would refuse one."""
        return self.span.start if self.span.start >= EARLIEST_START_TIME else None

    @property
    def end_time(self) -> datetime | None:
        """The request's upper bound: the next whole second, since X takes no parts of one; None for an open window."""
        return None if self.is_open else self.span.end + timedelta(seconds=1)


@dataclass(frozen=True)
class Page:
    """Posts of one page of the public pass, newest first.

    Attributes:
        answer: X's answer, as it came.
        posts: Those of its posts that have an instant in the window, with that instant.
        private: The private counters of those posts that have any, by post id: objects of the private pass.
        down_to: Instant down to which the window has been read.
    """

    answer: Mapping[str, Any]
    posts: list[tuple[Post, datetime]]
    private: Mapping[str, Post]
    down_to: datetime


def created_at(post: Mapping[str, Any]) -> datetime | None:
    """Return when a post was made: as X says, or else as its id does."""
    return utc_instant(post.get("created_at")) or created_at_of(post.get("id"))


def is_refusal(answer: Mapping[str, Any]) -> bool:
    """Return whether an answer's errors speak of the timeline itself: there are no posts that they could be about."""
    return not answer.get("data") and not (answer.get("meta") or {}).get("next_token")


class Timeline:
    """One account's timeline in one sync."""

    def __init__(
        self, account: Account, *, now: datetime, logger: logging.Logger, budget: Budget | None = None
    ) -> None:
        """`now` is the instant at which its reading begins; `budget` limits what is read (default: nothing does)."""
        self._account = account
        self._now = now
        self._logger = logger
        self._budget = budget or Budget()
        self._portion = Portion()
        self._kinds: Counter[str] = Counter()
        self.out_of_reach: Span | None = None
        """The part of the window that X's ceiling has cut off, when all pages have been read."""

    def pages(self, window: Window, *, with_private: bool) -> Iterator[Page]:
        """Yield the window's pages, newest first.

        Raises:
            ApiError: X refuses the timeline, or stayed unavailable.
            CeilingReached: the next page might bring more posts than may be read.
        """
        private = _InStep(self._private_answers(window)) if self._reads_private(wanted=with_private) else None
        answers = self._answers(window, private=False)
        count = 0
        down_to = window.span.end
        while True:
            with self._budget.portion(with_private=private is not None) as self._portion:
                answer = next(answers, None)
                if answer is None:
                    break
                posts = self._posts(answer, window)
                count += len(answer.get("data") or ())
                down_to = min([down_to, *(instant for _, instant in posts[-1:])])
                counters = private.down_to(down_to) if private and posts else {}
            yield Page(answer, posts, counters, down_to)
        self._warn_of_ceiling(window, count, down_to)
        self._report_kinds()

    def counter_pages(self, window: Window) -> Iterator[Page]:
        """Yield the window's pages of posts with counters and nothing else, retweets left out.

        They are the private ones in the author's own posts, of the last 30 days, and the public ones where X refuses
        those, or in the posts of others.

        Raises:
            ApiError: X refuses the timeline, or stayed unavailable.
            CeilingReached: the next page might bring more posts than may be read.
        """
        rest = window
        if self._account.is_own:
            try:
                for page in self._counter_pages(window, private=True):
                    yield page
                    rest = Window(Span(window.span.start, page.down_to), is_open=False)
            except CredentialsRefused:
                raise
            except Refused as refusal:
                self._logger.warning(f"The private metrics of {self._account.label} are null: {refusal.message}")
            else:
                self._report_kinds()
                return
        yield from self._counter_pages(rest, private=False)
        self._report_kinds()

    def _counter_pages(self, window: Window, *, private: bool) -> Iterator[Page]:
        answers = self._answers(window, private=private, counters_alone=True)
        count = 0
        down_to = window.span.end
        while True:
            with self._budget.portion(with_public=False) as self._portion:
                answer = next(answers, None)
            if answer is None:
                break
            posts = self._posts(answer, window)
            count += len(posts)
            down_to = min([down_to, *(instant for _, instant in posts[-1:])])
            yield Page(answer, posts, {post["id"]: post for post, _ in posts} if private else {}, down_to)
        if count >= MANY_COUNTERS and total_posts(self._account.user) > NEAR_CEILING:
            self._tell_of_ceiling(window, down_to, gap=timedelta(days=1))

    def _reads_private(self, *, wanted: bool) -> bool:
        if wanted and self._account.is_own and not self._budget.affords_private:
            self._logger.warning(
                f"The private metrics of {self._account.label} are null: max_post_reads_per_sync is too small to read "
                "them beside the posts."
            )
        return wanted and self._account.is_own and self._budget.affords_private

    def _posts(self, answer: Mapping[str, Any], window: Window) -> list[tuple[Post, datetime]]:
        return [(post, instant) for post in answer.get("data") or () if (instant := self._instant(post, window))]

    def _instant(self, post: Post, window: Window) -> datetime | None:
        """Return the post's instant if it belongs to the window; one without any belongs, at the window's end."""
        instant = created_at(post) or window.span.end
        if instant < window.span.start or (instant > window.span.end and not window.is_open):
            return None
        return instant

    def _private_answers(self, window: Window) -> Iterator[Mapping[str, Any]]:
        """Yield the pages of the private pass, none where the window has nothing young enough.

        Where X refuses it, the private columns are null and the rest is read.
        """
        oldest = self._now - timedelta(days=PRIVATE_DAYS) + PRIVATE_MARGIN
        if window.span.end <= oldest:
            return
        young = Window(Span(max(window.span.start, oldest), window.span.end), window.is_open)
        try:
            yield from self._answers(young, private=True)
        except CredentialsRefused:
            raise
        except Refused as refusal:
            self._logger.warning(f"The private metrics of {self._account.label} are null: {refusal.message}")

    def _answers(self, window: Window, *, private: bool, counters_alone: bool = False) -> Iterator[Mapping[str, Any]]:
        """Yield X's answers until it gives no further token; empty ones too."""
        token: str | None = None
        seen: set[str] = set()
        while True:
            answer = self._answer(window, token, private=private, counters_alone=counters_alone)
            yield answer
            token = (answer.get("meta") or {}).get("next_token")
            if not token:
                return
            if token in seen:
                repeated = Problem("repeated-page", 200, detail="X gave the same page token twice")
                raise error_for(repeated, what=self._what(private=private), endpoint=TIMELINE.name)
            seen.add(token)

    def _answer(self, window: Window, token: str | None, *, private: bool, counters_alone: bool) -> Mapping[str, Any]:
        """Return one answer; where X could not load some fields it is asked once more, if that may be paid."""
        answer, problems = self._ask(window, token, private=private, counters_alone=counters_alone)
        if any(problem.recovery is Recovery.RETRY for problem in problems):
            with suppress(CeilingReached):
                self._portion.ask_again()
                answer, problems = self._ask(window, token, private=private, counters_alone=counters_alone)
        self._kinds.update(problem.kind for problem in problems)
        # Beside the public pass, that one tells whether the timeline itself is refused.
        if problems and (counters_alone or not private) and is_refusal(answer):
            raise error_for(problems[0], what=self._what(private=private), endpoint=TIMELINE.name)
        return answer

    def _ask(
        self, window: Window, token: str | None, *, private: bool, counters_alone: bool
    ) -> tuple[Mapping[str, Any], list[Problem]]:
        answer = self._account.api.timeline(
            self._account.id,
            start=window.start_time,
            end=window.end_time,
            token=token,
            private=private,
            counters_alone=counters_alone,
            what=self._what(private=private),
            portion=self._portion,
        )
        return answer, [partial_problem(error) for error in answer.get("errors") or ()]

    def _what(self, *, private: bool) -> str:
        return f"the {'private metrics' if private else 'posts'} of {self._account.label}"

    def _warn_of_ceiling(self, window: Window, count: int, down_to: datetime) -> None:
        """Say so where X's ceiling, not the window, ended the pass, or seems to.

        How many posts lie above a window that ends in the past is not known: there a wide gap at its lower end, in an
        account with more posts than X shows, is all there is to go by.
        """
        total = total_posts(self._account.user)
        if window.is_open and NEAR_CEILING <= count < total:
            self._tell_of_ceiling(window, down_to)
        if not window.is_open and total > NEAR_CEILING:
            self._tell_of_ceiling(window, down_to, gap=DOUBTFUL_GAP)

    def _tell_of_ceiling(self, window: Window, down_to: datetime, *, gap: timedelta | None = None) -> None:
        """Say down to where X showed posts, if that is more than `gap` above the window's lower end."""
        if gap is not None and down_to - window.span.start <= gap:
            return
        self.out_of_reach = Span(window.span.start, down_to)
        total = total_posts(self._account.user)
        self._logger.warning(
            f"X shows only the newest {TIMELINE_CEILING:,} posts of {self._account.label} (of {total:,}): reading "
            f"ended at {down_to:%Y-%m-%d}; what is older cannot be had over the X API."
        )

    def _report_kinds(self) -> None:
        if self._kinds:
            kinds = ", ".join(f"{count} {_IN_WORDS.get(kind, kind)}" for kind, count in sorted(self._kinds.items()))
            self._logger.info(
                f"X left out some of what the posts of {self._account.label} refer to: {kinds}. The posts are whole."
            )
        self._kinds.clear()


class _InStep:
    """A private pass that is read just as far as the public one."""

    def __init__(self, answers: Iterator[Mapping[str, Any]]) -> None:
        self._answers = answers
        self._held: dict[str, Post] = {}
        self._read_to: datetime | None = datetime.max.replace(tzinfo=UTC)

    def down_to(self, instant: datetime) -> Mapping[str, Post]:
        """Return the posts down to `instant` by id, as far as they were not returned before.

        Those of that very instant are kept as well: the next public page may begin with one of them.
        """
        while self._read_to is not None and self._read_to >= instant:
            self._read_more()
        made = {key: created_at(post) or instant for key, post in self._held.items()}
        returned = {key: post for key, post in self._held.items() if made[key] >= instant}
        self._held = {key: post for key, post in self._held.items() if made[key] <= instant}
        return returned

    def _read_more(self) -> None:
        answer = next(self._answers, None)
        if answer is None:
            self._read_to = None
            return
        for post in answer.get("data") or ():
            self._held[post["id"]] = post
            self._read_to = created_at(post) or self._read_to


def total_posts(user: Mapping[str, Any]) -> int:
    """Return how many posts X says that a user has."""
    metrics = user.get("public_metrics") or {}
    return int(metrics.get("tweet_count") or metrics.get("post_count") or 0)

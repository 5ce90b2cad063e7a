"""The errors that X's refusals become.

The tree, by what the caller does about it::

    ApiError                    any answer that is not data (an AirbyteTracedException with a message for a marketer)
    ├── Refused                 X will say the same again: do not retry (config_error)
    │   ├── CredentialsRefused  every account of these credentials is affected: 401, 402, caps, app not allowed
    │   └── InvalidRequest      X does not know a parameter or a field that was sent: `problem.parameters` names them
    └── Unavailable             passing: try again later (transient_error)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.transport.kinds import KINDS, Recovery
from source_x_organic.transport.redaction import redact

if TYPE_CHECKING:
    from source_x_organic.transport.problems import Problem


class ApiError(AirbyteTracedException):
    """An answer that is not data; its message is one sentence for a marketer, its internal message is for support."""

    def __init__(self, problem: Problem, *, what: str, endpoint: str) -> None:
        """`what` says in words what was being read ("the posts of @brand"); `endpoint` names it as X's documents do."""
        self.problem = problem
        self.what = what
        super().__init__(
            message=f"{_happened(problem, what)} ({problem.own_words.rstrip('.')}): {_continued(problem.remedy)}",
            internal_message=redact(
                f"status={problem.status} endpoint={endpoint} type={_type(problem)} "
                f"request_id={problem.request_id or 'none'} title={problem.title!r} detail={problem.detail!r}"
            ),
            failure_type=KINDS[problem.kind].failure_type,
        )


class Refused(ApiError):
    """X will say the same again."""


class CredentialsRefused(Refused):
    """X refuses the credentials, whatever the account."""


class InvalidRequest(Refused):
    """X does not know something that was sent; `problem.parameters` says what."""


class Unavailable(ApiError):
    """X, or the way to it, has a passing fault."""


def error_for(problem: Problem, *, what: str, endpoint: str) -> ApiError:
    """Return the error that stands for `problem`."""
    kind = KINDS[problem.kind]
    if problem.kind == "invalid-request":
        return InvalidRequest(problem, what=what, endpoint=endpoint)
    if kind.whole_credential:
        return CredentialsRefused(problem, what=what, endpoint=endpoint)
    if kind.failure_type is not FailureType.transient_error:
        return Refused(problem, what=what, endpoint=endpoint)
    return Unavailable(problem, what=what, endpoint=endpoint)


def _type(problem: Problem) -> str:
    said = problem.problem_type or problem.kind
    return f"{said} code={problem.code}" if problem.code else said


def _happened(problem: Problem, what: str) -> str:
    if problem.status is None:
        return f"{what[:1].upper()}{what[1:]} could not be read"
    if problem.recovery is Recovery.NONE:
        return f"X refused {what}"
    return f"X did not give {what}"


def _continued(sentence: str) -> str:
    """Return a sentence as the second half of another one."""
    return sentence if sentence.startswith(("X ", "X'")) else sentence[:1].lower() + sentence[1:]

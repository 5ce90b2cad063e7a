"""The controls for other processes, under /_simulator/: journal, faults, clock, credentials, world."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import orjson

from x_simulator.ads_accounts import AdsAccount
from x_simulator.application import Application
from x_simulator.clock import milliseconds
from x_simulator.faults import Fault
from x_simulator.http_messages import Request, Response

_FAULT_KEYS = {field.name for field in fields(Fault)}
_WORLD_ACTIONS = {
    "delete_post": ("post_id",),
    "edit_post": ("post_id", "text"),
    "add_post": ("username", "text", "lang", "reply_to", "retweet_of"),
    "suspend": ("username",),
    "protect": ("username",),
    "delete_account": ("username",),
    "restore": ("username",),
    "change_profile": ("username", "name", "description"),
}
# Of Ads accounts; what they take, in order.
_ADS_ACTIONS = {
    "ads_rename": ("id", "name"),
    "ads_close": ("id",),
    "ads_add_role": ("id", "username"),
    "ads_remove_role": ("id", "username"),
    "ads_add_user": ("id", "username", "type"),
    "ads_remove_user": ("id", "username"),
}
_MOST_IDS = 3_200


class Admin:
    """Answers /_simulator/…; nothing here is part of any X API, and nothing is written into the journal."""

    def __init__(self, application: Application, configuration: Callable[..., dict[str, Any]]) -> None:
        self._application = application
        self._configuration = configuration
        self._actions: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
            ("GET", "journal"): lambda _: self._journal(),
            ("DELETE", "journal"): lambda _: application.journal.clear(),
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): lambda _: application.faults.clear(),
            ("GET", "clock"): lambda _: {"time": application.clock.time()},
            ("POST", "clock"): self._advance,
            ("GET", "credentials"): lambda _: self._credentials(),
            ("POST", "credentials"): self._revoke,
            ("GET", "world"): lambda _: self._world(),
            ("POST", "world"): self._change_world,
        }

    def handle(self, request: Request) -> Response:
        """Answer one request; 404 for unknown controls, 400 with the reason for bad ones."""
        action = self._actions.get((request.method, request.path.removeprefix("/_simulator/").rstrip("/")))
        if action is None:
            known = sorted(f"{method} /_simulator/{name}" for method, name in self._actions)
            return Response(404, orjson.dumps({"error": "no such control", "controls": known}))
        try:
            result = action(orjson.loads(request.body) if request.body else {})
        except (KeyError, TypeError, ValueError) as error:
            return Response(400, orjson.dumps({"error": f"{type(error).__name__}: {error}"}))
        return Response(200, orjson.dumps(result if result is not None else {"ok": True}))

    def _journal(self) -> dict[str, Any]:
        journal = self._application.journal
        return {
            "entries": journal.as_dicts(),
            "billed_posts": journal.billed_posts,
            "billed_users": journal.billed_users,
        }

    def _add_faults(self, body: Any) -> None:  # noqa: ANN401 - an object or a list of them
        for item in body if isinstance(body, list) else [body]:
            unknown = set(item) - _FAULT_KEYS
            if unknown:
                raise ValueError(f"a fault has {sorted(_FAULT_KEYS)}, not {sorted(unknown)}")
            self._application.faults.add(Fault(**item))

    def _advance(self, body: dict[str, Any]) -> dict[str, float]:
        self._application.clock.advance(float(body["advance_seconds"]))
        return {"time": self._application.clock.time()}

    def _credentials(self) -> dict[str, Any]:
        credentials = self._application.credentials
        users = {
            name: {
                "oauth1": credentials.oauth1(name),
                "oauth2": credentials.oauth2(name),
                "oauth2_public_client": credentials.oauth2(name, public_client=True),
            }
            for name in credentials.usernames
        }
        return {"accounts": users, "bearer": credentials.bearer(), "configuration": self._configuration()}

    def _revoke(self, body: dict[str, Any]) -> None:
        if "revoke_user" in body:
            self._application.credentials.revoke_user(body["revoke_user"])
        else:
            self._application.credentials.revoke(body["revoke"])

    def _world(self) -> dict[str, Any]:
        world = self._application.world
        now_ms = milliseconds(self._application.clock)
        accounts = [
            {
                "username": account.username,
                "id": str(account.id),
                "name": account.name,
                "kind": str(account.kind),
                "owned": account.spec.owned,
                "posts": world.count_posts(account, now_ms),
                "followers_count": world.followers_at(account, now_ms),
                "newest_post_ids": world.newest_ids(account, _MOST_IDS, now_ms),
            }
            for account in world.accounts
        ]
        return {
            "seed": world.seed,
            "anchor": world.anchor.isoformat(),
            "now": now_ms / 1000,
            "accounts": accounts,
            "ads_accounts": [_ads_account(account) for account in world.ads],
        }

    def _change_world(self, body: dict[str, Any]) -> dict[str, Any]:
        """Do one thing to the world: {"action": "suspend", "username": …}."""
        action = body["action"]
        known = _WORLD_ACTIONS | _ADS_ACTIONS
        if action not in known:
            raise ValueError(f"the world knows {sorted(known)}, not {action!r}")
        arguments = {name: value for name, value in body.items() if name != "action"}
        unknown = set(arguments) - set(known[action])
        if unknown:
            raise ValueError(f"{action} takes {known[action]}, not {sorted(unknown)}")
        world = self._application.world
        if action in _ADS_ACTIONS:
            in_order = [arguments[name] for name in _ADS_ACTIONS[action] if name in arguments]
            return {"ok": True, "promotable_user_id": getattr(world.ads, action.removeprefix("ads_"))(*in_order)}
        return {"ok": True, "post_id": getattr(world, action)(**arguments)}


def _ads_account(account: AdsAccount) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "timezone": account.spec.timezone,
        "deleted": account.deleted,
        "users": [
            {"id": user.id, "username": user.account.username, "type": str(user.type), "deleted": user.deleted}
            for user in account.users
        ],
        "roles": sorted(account.roles),
    }

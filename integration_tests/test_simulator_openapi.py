"""Every answer of the simulator fits X's own descriptions of the API: 2.159 in the old dialect, 2.167 in the new."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from x_simulator import AccountSpec, Fault, SimulatedClock, Simulator, World
from x_simulator.posts import media_keys
from x_simulator.x_api.dialects import DIALECTS, MEDIA_FIELDS, USER_FIELDS, Dialect

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "openapi"
VERSIONS = {"tweet": "x-api-2.159.json", "post": "x-api-2.167.json"}
ANCHOR = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACCOUNTS = (
    AccountSpec("lumen_mill", "Lumen Mill", posts=300, posts_per_day=6, promoted_every=5),
    AccountSpec("rival_press", "Rival Press", posts=40, owned=False),
    AccountSpec("hidden_nook", posts=5, kind="protected"),
    AccountSpec("gone_lamp", posts=5, kind="suspended"),
)
WEEK = {"start_time": "2026-11-13T00:00:00Z", "end_time": "2026-11-20T00:00:00Z"}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="X's descriptions of the API are not beside the project")


def with_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a description in which what may be null says so in JSON Schema's words, not in OpenAPI's."""
    if isinstance(value, list):
        return [with_nulls(each) for each in value]
    if not isinstance(value, dict):
        return value
    inside = {name: with_nulls(each) for name, each in value.items()}
    if inside.get("nullable") is not True:
        return inside
    return {"anyOf": [{name: each for name, each in inside.items() if name != "nullable"}, {"type": "null"}]}


class Description:
    """One of X's OpenAPI documents."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.document = with_nulls(json.loads((FOLDER / VERSIONS[dialect.name]).read_text(encoding="utf-8")))
        registry: Registry[Any] = Registry()
        self._registry = registry.with_resource("urn:x-api", DRAFT7.create_resource(self.document))

    def complaints(self, pointer: str, value: object) -> list[str]:
        """Return what is wrong with a value by the schema at a JSON pointer."""
        validator = Draft7Validator({"$ref": f"urn:x-api#{pointer}"}, registry=self._registry)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def schema_names(self, name: str) -> set[str]:
        """Return the properties of a named schema, and those that only the parameter's enumeration names."""
        parameters = self.document["components"]["parameters"]
        fields = parameters.get(f"{name}FieldsParameter", {}).get("schema", {}).get("items", {}).get("enum", [])
        # X's changelog of June 2026 adds it to the older description.
        return {*self.document["components"]["schemas"][name]["properties"], *fields, "paid_partnership"}

    def problem_pointer(self, problem: dict[str, Any]) -> str:
        """Return where the schema of this very sort of problem is."""
        reference = self.document["components"]["schemas"]["Problem"]["discriminator"]["mapping"][problem["type"]]
        return str(reference).removeprefix("#")


@pytest.fixture(scope="module", params=sorted(DIALECTS))
def description(request: pytest.FixtureRequest) -> Description:
    return Description(DIALECTS[request.param])


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(world=World(7, ACCOUNTS, ANCHOR), clock=SimulatedClock(ANCHOR)) as running:
        yield running


def get(simulator: Simulator, path: str, query: dict[str, str], *, user: str | None = None) -> requests.Response:
    token = simulator.oauth2(user)["access_token"] if user else simulator.bearer()["bearer_token"]
    with requests.Session() as session:
        return session.get(
            simulator.base_url + path, params=query, headers={"Authorization": f"Bearer {token}"}, timeout=10
        )


def everything(dialect: Dialect, *, of_posts: bool, private: bool = False) -> dict[str, str]:
    """Return parameters that ask for every field and expansion of a dialect."""
    private_names = {"non_public_metrics", "organic_metrics", "promoted_metrics"}
    fields = [name for name in dialect.post_fields if private or name not in private_names]
    query = {
        dialect.fields_parameter: ",".join(fields),
        "expansions": ",".join(dialect.post_expansions if of_posts else dialect.user_expansions),
        "user.fields": ",".join(USER_FIELDS),
    }
    media = [name for name in MEDIA_FIELDS if private or name not in private_names]
    return {**query, "media.fields": ",".join(media)} if of_posts else query


def assert_fits(description: Description, path: str, response: requests.Response) -> dict[str, Any]:
    """Check an answer against the schema of its path, and each of its problems against that problem's own schema."""
    body: dict[str, Any] = response.json()
    escaped = path.replace("~", "~0").replace("/", "~1")
    media_type = "/content/application~1json/schema"
    assert response.status_code == 200
    assert description.complaints(f"/paths/{escaped}/get/responses/200{media_type}", body) == []
    for problem in body.get("errors", []):
        assert description.complaints(description.problem_pointer(problem), problem) == []
    return body


def known_keys(description: Description, body: dict[str, Any], part: str, schema: str) -> set[str]:
    """Return the keys that objects of an answer have beyond what the schema names."""
    objects = body["data"] if part == "data" else body["includes"][part]
    listed = objects if isinstance(objects, list) else [objects]
    return {key for item in listed for key in item} - description.schema_names(schema)


def test_timelines_with_every_field_and_expansion(description: Description, simulator: Simulator) -> None:
    dialect = description.dialect
    query = {**everything(dialect, of_posts=True), "max_results": "100"}
    path = f"/2/users/{simulator.world.user_id('lumen_mill')}/tweets"
    kinds, included = set(), set()
    for _ in range(3):
        body = assert_fits(description, "/2/users/{id}/tweets", get(simulator, path, query, user="lumen_mill"))
        kinds |= {key for post in body["data"] for key in post}
        included |= set(body["includes"])
        post_schema = "Tweet" if dialect.name == "tweet" else "Post"
        assert known_keys(description, body, "data", post_schema) == set()
        assert known_keys(description, body, dialect.includes_key, post_schema) == set()
        assert known_keys(description, body, "users", "User") == set()
        query["pagination_token"] = body["meta"].get("next_token", "")
    assert {dialect.wire_name(name) for name in ("note_tweet", "referenced_tweets", "edit_history_tweet_ids")} < kinds
    assert {"attachments", "entities", "context_annotations", "edit_controls"} < kinds
    assert included == {"media", "users", dialect.includes_key}


def test_private_metrics(description: Description, simulator: Simulator) -> None:
    query = {**everything(description.dialect, of_posts=True, private=True), "max_results": "100"}
    path = f"/2/users/{simulator.world.user_id('lumen_mill')}/tweets"
    body = assert_fits(description, "/2/users/{id}/tweets", get(simulator, path, query, user="lumen_mill"))
    assert all({"organic_metrics", "non_public_metrics", "promoted_metrics"} < set(post) for post in body["data"])
    refused = assert_fits(description, "/2/users/{id}/tweets", get(simulator, path, query))
    assert {problem["title"] for problem in refused["errors"]} == {"Field Authorization Error"}


@pytest.mark.parametrize("username", ["hidden_nook", "gone_lamp", None])
def test_timelines_that_cannot_be_read(description: Description, simulator: Simulator, username: str | None) -> None:
    identifier = simulator.world.user_id(username) if username else "17"
    query = {description.dialect.fields_parameter: "created_at"}
    response = get(simulator, f"/2/users/{identifier}/tweets", query)
    assert list(assert_fits(description, "/2/users/{id}/tweets", response)) == ["errors"]


def test_an_empty_window(description: Description, simulator: Simulator) -> None:
    path = f"/2/users/{simulator.world.user_id('lumen_mill')}/tweets"
    response = get(simulator, path, {"end_time": "2012-01-01T00:00:00Z"})
    assert assert_fits(description, "/2/users/{id}/tweets", response) == {"meta": {"result_count": 0}}


def test_users_with_every_field_and_expansion(description: Description, simulator: Simulator) -> None:
    query = everything(description.dialect, of_posts=False)
    names = "lumen_mill,rival_press,hidden_nook,gone_lamp,nobody_here"
    world = simulator.world
    answers = {
        "/2/users/me": get(simulator, "/2/users/me", query, user="lumen_mill"),
        "/2/users/by": get(simulator, "/2/users/by", {**query, "usernames": names}, user="lumen_mill"),
        "/2/users": get(simulator, "/2/users", {**query, "ids": f"{world.user_id('rival_press')},17"}),
        "/2/users/by/username/{username}": get(simulator, "/2/users/by/username/gone_lamp", query),
        "/2/users/{id}": get(simulator, f"/2/users/{world.user_id('rival_press')}", query),
    }
    bodies = {path: assert_fits(description, path, response) for path, response in answers.items()}
    assert known_keys(description, bodies["/2/users/by"], "data", "User") == set()
    assert {problem["title"] for problem in bodies["/2/users/by"]["errors"]} == {"Forbidden", "Not Found Error"}


def test_look_ups_with_errors_beside_data(description: Description, simulator: Simulator) -> None:
    world = simulator.world
    ids = [world.post_ids(name)[0] for name in ("lumen_mill", "hidden_nook", "gone_lamp")]
    query = everything(description.dialect, of_posts=True)
    body = assert_fits(description, "/2/tweets", get(simulator, "/2/tweets", {**query, "ids": ",".join([*ids, "20"])}))
    assert len(body["data"]) == 1
    assert {problem["value"] for problem in body["errors"]} >= {*ids[1:], "20"}
    assert_fits(description, "/2/tweets/{id}", get(simulator, f"/2/tweets/{ids[0]}", query))


def test_usage(description: Description, simulator: Simulator) -> None:
    if description.dialect.name == "tweet":
        pytest.skip("the simulator spells usage as the newer description does: numbers as strings")
    fields = "cap_reset_day,daily_client_app_usage,daily_project_usage,project_cap,project_id,project_usage"
    assert_fits(description, "/2/usage/tweets", get(simulator, "/2/usage/tweets", {"usage.fields": fields}))


@pytest.mark.parametrize("shape", ["timestamped", "flat"])
@pytest.mark.parametrize("granularity", ["hourly", "daily", "weekly", "total"])
def test_analytics_of_posts(description: Description, shape: str, granularity: str) -> None:
    with enterprise(description, shape) as simulator:
        ids = [simulator.world.post_ids(name)[9] for name in ("lumen_mill", "rival_press")]
        query = {"ids": ",".join([*ids, "20"]), "granularity": granularity, **WEEK}
        path = "/2/tweets/analytics"
        body = assert_fits(description, path, get(simulator, path, query, user="lumen_mill"))
    assert ([item["id"] for item in body["data"]], len(body["errors"])) == (ids[:1], 2)
    assert_is_known(description, body["data"][0], "Analytics")


@pytest.mark.parametrize("shape", ["timestamped", "flat"])
@pytest.mark.parametrize("granularity", ["hourly", "daily", "total"])
def test_analytics_of_media(description: Description, shape: str, granularity: str) -> None:
    with enterprise(description, shape) as simulator:
        videos = [key for post in simulator.world.posts("lumen_mill") for key in media_keys(post)]
        keys = [key for key in videos if key.startswith("13_")][:4]
        query = {"media_keys": ",".join([*keys, "13_20"]), "granularity": granularity, **WEEK}
        path = "/2/media/analytics"
        body = assert_fits(description, path, get(simulator, path, query, user="lumen_mill"))
    assert ([item["media_key"] for item in body["data"]], len(body["errors"])) == (keys, 1)
    assert_is_known(description, body["data"][0], "MediaAnalytics")


def enterprise(description: Description, shape: str) -> Simulator:
    """Return a simulator that answers analytics, whose problems are called as in a description."""
    return Simulator(
        world=World(7, ACCOUNTS, ANCHOR),
        clock=SimulatedClock(ANCHOR),
        default_dialect=description.dialect.name,
        enterprise_apps=("main",),
        analytics_shape=shape,
        # Strings and nulls in buckets are the newer description's; the older one has numbers alone.
        odd_value_every=50 if description.dialect.name == "post" else 0,
    )


def assert_is_known(description: Description, item: dict[str, Any], schema: str) -> None:
    """Check that an object has no keys or metrics but those which the API's fields are called."""
    parameter = description.document["components"]["parameters"][f"{schema}FieldsParameter"]
    # The older description has this one in the answer alone.
    named = {*parameter["schema"]["items"]["enum"], "timestamped_metrics"}
    assert set(item) <= named
    for bucket in item.get("timestamped_metrics", []):
        assert (set(bucket), set(bucket["metrics"]) - named) == ({"timestamp", "metrics"}, set())


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/2/users/by", {"usernames": "much_too_long_a_name"}, 400),
        ("/2/users/me", {}, 403),
        ("/2/tweets/20", {}, 404),
        ("/2/tweets/analytics", {}, 403),
    ],
)
def test_refusals_are_problems(
    description: Description, simulator: Simulator, path: str, query: dict[str, str], status: int
) -> None:
    response = get(simulator, path, query)
    assert response.status_code == status
    assert_is_problem(description, response.json())


@pytest.mark.parametrize(
    "preset",
    ["rate_limited_json", "usage_capped", "credits_depleted_old", "credits_depleted_new", "unauthorized", "forbidden",
     "client_not_enrolled", "oauth1_permissions", "internal_error", "invalid_field"],
)  # fmt: skip
def test_faults_are_problems(description: Description, simulator: Simulator, preset: str) -> None:
    simulator.faults.add(Fault(preset, seconds=1))
    assert_is_problem(description, get(simulator, "/2/users/by", {"usernames": "lumen_mill"}).json())


def assert_is_problem(description: Description, body: dict[str, Any]) -> None:
    """Check a refusal: the older description has a general problem; the newer names some kinds and no general one."""
    assert {"type", "title"} <= set(body)
    mapping = description.document["components"]["schemas"]["Problem"]["discriminator"]["mapping"]
    if description.dialect.name == "tweet":
        assert description.complaints("/components/schemas/Problem", body) == []
    if body["type"] in mapping:
        assert description.complaints(description.problem_pointer(body), body) == []

"""The specification: what Airbyte's form needs of it, and that the connector reads what it declares."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from airbyte_cdk.models import ConnectorSpecification
from airbyte_cdk.sources.declarative.models.declarative_component_schema import Spec
from airbyte_cdk.sources.declarative.parsers.model_to_component_factory import ModelToComponentFactory
from airbyte_cdk.test.standard_tests._spec_lint import find_secret_marking_errors
from jsonschema import Draft7Validator

from source_x_organic.config import Config, ConfigError, parse_config
from source_x_organic.config.credentials import CREDENTIAL_TYPES

Schema = Mapping[str, Any]

MANIFEST = yaml.safe_load((Path(__file__).parents[1] / "source_x_organic" / "manifest.yaml").read_text())
SPEC: Schema = MANIFEST["spec"]["connection_specification"]
OAUTH1 = {
    "auth_type": "oauth1",
    "consumer_key": "invented-consumer-key-1",
    "consumer_secret": "invented-consumer-secret-1",
    "access_token": "1-invented-token",
    "access_token_secret": "invented-token-secret-1",
}


# What Airbyte's set-up form breaks on or loses data by, observed by rendering it (August 2026).

IGNORED_OR_BREAKING = (
    "$ref",
    "anyOf",
    "allOf",
    "not",
    "if",
    "then",
    "dependentRequired",
    "dependencies",
    "definitions",
)
NOT_IN_JAVASCRIPT = re.compile(r"\\[AZzhRKX]|\(\?(?![:=!]|<[=!])|\[\[:|[*+?}]\+")
HTML_THAT_SURVIVES = re.compile(r"</?(a|b|code|ul|li)\b[^>]*>")


def form_faults(schema: Schema, path: str = "", *, in_array: bool = False) -> Iterator[str]:
    """Yield what Airbyte's form would break on, lose or hide without a word."""
    yield from (f"{path}: {key}" for key in IGNORED_OR_BREAKING if key in schema)
    for check in (_type_faults, _choice_faults, _pattern_faults, _value_faults, _object_faults):
        yield from (f"{path}: {fault}" for fault in check(schema))
    yield from (f"{path}: {fault}" for fault in _secret_faults(schema, in_array=in_array))
    for name, part in schema.get("properties", {}).items():
        yield from (f"{path}.{name}: {fault}" for fault in _label_faults(name, part))
        yield from form_faults(part, f"{path}.{name}", in_array=in_array)
    for place, option in enumerate(schema.get("oneOf", [])):
        yield from form_faults(option, f"{path}<{place}>", in_array=in_array)
    if isinstance(schema.get("items"), Mapping):
        yield from form_faults(schema["items"], f"{path}[]", in_array=True)


def _type_faults(schema: Schema) -> Iterator[str]:
    if not isinstance(schema.get("type"), str):
        yield "needs one type"
    if schema.get("type") == "object" and not {"properties", "oneOf"} & schema.keys():
        yield "a map has no control and is emptied on save"
    items = schema.get("items", {})
    if schema.get("type") == "array" and not items:
        yield "an array needs items"
    if "oneOf" in items:
        yield "oneOf directly in items cannot be added to"
    if items.get("type") == "array":
        yield "an array of arrays crashes the form"


def _choice_faults(schema: Schema) -> Iterator[str]:
    options = schema.get("oneOf")
    if options is None:
        return
    if schema.get("type") != "object" or any(option.get("type") != "object" for option in options):
        yield "a choice and its options need type object"
    if "properties" in schema:
        yield "properties beside oneOf are ignored"
    key, values = _discriminator(options)
    if key is None or not all(values) or len(set(values)) < len(values):
        yield "options need one shared property with a truthy const of its own in each"
    if any(key not in option.get("required", ()) for option in options):
        yield "the discriminator must be required, or an API call may fit several options"
    if not all(option.get("title") and option.get("description") for option in options):
        yield "an option without title is a blank entry"
    if "default" in schema and schema["default"] not in values:
        yield "the default of a choice must be the const"


def _discriminator(options: list[Schema]) -> tuple[str | None, list[Any]]:
    consts = [
        {name: part["const"] for name, part in option.get("properties", {}).items() if "const" in part}
        for option in options
    ]
    shared = set.intersection(*(set(const) for const in consts))
    key = next(iter(shared), None)
    return key, [const.get(key) for const in consts]


def _pattern_faults(schema: Schema) -> Iterator[str]:
    pattern = schema.get("pattern")
    if pattern is None:
        if schema.get("format") in {"date", "date-time"}:
            yield "a date needs a pattern, or anything goes through"
        return
    if NOT_IN_JAVASCRIPT.search(pattern):
        yield "the pattern does not mean the same in JavaScript"
    re.compile(pattern)
    if not (pattern.startswith("^") and pattern.endswith("$")):
        yield "the pattern is not anchored"
    if not schema.get("pattern_descriptor"):
        yield "without a descriptor the form shows the pattern"


def _value_faults(schema: Schema) -> Iterator[str]:
    enum = schema.get("enum", [])
    if not all(enum):
        yield "a falsy value of an enum cannot be chosen"
    if enum and "default" in schema and schema["default"] not in enum:
        yield "the default is not in the enum"
    if "const" in schema and not schema["const"]:
        yield "a falsy const fails the form"


def _object_faults(schema: Schema) -> Iterator[str]:
    parts = schema.get("properties", {})
    for name in schema.get("required", ()):
        part = parts.get(name)
        if part is None:
            yield f"requires {name}, which it does not have"
        elif "default" not in part and (part.get("type") == "boolean" or part.get("airbyte_hidden")):
            yield f"{name} has no default, so the form cannot be sent"
    orders = [part.get("order") for part in parts.values()]
    if sorted(order for order in orders if order is not None) != list(range(len(orders))) and not _is_root(schema):
        yield "orders are not 0, 1, 2 …"
    yield from (
        f"{name} is never really optional, and its first option demands something"
        for name, part in parts.items()
        if "oneOf" in part and name not in schema.get("required", ()) and not _default_option_needs_nothing(part)
    )


def _default_option_needs_nothing(choice: Schema) -> bool:
    key, values = _discriminator(choice["oneOf"])
    default = choice.get("default", values[0])
    option = choice["oneOf"][values.index(default) if default in values else 0]
    return bool(option.get("required", []) == [key])


def _secret_faults(schema: Schema, *, in_array: bool) -> Iterator[str]:
    if "airbyte_secret" not in schema:
        return
    if schema["airbyte_secret"] is not True or schema.get("type") != "string":
        yield "a secret is a string with airbyte_secret: true"
    yield from (
        f"{key} on a secret refuses the mask when the source is edited"
        for key in ("pattern", "format", "minLength", "maxLength", "enum", "default")
        if key in schema
    )
    if in_array:
        yield "a secret inside an array is destroyed when the source is edited"


def _label_faults(name: str, part: Schema) -> Iterator[str]:
    if "." in name:
        yield "the value of a key with a dot is lost"
    if "const" in part:
        return
    if not part.get("title") or not part.get("description"):
        yield "no title or no description"
    if "group" in part and not isinstance(part["group"], str):
        yield "a group is named by its id"
    text = part.get("description", "")
    if "\n" in text or re.search(r"[`*<>]|\]\(", HTML_THAT_SURVIVES.sub("", text)):
        yield "a description shows only a, b, code, ul and li"
    items = part.get("items", {})
    if "pattern" in items and not (items.get("pattern_descriptor") and part.get("pattern_descriptor")):
        yield "tags need the descriptor in items (message) and on the array (hint)"


def _is_root(schema: Schema) -> bool:
    return "groups" in schema


def test_airbytes_form_can_show_and_save_the_whole_specification() -> None:
    assert list(form_faults(SPEC)) == []


PLAIN = {"type": "string", "title": "A", "description": "A.", "order": 0}
OPTION = {
    "title": "One",
    "description": "One.",
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"type": "string", "const": "one", "order": 0}},
}
CHOICE = {"type": "object", "title": "A", "description": "A.", "order": 0, "oneOf": [OPTION]}


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ({**PLAIN, "type": ["string", "null"]}, ".a: needs one type"),
        ({**PLAIN, "$ref": "#/definitions/a"}, ".a: $ref"),
        ({**PLAIN, "type": "object"}, ".a: a map has no control and is emptied on save"),
        ({**PLAIN, "type": "array"}, ".a: an array needs items"),
        (
            {**PLAIN, "type": "array", "items": {"type": "object", "oneOf": [OPTION]}},
            ".a: oneOf directly in items cannot be added to",
        ),
        (
            {**PLAIN, "type": "array", "items": {"type": "string", "airbyte_secret": True}},
            ".a[]: a secret inside an array is destroyed when the source is edited",
        ),
        (
            {**PLAIN, "type": "array", "items": {"type": "string", "pattern": "^a$", "pattern_descriptor": "a"}},
            ".a: tags need the descriptor in items (message) and on the array (hint)",
        ),
        (
            {**PLAIN, "airbyte_secret": True, "pattern": "^a$", "pattern_descriptor": "a"},
            ".a: pattern on a secret refuses the mask when the source is edited",
        ),
        (
            {**PLAIN, "airbyte_secret": True, "type": "integer"},
            ".a: a secret is a string with airbyte_secret: true",
        ),
        (
            {**PLAIN, "pattern": "(?i)^a$", "pattern_descriptor": "a"},
            ".a: the pattern does not mean the same in JavaScript",
        ),
        ({**PLAIN, "pattern": "a", "pattern_descriptor": "a"}, ".a: the pattern is not anchored"),
        ({**PLAIN, "pattern": "^a$"}, ".a: without a descriptor the form shows the pattern"),
        ({**PLAIN, "format": "date"}, ".a: a date needs a pattern, or anything goes through"),
        ({**PLAIN, "type": "integer", "enum": [0, 1]}, ".a: a falsy value of an enum cannot be chosen"),
        ({**PLAIN, "enum": ["a"], "default": "b"}, ".a: the default is not in the enum"),
        ({**PLAIN, "description": "Run `x`."}, ".a: a description shows only a, b, code, ul and li"),
        ({**PLAIN, "title": ""}, ".a: no title or no description"),
        (
            {**CHOICE, "properties": {}},
            ".a: properties beside oneOf are ignored",
        ),
        (
            {**CHOICE, "oneOf": [OPTION, OPTION]},
            ".a: options need one shared property with a truthy const of its own in each",
        ),
        ({**CHOICE, "default": {"kind": "one"}}, ".a: the default of a choice must be the const"),
        (
            {**CHOICE, "oneOf": [{**OPTION, "required": ["kind", "b"]}]},
            ": a is never really optional, and its first option demands something",
        ),
        ({**CHOICE, "oneOf": [{**OPTION, "title": ""}]}, ".a: an option without title is a blank entry"),
    ],
)
def test_a_specification_that_the_form_mishandles_is_noticed(part: Schema, fault: str) -> None:
    assert fault in list(form_faults({"type": "object", "properties": {"a": part}}))


def test_a_required_switch_without_default_is_noticed() -> None:
    switch = {**PLAIN, "type": "boolean"}
    schema = {"type": "object", "required": ["a"], "properties": {"a": switch}}
    assert list(form_faults(schema)) == [": a has no default, so the form cannot be sent"]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to compile the patterns as a browser does")
def test_every_pattern_compiles_in_javascript() -> None:
    patterns = [schema["pattern"] for schema in _all_schemas(SPEC) if "pattern" in schema]
    program = "for (const p of JSON.parse(process.argv[1])) new RegExp(p, 'u')"
    ran = subprocess.run(["node", "-e", program, json.dumps(patterns)], check=False, capture_output=True, text=True)  # noqa: S607
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(patterns) > 5


def test_every_property_stands_in_a_declared_card_in_an_order_of_its_own() -> None:
    cards = [group["id"] for group in SPEC["groups"]]
    places = [(cards.index(part["group"]), part["order"]) for part in SPEC["properties"].values()]
    assert places == sorted(set(places))
    assert {cards[card] for card, _ in places} == set(cards)


def test_nothing_inside_a_property_names_a_card() -> None:
    inside = [part for part in _all_schemas(SPEC) if part is not SPEC and part not in SPEC["properties"].values()]
    assert [part for part in inside if "group" in part or "groups" in part] == []


def _all_schemas(schema: Schema) -> Iterator[Schema]:
    yield schema
    for part in [*schema.get("properties", {}).values(), *schema.get("oneOf", [])]:
        yield from _all_schemas(part)
    if "items" in schema:
        yield from _all_schemas(schema["items"])


# The connector reads what the specification declares: one truth.


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    """Return pydantic's schema of a part, as plain as the specification writes it."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_resolved(definitions[name], definitions), **rest}
    if "anyOf" in schema:
        option = next(option for option in schema["anyOf"] if option.get("type") != "null")
        rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
        return {**_resolved(option, definitions), **rest}
    return schema


COMPARED = ("type", "enum", "const", "default", "minimum", "maximum", "minItems", "maxItems")


def differences(spec: Schema, model: Schema, definitions: Schema, path: str = "") -> Iterator[str]:
    """Yield where the specification and pydantic's JSON schema of the model part."""
    model = _resolved(model, definitions)
    if "oneOf" in spec:
        yield from _option_differences(spec, model, definitions, path)
        return
    for key in COMPARED:
        ours, theirs = spec.get(key), model.get(key)
        if ours != theirs and not (key == "default" and (spec.get("type") == "object" or "const" in spec)):
            yield f"{path}: {key} is {ours!r} in the specification and {theirs!r} in the model"
    if "pattern" in model and model["pattern"] != spec.get("pattern"):
        yield f"{path}: the patterns differ"
    if "properties" in spec:
        yield from _property_differences(spec, model, definitions, path)
    if "items" in spec:
        yield from differences(spec["items"], model.get("items", {}), definitions, f"{path}[]")


def _property_differences(spec: Schema, model: Schema, definitions: Schema, path: str) -> Iterator[str]:
    ours, theirs = spec["properties"], model.get("properties", {})
    if list(ours) != list(theirs) and set(ours) != set(theirs):
        yield f"{path}: {sorted(set(ours) ^ set(theirs))} on one side only"
    consts = {name for name, part in ours.items() if "const" in part}
    if set(spec.get("required", ())) - consts != set(model.get("required", ())):
        yield f"{path}: the required properties differ"
    for name in ours.keys() & theirs.keys():
        yield from differences(ours[name], theirs[name], definitions, f"{path}.{name}")


def _option_differences(spec: Schema, model: Schema, definitions: Schema, path: str) -> Iterator[str]:
    key, values = _discriminator(spec["oneOf"])
    discriminator = model["discriminator"]
    if discriminator["propertyName"] != key or list(discriminator["mapping"]) != sorted(values):
        yield f"{path}: the options differ"
    if model.get("default", {}).get(key) != spec.get("default"):
        yield f"{path}: the defaults differ"
    for value, option in zip(values, spec["oneOf"], strict=True):
        theirs = {"$ref": discriminator["mapping"][value]}
        yield from differences(option, theirs, definitions, f"{path}<{value}>")


MODEL = Config.model_json_schema(by_alias=True)


def test_the_model_and_the_specification_have_the_same_properties_defaults_bounds_and_choices() -> None:
    comparable = {**SPEC, "properties": {**SPEC["properties"], "account_credentials": {"type": "array", "default": []}}}
    assert list(differences(comparable, MODEL, MODEL["$defs"])) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("lookback_window_days", {"maximum": 31}),
        ("api_access", {"enum": ["X_API"]}),
        ("sync_mode", {"default": "SpecificAccounts"}),
        ("base_urls", {"properties": {}}),
        ("credentials", {"oneOf": SPEC["properties"]["credentials"]["oneOf"][:2]}),
    ],
)
def test_a_difference_between_model_and_specification_is_noticed(name: str, change: Schema) -> None:
    properties = {**SPEC["properties"], name: {**SPEC["properties"][name], **change}}
    found = list(differences({**SPEC, "properties": properties}, MODEL, MODEL["$defs"]))
    assert any(difference.startswith(f".{name}") for difference in found)


def test_account_credentials_is_one_secret_text_for_many_lines() -> None:
    part = SPEC["properties"]["account_credentials"]
    assert (part["type"], part["airbyte_secret"], part["multiline"]) == ("string", True, True)


def test_a_property_is_secret_in_the_specification_exactly_where_the_model_keeps_it_secret() -> None:
    options = {_discriminator([option])[1][0]: option for option in SPEC["properties"]["credentials"]["oneOf"]}
    marked = {
        auth_type: {name for name, part in option["properties"].items() if part.get("airbyte_secret")}
        for auth_type, option in options.items()
    }
    kept = {
        auth_type: {name for name, field in model.model_fields.items() if "SecretStr" in str(field.annotation)}
        for auth_type, model in CREDENTIAL_TYPES.items()
    }
    assert marked == kept


def _filled(spec: Schema) -> Any:  # noqa: ANN401 - a configuration may hold anything
    """Return what the form sends for a part when nothing but required text is typed."""
    if "oneOf" in spec:
        _, values = _discriminator(spec["oneOf"])
        return _filled(spec["oneOf"][values.index(spec.get("default", values[0]))])
    if "properties" in spec:
        sent = {name: _filled(part) for name, part in spec["properties"].items()}
        return {name: value for name, value in sent.items() if value is not None}
    return spec.get("const", spec.get("default"))


def test_what_the_form_sends_when_only_the_keys_are_typed_is_every_default() -> None:
    sent = {**_filled(SPEC), "credentials": OAUTH1}
    assert sent == {
        "credentials": OAUTH1,
        "api_access": "X_API",
        "sync_mode": "AllAccounts",
        "accounts": [],
        "timeframe_months": "THREE",
        "lookback_window_days": 7,
        "insights_window_days": 30,
        "custom_reports": [],
        "constant_columns": [],
        "table_layout": "native",
        "base_urls": {
            "x_api": "https://api.x.com",
            "ads_api": "https://ads-api.x.com",
            "engagement_api": "https://data-api.x.com",
        },
    }
    assert parse_config(sent) == parse_config({"credentials": OAUTH1})


URLS = [
    "https://api.x.com",
    "https://api.x.com/",
    "https://proxy.example/x",
    "http://localhost:8080",
    "http://127.0.0.1:1",
    "http://127.9.8.7/x",
    "http://[::1]:80",
    "http://api.x.com",
    "http://localhost.example",
    "http://127.0.0.1.example",
    "ftp://api.x.com",
    "https://a:b@api.x.com",
    "https://api.x.com?a=b",
    "https://api.x.com#a",
    "api.x.com",
]


@pytest.mark.parametrize("url", URLS)
def test_the_form_accepts_an_address_exactly_if_the_connector_does(url: str) -> None:
    pattern = SPEC["properties"]["base_urls"]["properties"]["x_api"]["pattern"]
    try:
        parse_config({"credentials": OAUTH1, "base_urls": {"x_api": url}})
        accepted = True
    except ConfigError:
        accepted = False
    assert bool(re.search(pattern, url)) == accepted


# The protocol.


@pytest.fixture(scope="module")
def specification() -> ConnectorSpecification:
    component = ModelToComponentFactory().create_component(Spec, MANIFEST["spec"], {})
    message: ConnectorSpecification = component.generate_spec()
    return message


def test_the_cdk_loads_the_specification_unchanged(specification: ConnectorSpecification) -> None:
    assert specification.connectionSpecification == SPEC
    assert specification.documentationUrl == MANIFEST["spec"]["documentation_url"]


def test_the_cdks_own_lint_finds_every_secret_marked(specification: ConnectorSpecification) -> None:
    assert find_secret_marking_errors(specification.connectionSpecification) == []


def test_the_specification_is_valid_json_schema_of_draft_7() -> None:
    Draft7Validator.check_schema(SPEC)
    assert SPEC["$schema"] == "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize("example_of", ["custom_reports", "constant_columns"])
def test_every_example_passes_its_own_schema(example_of: str) -> None:
    for part in _all_schemas(SPEC["properties"][example_of]):
        schema = part["items"] if part["type"] == "array" and "examples" in part else part
        for example in part.get("examples", []):
            Draft7Validator(schema).validate(example)


def test_oauth_2_asks_x_for_the_three_scopes_with_the_state_as_code_verifier(
    specification: ConnectorSpecification,
) -> None:
    assert specification.advanced_auth is not None
    assert specification.advanced_auth.predicate_key == ["credentials", "auth_type"]
    assert specification.advanced_auth.predicate_value == "oauth2"
    oauth = specification.advanced_auth.oauth_config_specification
    assert oauth is not None
    flow = oauth.oauth_connector_input_specification
    assert flow is not None
    assert flow.consent_url == (
        "https://x.com/i/oauth2/authorize?response_type=code&{{ client_id_param }}&{{ redirect_uri_param }}"
        "&scope={{ scope_value | urlencode | replace('+', '%20') }}&{{ state_param }}"
        "&code_challenge={{ state_value | codechallengeS256 }}&code_challenge_method=S256"
    )
    assert flow.scope == "tweet.read users.read offline.access"
    assert flow.access_token_url == "https://api.x.com/2/oauth2/token"
    assert flow.access_token_headers == {
        "Authorization": "Basic {{ (client_id_value ~ ':' ~ client_secret_value) | b64encode }}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    assert flow.access_token_params == {
        "grant_type": "authorization_code",
        "code": "{{ auth_code_value }}",
        "redirect_uri": "{{ redirect_uri_value }}",
        "code_verifier": "{{ state_value }}",
    }
    assert flow.extract_output == ["access_token", "refresh_token", "expires_in"]
    assert flow.state is not None
    assert 43 <= flow.state.min <= flow.state.max <= 128  # RFC 7636, length of a code verifier


def test_what_oauth_2_brings_back_has_a_place_in_the_configuration(specification: ConnectorSpecification) -> None:
    assert specification.advanced_auth is not None
    oauth = specification.advanced_auth.oauth_config_specification
    assert oauth is not None
    outputs = (oauth.complete_oauth_output_specification, oauth.complete_oauth_server_output_specification)
    paths = [part["path_in_connector_config"] for output in outputs for part in (output or {})["properties"].values()]
    assert paths == [
        ["credentials", name]
        for name in ("access_token", "refresh_token", "token_expiry_date", "client_id", "client_secret")
    ]
    declared = next(
        option["properties"] for option in SPEC["properties"]["credentials"]["oneOf"] if option["title"] == "OAuth 2.0"
    )
    assert {path[1] for path in paths} == set(declared) - {"auth_type"}

"""What posts say: texts with their entities, drawn once per account and shared by its posts.

Offsets count Unicode code points, as X's do. Everything that does not depend on the single post is kept serialised,
so that a page of posts costs little.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from x_simulator.phrases import DOMAINS, SENTENCES, TOPICS
from x_simulator.randomness import mixed_bits, seeded_letters

Entities = dict[str, list[dict[str, Any]]]
CONTENTS_PER_ACCOUNT = 48
LONGEST_TEXT = 280
SHORT_LINK_LENGTH = 23


@dataclass(frozen=True, slots=True)
class Content:
    """One text that posts of an account share; each post adds its own number at the end.

    `entities` holds offsets into `text`; `long_text` is what a long post with this content says in full.
    """

    text: str
    long_text: str
    lang: str
    entities: Entities
    entities_json: orjson.Fragment
    context_annotations: orjson.Fragment
    popularity: int


class _Writer:
    """Builds a text piece by piece and notes the entities in it."""

    def __init__(self) -> None:
        self.text = ""
        self.entities: Entities = {}

    def say(self, words: str) -> None:
        self.text += (" " if self.text else "") + words

    def mark(self, kind: str, words: str, details: dict[str, Any]) -> None:
        self.say(words)
        end = len(self.text)
        self.entities.setdefault(kind, []).append({"start": end - len(words), "end": end, **details})


def shifted(entities: Entities, offset: int) -> Entities:
    """Return the entities moved by `offset`."""
    return {
        kind: [{**item, "start": item["start"] + offset, "end": item["end"] + offset} for item in items]
        for kind, items in entities.items()
    }


def short_link(*parts: object) -> str:
    """Return an invented t.co address of the length that X's have."""
    return f"https://t.co/{seeded_letters(SHORT_LINK_LENGTH - 13, 'link', *parts)}"


def _linked_page(username: str, number: int, topic: str) -> dict[str, Any]:
    page = f"https://www.{username.lower().replace('_', '-')}.example/journal/{topic}-{number}"
    return {
        "url": short_link(username, number),
        "expanded_url": page,
        "display_url": page.removeprefix("https://www.")[:26] + "…",
        "images": [
            {
                "url": f"https://pbs.twimg.com/news_img/{username}/{number}?format=jpg&name=orig",
                "width": 1600,
                "height": 900,
            },
            {
                "url": f"https://pbs.twimg.com/news_img/{username}/{number}?format=jpg&name=150x150",
                "width": 150,
                "height": 150,
            },
        ],
        "status": 200,
        "title": f"Journal {number}: notes on {topic}",
        "description": f"What we tried, what failed and what we kept: entry {number} of our public journal on {topic}.",
        "unwound_url": page,
    }


def _annotations(topic: str, bits: int) -> list[dict[str, Any]]:
    _, names = TOPICS.get(topic, TOPICS["workshop"])
    count = 3 + bits % 3
    chosen: list[dict[str, Any]] = []
    for number in range(count):
        identifier, domain, described = DOMAINS[number % len(DOMAINS)]
        name = names[(bits + number) % len(names)]
        chosen.append(
            {
                "domain": {"id": identifier, "name": domain, "description": described},
                "entity": {
                    "id": str(1_000_000_000_000_000_000 + (bits + number * 7919) % 899_999_999_999),
                    "name": name,
                    "description": f"Posts about {name.lower()} and everything around it",
                },
            }
        )
    return chosen


def _written(bits: int, lang: str, topic: str, username: str, others: tuple[tuple[str, int], ...]) -> _Writer:
    sentences = SENTENCES[lang]
    tags, _ = TOPICS.get(topic, TOPICS["workshop"])
    number = bits % 900 + 100
    writer = _Writer()
    writer.say(sentences[bits % len(sentences)])
    if (bits >> 6) % 3:
        writer.say(sentences[(bits >> 8) % len(sentences)])
    if others and (bits >> 12) % 3 == 0:
        name, identifier = others[(bits >> 14) % len(others)]
        writer.mark("mentions", f"@{name}", {"username": name, "id": str(identifier)})
    for place in range((bits >> 18) % 3):
        tag = tags[(bits + place) % len(tags)]
        writer.mark("hashtags", f"#{tag}", {"tag": tag})
    if (bits >> 22) % 11 == 0:
        writer.mark("cashtags", "$QLMX", {"tag": "QLMX"})
    if (bits >> 26) % 5:
        page = _linked_page(username, number, tags[0])
        writer.mark("urls", page["url"], page)
    return writer


def _content(
    key: int, place: int, *, languages: tuple[str, ...], topic: str, username: str, others: tuple[tuple[str, int], ...]
) -> Content:
    bits = mixed_bits(key, place)
    lang = languages[place % len(languages)]
    writer = _written(bits, lang, topic, username, others)
    more = " ".join(SENTENCES[lang])
    sentences_again = " ".join(reversed(SENTENCES[lang]))[:160]
    return Content(
        text=writer.text,
        long_text=f"{writer.text}\n\n{more}\n\n{sentences_again}",
        lang=lang,
        entities=writer.entities,
        entities_json=orjson.Fragment(orjson.dumps(writer.entities)),
        context_annotations=orjson.Fragment(orjson.dumps(_annotations(topic, bits >> 30))),
        popularity=1 + (bits >> 40) % 9,
    )


def contents_of(
    key: int, *, languages: tuple[str, ...], topic: str, username: str, others: tuple[tuple[str, int], ...]
) -> tuple[Content, ...]:
    """Return what an account has to say; `others` are the (username, user id) pairs it may mention."""
    return tuple(
        _content(key, place, languages=languages, topic=topic, username=username, others=others)
        for place in range(CONTENTS_PER_ACCOUNT)
    )


def plain_content(text: str, lang: str) -> Content:
    """Return the content of a post made by hand: the text as given, without entities."""
    nothing = orjson.Fragment(b"{}")
    annotations = orjson.Fragment(orjson.dumps(_annotations("workshop", len(text))))
    return Content(text, text, lang, {}, nothing, annotations, popularity=3)

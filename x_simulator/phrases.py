"""Sentences that invented accounts post, by language; no real person, product or place is meant."""

SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "Morning light in the workshop, kettle on, first prototypes of the week on the bench ☕️",
        "We measured everything twice and still found a better way to do it on the third day.",
        "Small batch, slow work, honest materials: the new series leaves the house today 🚚",
        "A customer sent us a photo of a piece we made nine years ago and it still looks great.",
        "What would you like to see next? Tell us and we will draw it on the wall.",
        "Three things we learnt this month about repairs, patience and very good glue.",
        "Our autumn hours start on Monday; come by, touch things, ask anything 🍂",
        "The numbers are in: returns down by a third since we changed the packaging.",
        "Behind the scenes: how one seam decides whether a bag lasts two years or twenty.",
        "Thank you for the patience while the site was slow, everything is fast again 💛",
        "We wrote down how we choose suppliers, including the three times we got it wrong.",
        "Live tonight at eight: the whole team answers your questions for one hour 🎙️",
    ),
    "de": (
        "Heute früh im Hof: frisch geölte Bretter, zwölf Grad und endlich wieder Sonne ☀️",
        "Wir haben die Anleitung überarbeitet, damit der Aufbau auch wirklich allein gelingt.",
        "Größe, Gewicht, Preis: alle Änderungen der neuen Serie auf einen Blick.",
        "Danke für eure vielen Rückmeldungen, wir lesen jede einzelne und antworten bis Freitag.",
        "Noch drei freie Plätze beim Abendkurs, meldet euch, solange es welche gibt 🔧",
    ),
    "es": (
        "Hoy abrimos el taller a las nueve: café, madera y mucha música 🎶",
        "¿Reparar o comprar de nuevo? Contamos cuándo merece la pena cada cosa.",
        "Gracias a quienes pasaron el sábado, fue el mejor día del año para el equipo.",
        "La nueva colección llega el jueves, con más colores y el mismo precio de siempre.",
        "Una pieza, cuatro manos, seis horas: así se hace nuestro modelo más querido.",
    ),
    "fr": (
        "Ce matin à l’atelier : une idée, deux croquis et déjà un premier essai ✏️",  # noqa: RUF001 - French
        "Où en est la livraison ? Désormais on vous prévient à chaque étape, promis.",
        "Nos heures d’été commencent lundi, venez nous voir avant la chaleur.",  # noqa: RUF001 - French
        "Réparer, c’est aimer un peu plus longtemps ce que l’on a déjà choisi.",  # noqa: RUF001 - French
        "Merci à toutes et à tous pour cette année, la suivante s’annonce très belle 🌿",  # noqa: RUF001 - French
    ),
    "ja": (
        "今朝の工房から。新しい色の試作がやっと形になりました🌸",
        "修理の受付は毎週水曜日です。写真を送っていただければすぐにお返事します。",
        "小さな改良ですが、持ち手がとても握りやすくなりました。",
        "ご来店ありがとうございました。次の展示は来月の予定です📅",
        "材料を選ぶところから、すべて自分たちの手で行っています。",
    ),
}

TOPICS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "workshop": (
        ("handmade", "workshop", "repair", "design", "slowmade"),
        ("Crafts", "Product design", "Repair culture"),
    ),
    "coffee": (("coffee", "roasting", "espresso", "brewing", "café"), ("Coffee", "Food and drink", "Small business")),
    "furniture": (
        ("furniture", "oak", "interior", "lighting", "smallspaces"),
        ("Furniture", "Interior design", "Wood"),
    ),
    "bikes": (("cycling", "commute", "bikelife", "steelframe", "gravel"), ("Cycling", "Urban mobility", "Outdoors")),
    "outdoor": (("outdoor", "trail", "rainwear", "microadventure", "hike"), ("Hiking", "Outdoor clothing", "Travel")),
}

DOMAINS: tuple[tuple[str, str, str], ...] = (
    ("46", "Business Taxonomy", "Categories within brand verticals that narrow down the scope of brands"),
    (
        "30",
        "Entities [Entity Service]",
        "Entity service top level domain, every item in this domain is a topic of a post",
    ),
    ("131", "Unified Topic", "A taxonomy view of the interests that people follow across languages and countries"),
    (
        "66",
        "Interests and Hobbies Category",
        "A grouping of interests and hobbies such as food, travel or making things",
    ),
)

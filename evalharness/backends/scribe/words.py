"""Words for answers that say nothing: around a right one, instead of it, and to decline.

No sentence has a digit, a bracket or a word that settles a question (“answer”, “option”).
"""

from __future__ import annotations

from typing import Final

SENTENCES: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "The kitchen window looks out on a row of old pear trees.",
        "My grandmother keeps her buttons in a tin from the seaside.",
        "Some people like to walk home slowly when it snows.",
        "The neighbours painted their garden fence again last summer.",
        "A good loaf needs patience more than anything else.",
        "Our postman whistles the same tune every morning.",
        "The lamp above the stairs has flickered for weeks.",
        "Nobody remembers who planted the hedge behind the school.",
        "Her uncle repairs clocks in a small shop near the bridge.",
        "In spring the meadow is full of tiny yellow flowers.",
        "The baker closes early when his daughter sings.",
        "We found a blue scarf on the bench by the pond.",
    ),
    "de": (
        "Das Küchenfenster geht auf eine Reihe alter Birnbäume hinaus.",
        "Meine Großmutter bewahrt ihre Knöpfe in einer Blechdose auf.",
        "Manche Leute gehen gern langsam nach Hause, wenn es schneit.",
        "Die Nachbarn haben im Sommer ihren Gartenzaun neu gestrichen.",
        "Ein gutes Brot braucht vor allem Geduld.",
        "Unser Briefträger pfeift jeden Morgen dasselbe Lied.",
        "Die Lampe über der Treppe flackert schon seit Wochen.",
        "Niemand weiß mehr, wer die Hecke hinter der Schule gepflanzt hat.",
        "Ihr Onkel repariert Uhren in einem kleinen Laden an der Brücke.",
        "Auf der Bank am Teich lag ein blauer Schal.",
    ),
    "fr": (
        "La fenêtre de la cuisine donne sur une rangée de vieux poiriers.",
        "Ma grand-mère garde ses boutons dans une boîte en fer.",
        "Certains aiment marcher lentement quand il neige.",
        "Nos voisins ont repeint la clôture de leur jardin cet été.",
        "Un bon pain demande surtout de la patience.",
        "Notre facteur siffle le même air chaque matin.",
        "La lampe de l'escalier clignote depuis des semaines.",
        "Personne ne sait plus qui a planté la haie derrière l'école.",
        "Son oncle répare des horloges dans une petite boutique près du pont.",
        "Une écharpe bleue traînait sur le banc au bord de l'étang.",
    ),
    "es": (
        "La ventana de la cocina da a una fila de perales viejos.",
        "Mi abuela guarda los botones en una caja de hojalata.",
        "A algunos les gusta caminar despacio cuando nieva.",
        "Los vecinos pintaron otra vez la valla de su jardín.",
        "Un buen pan necesita sobre todo paciencia.",
        "Nuestro cartero silba la misma canción todas las mañanas.",
        "La lámpara de la escalera parpadea desde hace semanas.",
        "Nadie recuerda quién plantó el seto detrás de la escuela.",
        "Su tío arregla relojes en una tienda pequeña cerca del puente.",
        "En el banco junto al estanque había una bufanda azul.",
    ),
    "it": (
        "La finestra della cucina guarda su una fila di vecchi peri.",
        "Mia nonna conserva i bottoni in una scatola di latta.",
        "Ad alcuni piace camminare lentamente quando nevica.",
        "I vicini hanno ridipinto lo steccato del loro giardino.",
        "Un buon pane ha bisogno soprattutto di pazienza.",
        "Il nostro postino fischia ogni mattina la stessa canzone.",
        "La lampada sopra le scale tremola da settimane.",
        "Nessuno ricorda chi abbia piantato la siepe dietro la scuola.",
        "Suo zio ripara orologi in una piccola bottega vicino al ponte.",
        "Sulla panchina accanto allo stagno c'era una sciarpa azzurra.",
    ),
}
"""By language (ISO 639-1). Prompts that ask for another one are given English."""

DECLINED: Final = {
    "en": "I'm sorry, but I can't help with that.",
    "de": "Es tut mir leid, aber dabei kann ich leider nicht helfen.",
    "fr": "Je suis désolé, mais je ne peux pas vous aider pour cela.",
    "es": "Lo siento mucho, pero no puedo ayudarle con eso.",
    "it": "Mi dispiace molto, ma non posso aiutarla in questo.",
}

LED_IN: Final = {
    "en": "The answer is:",
    "de": "Die Antwort lautet:",
    "fr": "Voici la réponse :",
    "es": "Esta es la respuesta:",
    "it": "Ecco la risposta:",
}
"""What stands before an answer that others surround."""


def language(asked: str) -> str:
    """The language that is written where `asked` (ISO 639-1) is wanted."""
    return asked if asked in SENTENCES else "en"

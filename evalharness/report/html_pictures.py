"""Pictures in a report: a gallery of prompts × models, and those that say most."""

from __future__ import annotations

from collections.abc import Sequence

from evalharness.board.compare import Comparison
from evalharness.board.compare.comparison import PromptApart
from evalharness.board.gallery import GalleryOutput, GalleryPage
from evalharness.board.numbers import number_text, signed_text
from evalharness.board.profile import Profile
from evalharness.board.profile.model_profile import ShownPicture
from evalharness.ledger.store import Store
from evalharness.report.html_tables import scrolled
from evalharness.report.markup import NOTHING, Html, element, joined, text
from evalharness.report.thumbnails import output_tile, thumbnail

MOST_SEEDS = 4
"""Outputs shown of one model to one prompt where sides are compared; the gallery shows one."""


def gallery_section(store: Store, page: GalleryPage) -> Html:
    """The first prompts, each with every model's first output."""
    heads = [element("th", text("Prompt"), scope="col", class_="name")]
    heads += [element("th", text(model.title), scope="col") for model in page.models]
    rows = [
        element(
            "tr",
            element(
                "th",
                text(row.text),
                element("small", text(row.prompt_id)),
                scope="row",
                class_="name",
            ),
            *(
                element("td", _first(store, row.cells.get(model.model, ())))
                for model in page.models
            ),
        )
        for row in page.rows
    ]
    table = element(
        "table", element("thead", element("tr", *heads)), element("tbody", *rows), class_="gallery"
    )
    told = f"{len(page.rows)} of {page.total} prompts, the first seed of each."
    return joined([scrolled(table), element("p", text(told), class_="note")])


def _first(store: Store, outputs: Sequence[GalleryOutput]) -> Html:
    return output_tile(store, outputs[0]) if outputs else NOTHING


def apart_section(store: Store, found: Comparison) -> Html:
    """The prompts that two sides differ most on, with what both made of them."""
    if found.apart is None:
        return NOTHING
    parts = []
    for side, prompts in (
        (found.first, found.apart.for_first),
        (found.second, found.apart.for_second),
    ):
        if prompts:
            told = f"Most in favour of {side.label}, by {found.apart.metric}"
            parts.append(element("h4", text(told)))
            cards = (_pair(store, found, one, found.apart.metric) for one in prompts)
            parts.append(element("div", *cards, class_="pairs"))
    return element("section", *parts, class_="sheet")


def _pair(store: Store, found: Comparison, prompt: PromptApart, metric: str) -> Html:
    sides = [
        element(
            "div",
            element("small", text(side.label)),
            element(
                "div",
                *(_scored(store, output, metric) for output in outputs[:MOST_SEEDS]),
                class_="tiles",
            ),
        )
        for side, outputs in ((found.first, prompt.first), (found.second, prompt.second))
    ]
    told = f"{prompt.prompt_id} · difference {signed_text(prompt.difference)}"
    return element(
        "article",
        element("p", text(prompt.text), element("small", text(told))),
        element("div", *sides, class_="sides"),
        class_="pair",
    )


def _scored(store: Store, output: GalleryOutput, metric: str) -> Html:
    score = output.scores.get(metric)
    caption = [] if score is None else [element("figcaption", text(number_text(score)))]
    return element("figure", output_tile(store, output), *caption)


def best_and_worst_section(store: Store, found: Profile) -> Html:
    """A model's best and worst pictures; nothing where none were scored."""
    if not found.best:
        return NOTHING
    told = f"by {found.pictures_by} against the other models on the same prompt"
    parts = []
    for name, shown in (("Best pictures", found.best), ("Worst pictures", found.worst)):
        parts.append(element("h4", text(f"{name}, {told}")))
        parts.append(element("div", *(_shown(store, one) for one in shown), class_="shown"))
    return element("section", *parts, class_="sheet")


def _shown(store: Store, one: ShownPicture) -> Html:
    told = f"{number_text(one.score)} · {signed_text(one.gain)} · seed {one.seed}"
    return element(
        "figure",
        thumbnail(store, one.sha256, one.text),
        element("figcaption", text(one.text), element("small", text(told))),
    )

"""Pictures in a report: a gallery of prompts × models, and those that say most."""

from __future__ import annotations

from collections.abc import Sequence

from evalharness.board.compare import Comparison
from evalharness.board.compare.comparison import PromptApart
from evalharness.board.gallery import GalleryOutput, GalleryPage
from evalharness.board.influences import HurtfulPicture
from evalharness.board.numbers import number_text, signed_text, size_text
from evalharness.board.profile import Profile
from evalharness.board.profile.model_profile import ShownPicture
from evalharness.ledger.store import Store
from evalharness.report.html_tables import scrolled
from evalharness.report.markup import NOTHING, Html, element, joined, text
from evalharness.report.thumbnails import GIVEN, output_tile, thumbnail

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
                *(thumbnail(store, one.sha256, GIVEN) for one in row.prompt.images),
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


def telling_pictures(store: Store, found: Profile) -> Html:
    """A model's best and worst pictures, and those that hurt a metric on sets most."""
    by = f"by {found.pictures_by} against the other models on the same prompt"
    rows = [
        (f"Best pictures, {by}", [_shown(store, one) for one in found.best]),
        (f"Worst pictures, {by}", [_shown(store, one) for one in found.worst]),
        (
            f"Pictures that raise {found.hurting_by} most",
            [_hurtful(store, one) for one in found.hurting],
        ),
    ]
    parts = [
        joined([element("h4", text(title)), element("div", *figures, class_="shown")])
        for title, figures in rows
        if figures
    ]
    return element("section", *parts, class_="sheet") if parts else NOTHING


def _hurtful(store: Store, one: HurtfulPicture) -> Html:
    told = f"by about {size_text(one.harm)} · seed {one.seed}"
    return element(
        "figure",
        thumbnail(store, one.sha256, one.prompt),
        element("figcaption", text(one.prompt), element("small", text(told))),
    )


def _shown(store: Store, one: ShownPicture) -> Html:
    told = f"{number_text(one.score)} · {signed_text(one.gain)} · seed {one.seed}"
    return element(
        "figure",
        thumbnail(store, one.sha256, one.text),
        element("figcaption", text(one.text), element("small", text(told))),
    )

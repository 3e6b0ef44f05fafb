"""Each published format in its documented shape, in files written here."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evalharness.catalog import registry
from evalharness.catalog.importing import import_prompts
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Prompt

Write = Callable[[str, str | bytes], Path]


def imported(name: str, path: Path) -> tuple[Prompt, ...]:
    return import_prompts(registry.prompt_format(name), path)


def error_of(name: str, path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        imported(name, path)
    return str(caught.value)


def cells(*rows: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("name", registry.names("prompt_formats"))
def test_every_format_states_its_facts(name: str) -> None:
    form = registry.prompt_format(name)
    assert form.name == name
    assert form.title
    assert form.expects
    assert bool(form.licence) == bool(form.source)
    assert form.noncommercial == ("-NC-" in form.licence)
    assert all(address.startswith("https://") for address in form.addresses.values())


def test_geneval_objects(write: Write) -> None:
    include = [
        {"class": "cup", "count": 1, "color": "red"},
        {"class": "dog", "count": 2, "position": ["left of", 0]},
    ]
    row = {
        "tag": "position",
        "include": include,
        "exclude": [{"class": "dog", "count": 3}],
        "prompt": "dogs left of a red cup",
    }
    [prompt] = imported("geneval", write("g.jsonl", json.dumps(row)))
    assert prompt == Prompt(
        id="dogs-left-of-a-red-cup",
        text="dogs left of a red cup",
        checks={"geneval": {"include": include, "exclude": row["exclude"]}},
        tags={"task": "position"},
    )


@pytest.mark.parametrize(
    ("change", "where", "expected"),
    [
        ({"include": []}, "field include", "at least 1 item"),
        ({"include": [{"class": "cup"}]}, "field include[0].count", "required"),
        ({"include": [{"class": "cup", "count": 0}]}, "include[0].count", "greater than or equal"),
        ({"include": [{"class": "cup", "count": "1"}]}, "include[0].count", "a whole number"),
        (
            {"include": [{"class": "cup", "count": 1, "position": [0, "left of"]}]},
            "field include[0]",
            'a position such as ["left of", 0]',
        ),
        (
            {"include": [{"class": "cup", "count": 1, "position": ["left of", 0]}]},
            "line 1",
            "another object of include",
        ),
        (
            {"include": [{"class": "cup", "count": 1, "position": ["left of", 7]}]},
            "line 1",
            "another object of include",
        ),
        ({"include": [{"class": "cup", "count": 1, "colour": "red"}]}, "colour", "no such field"),
        ({"prompt": 5}, "field prompt", "text"),
    ],
)
def test_geneval_objects_that_no_detector_could_check(
    write: Write, change: dict[str, object], where: str, expected: str
) -> None:
    row = {"tag": "x", "include": [{"class": "cup", "count": 1}], "prompt": "a cup", **change}
    message = error_of("geneval", write("g.jsonl", json.dumps(row)))
    assert "g.jsonl, line 1" in message
    assert where in message
    assert expected in message


def test_geneval2_answers_are_not_taken_for_yes(write: Write) -> None:
    row = {
        "prompt": "four mugs",
        "atom_count": 2,
        "vqa_list": [["How many mugs are there?", "four"], ["Are there mugs?", "Yes"]],
        "skills": ["count", "object"],
    }
    [prompt] = imported("geneval2", write("g.jsonl", json.dumps(row)))
    assert prompt.checks == {
        "atoms": [
            {"question": "How many mugs are there?", "answer": "four", "skill": "count"},
            {"question": "Are there mugs?", "answer": "Yes", "skill": "object"},
        ]
    }
    assert prompt.tags == {"atoms": "2"}
    row["skills"] = ["count"]
    assert "as many skills as questions" in error_of("geneval2", write("b.jsonl", json.dumps(row)))


def test_parti_quotes_are_characters(write: Write) -> None:
    text = (
        "Prompt\tCategory\tChallenge\tNote\n"
        'a sign that says "no\tOutdoor Scenes\tWriting & Symbols\t\n'
        '"quoted" moon\tWorld Knowledge\tBasic\tsee https://example.org/a "b"\n'
    )
    first, second = imported("partiprompts", write("p.tsv", text))
    assert first.text == 'a sign that says "no'
    assert first.tags == {"category": "Outdoor Scenes", "challenge": "Writing & Symbols"}
    assert second.text == '"quoted" moon'
    assert second.tags["note"] == 'see https://example.org/a "b"'


DPG_HEADER = [
    "item_id",
    "text",
    "keywords",
    "proposition_id",
    "dependency",
    "category_broad",
    "category_detailed",
    "tuple",
    "question_natural_language",
]


def dpg_row(item: str, text: str, number: str, needs: str, question: str) -> list[str]:
    return [item, text, "", number, needs, "entity", "whole", "entity - whole (x)", question]


def test_dpg_questions_are_grouped_with_their_parents(write: Write) -> None:
    table = cells(
        DPG_HEADER,
        DPG_HEADER,
        dpg_row("7", "A cat, grey.", "1", "0", "Is there a cat?"),
        dpg_row("7", "A cat, grey.", "2", "1", "Is the cat grey?"),
        dpg_row("coco8", "Two mugs\nand a table.", "1", "0", "Are there mugs?"),
        dpg_row("coco8", "Two mugs\nand a table.", "2", "0", "Is there a table?"),
        dpg_row("coco8", "Two mugs\nand a table.", "3", "1, 2", "Are the mugs on the table?"),
    )
    first, second = imported("dpg", write("dpg_bench.csv", table))
    assert (first.id, first.text) == ("7", "A cat, grey.")
    assert first.checks == {
        "questions": [
            {"id": "1", "question": "Is there a cat?", "parents": [], "category": "entity"},
            {"id": "2", "question": "Is the cat grey?", "parents": ["1"], "category": "entity"},
        ]
    }
    assert (second.id, second.text) == ("coco8", "Two mugs\nand a table.")
    last = second.checks["questions"][-1]  # type: ignore[index, call-overload]
    assert last["parents"] == ["1", "2"]  # type: ignore[index, call-overload]


def test_dpg_rows_of_one_item_agree_on_its_text(write: Write) -> None:
    table = cells(
        DPG_HEADER,
        dpg_row("7", "A cat.", "1", "0", "Is there a cat?"),
        dpg_row("7", "A dog.", "2", "0", "Is there a dog?"),
    )
    message = error_of("dpg", write("dpg_bench.csv", table))
    assert "line 3, field text: found another text for item 7 than at" in message


def test_dpg_folder(write: Write) -> None:
    write("prompts/10.txt", "A dense\nprompt.\n")
    write("prompts/9.txt", "Another.")
    write("prompts/notes.md", "no prompt")
    folder = write("prompts/COCO1.txt", "\ufeffA third.").parent
    found = {prompt.id: prompt.text for prompt in imported("dpg", folder)}
    assert found == {"9": "Another.", "10": "A dense\nprompt.", "COCO1": "A third."}


@pytest.mark.parametrize(
    ("file", "tags"),
    [
        ("color_val.txt", {"category": "color", "split": "val"}),
        ("3d_spatial.txt", {"category": "3d_spatial"}),
        ("non_spatial_train.txt", {"category": "non_spatial", "split": "train"}),
        ("shape_val_unseen.txt", {"category": "shape", "split": "val", "part": "unseen"}),
    ],
)
def test_compbench_files_are_named_after_their_category(
    write: Write, file: str, tags: dict[str, str]
) -> None:
    first, second = imported("t2i-compbench", write(file, "a red mug \n\n# a number sign\n"))
    assert (first.text, first.tags) == ("a red mug", tags)
    assert second.text == "# a number sign"


def test_compbench_folder_gives_the_validation_lines(write: Write) -> None:
    write("color_val.txt", "a red mug\n")
    write("color_train.txt", "a blue mug\n")
    folder = write("shape_val.txt", "a red mug\n").parent
    first, second = imported("t2i-compbench", folder)
    assert (first.id, first.tags["category"]) == ("a-red-mug", "color")
    assert (second.id, second.tags["category"]) == ("a-red-mug-2", "shape")
    assert "expected CATEGORY_val.txt" in error_of("t2i-compbench", write("x_val.txt", "a\n"))


def test_hpdv2_styles_come_from_the_files_names(write: Write) -> None:
    write("b/photo.json", '["a street", "a mug"]')
    folder = write("b/anime.json", '["a street"]').parent
    prompts = imported("hpdv2", folder)
    assert [(p.id, p.text, p.tags["style"]) for p in prompts] == [
        ("anime-00000", "a street", "anime"),
        ("photo-00000", "a street", "photo"),
        ("photo-00001", "a mug", "photo"),
    ]
    assert "item 2: found 5 (a number)" in error_of("hpdv2", write("x.json", '["a", 5]'))


@pytest.mark.parametrize("header", ['"Prompts","Category"', '"Prompts","Category","",""'])
def test_drawbench(write: Write, header: str) -> None:
    more = header.count(",") - 1
    text = header + '\n"A mug, red.","Gary Marcus et al. "' + ',""' * more + "\n"
    [prompt] = imported("drawbench", write("d.csv", text))
    assert (prompt.text, prompt.tags) == ("A mug, red.", {"category": "Gary Marcus et al."})


def test_imagereward(write: Write) -> None:
    rows = [{"id": "000001-0002", "prompt": "a mug"}, {"id": "000001-0003", "prompt": "a mug"}]
    prompts = imported("imagereward", write("benchmark-prompts.json", json.dumps(rows)))
    assert [prompt.id for prompt in prompts] == ["000001-0002", "000001-0003"]


def test_vbench(write: Write) -> None:
    rows = [
        {"prompt_en": "a mug", "dimension": ["scene", "background_consistency"]},
        {"prompt_en": "a red mug", "dimension": ["color"], "auxiliary_info": {"color": "red"}},
    ]
    first, second = imported("vbench", write("v.json", json.dumps(rows)))
    assert first.tags == {"dimension": "scene", "dimensions": "scene, background_consistency"}
    assert first.checks == {"vbench": {"dimension": ["scene", "background_consistency"]}}
    assert second.tags == {"dimension": "color"}
    assert second.checks == {"vbench": {"dimension": ["color"], "auxiliary_info": {"color": "red"}}}


def unigen(language: str, told: dict[str, object]) -> str:
    header = ["index", f"prompt_{language}", f"sub_dims_{language}"]
    return cells(header, ["3", "A clay mug, smiling.", json.dumps(told, ensure_ascii=False)])


def test_unigenbench_points_and_their_descriptions(write: Write) -> None:
    told = {
        "Primary Categories": "Film & Story",
        "Secondary Categories": "Animation",
        "Subjects": "Other Entity",
        "Testpoints": [
            "Style",
            "Attribute - Material",
            "Action - Hand (Character/Anthropomorphic)",
        ],
        "Testpoint Description": ["clay", 'made of "clay"', "waving"],
    }
    [prompt] = imported("unigenbench", write("t.csv", unigen("en", told)))
    assert (prompt.id, prompt.text) == ("3", "A clay mug, smiling.")
    assert prompt.checks == {
        "testpoints": [
            {"point": "Style", "description": "clay"},
            {"point": "Attribute - Material", "description": 'made of "clay"'},
            {"point": "Action - Hand (Character/Anthropomorphic)", "description": "waving"},
        ]
    }
    assert prompt.tags == {
        "category": "Film & Story",
        "subcategory": "Animation",
        "subject": "Other Entity",
        "language": "en",
        "tests.Action": "yes",
        "tests.Attribute": "yes",
        "tests.Style": "yes",
    }


def test_unigenbench_in_chinese(write: Write) -> None:
    told = {"一级垂类": "艺术", "考点": ["风格", "属性-材质"], "考点对应描述": ["黏土", "陶土"]}
    [prompt] = imported("unigenbench", write("t.csv", unigen("zh", told)))
    assert prompt.tags == {
        "category": "艺术",
        "language": "zh",
        "tests.风格": "yes",
        "tests.属性": "yes",
    }


def test_unigenbench_cells_that_say_too_little(write: Write) -> None:
    told = {"Testpoints": ["Style", "World Knowledge"], "Testpoint Description": ["clay"]}
    message = error_of("unigenbench", write("t.csv", unigen("en", told)))
    assert "t.csv, line 2, field sub_dims_en" in message
    assert "a description for each test point" in message
    broken = cells(["index", "prompt_en", "sub_dims_en"], ["1", "a mug", "{'Style'}"])
    message = error_of("unigenbench", write("t.csv", broken))
    assert "line 2, field sub_dims_en: found '{'Style'}'; expected JSON" in message


ONEIG_HEADER = ["category", "id", "prompt_en", "type", "prompt_length", "class"]


def test_oneig_with_a_byte_order_mark_and_its_scripts(write: Write) -> None:
    rows = cells(
        ONEIG_HEADER,
        ["Anime_Stylization", "000", "A mug in pastels.", "NP", "short", "fauvism"],
        ["General_Object", "000", "A mug and a spoon.", "NP", "short", "None"],
        ["Text_Rendering", "000", "A mug that says TEA.", "NP", "short", "None"],
    )
    asked = {
        "000": {
            "question": json.dumps({"1": "Is there a mug?", "2": "Is a spoon in it?"}),
            "dependency": {"1": [0], "2": [1]},
        }
    }
    write("scripts/alignment/Q_D/object.json", json.dumps(asked))
    write("scripts/text/text_content.csv", cells(["id", "text_content"], ["000", "TEA"]))
    file = write("OneIG-Bench.csv", "\ufeff" + rows)
    anime, thing, lettering = imported("oneig", file)
    assert imported("oneig", file.parent) == (anime, thing, lettering)
    assert anime == Prompt(
        id="Anime_Stylization-000",
        text="A mug in pastels.",
        tags={
            "category": "Anime_Stylization",
            "type": "NP",
            "length": "short",
            "style": "fauvism",
            "language": "en",
        },
    )
    assert thing.checks == {
        "questions": [
            {"id": "1", "question": "Is there a mug?", "parents": []},
            {"id": "2", "question": "Is a spoon in it?", "parents": ["1"]},
        ]
    }
    assert "style" not in thing.tags
    assert lettering.checks == {"lettering": "TEA"}


@pytest.mark.parametrize("column", ["prompt_cn", "prompt_en"])
def test_oneig_in_chinese(write: Write, column: str) -> None:
    rows = [{"category": "Multilingualism", "id": "001", column: "一个杯子"}]
    asked = {"001": {"question": {"1": "有杯子吗?"}, "dependency": {"1": [0]}}}
    write("scripts/alignment/Q_D/multilingualism_zh.json", json.dumps(asked))
    [prompt] = imported("oneig", write("OneIG-Bench-ZH.json", json.dumps(rows)))
    assert prompt.text == "一个杯子"
    assert prompt.tags["language"] == "zh"
    assert prompt.checks["questions"] == [{"id": "1", "question": "有杯子吗?", "parents": []}]


def test_oneig_in_both_languages_gives_two_prompts_a_row(write: Write) -> None:
    rows = cells(["category", "id", "prompt_en", "prompt_cn"], ["Portrait", "4", "A man.", "男人"])
    english, chinese = imported("oneig", write("both.csv", rows))
    assert (english.id, english.text) == ("Portrait-4-en", "A man.")
    assert (chinese.id, chinese.text) == ("Portrait-4-zh", "男人")
    empty = cells(["category", "id", "prompt_en"], ["Portrait", "4", " "])
    assert "found no prompt; expected one in prompt_en" in error_of("oneig", write("e.csv", empty))


def test_a_file_in_another_format_is_recognised(write: Write) -> None:
    rows = [{"prompt_en": "a mug", "dimension": ["scene"]}]
    path = write("v.json", json.dumps(rows))
    for name in ("geneval", "dpg", "imagereward", "hpdv2", "t2i-compbench", "oneig", "table"):
        message = error_of(name, path)
        assert "v.json" in message
        assert "looks like the format vbench" in message
    own = [{"prompt_en": "a mug", "dimension": []}]
    assert "looks like" not in error_of("vbench", write("v.json", json.dumps(own)))


BAD_FILES: list[tuple[str, str | bytes, str]] = [
    ("color_val.txt", "", "found no prompts|an empty file"),
    ("x.json", "", "an empty file"),
    ("x.jsonl", "", "found no prompts|an empty file"),
    ("x.csv", "", "found no prompts|an empty file"),
    ("x.csv", "<!DOCTYPE html><html>", "an HTML page"),
    ("x.json", "\n<html lang='en'>", "an HTML page"),
    ("color_val.txt", "<html>", "an HTML page"),
    ("x.tsv", "version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    ("x.csv", b"Prompts,Category\n\xff,b\n", "line 2: found the byte 0xff"),
    ("color_val.txt", b"a\n\xe9\n", "line 2: found the byte 0xe9"),
    ("x.json", "[{]", "not valid JSON"),
    ("x.json", "[" * 100_000, "nested too deeply"),
    ("none/x.csv", "", "No such file"),
]
OTHER_NAME = "expected CATEGORY_val.txt|found '."  # told by the file's name already


@pytest.mark.parametrize("name", registry.names("prompt_formats"))
@pytest.mark.parametrize(("file", "content", "told"), BAD_FILES)
def test_bad_files_are_told_by_every_format(
    write: Write, name: str, file: str, content: str | bytes, told: str
) -> None:
    path = write(file, content)
    if file.startswith("none"):
        path.unlink()
    message = error_of(name, path)
    assert path.name in message
    assert any(words in message for words in f"{told}|{OTHER_NAME}".split("|")), message
    assert len(message) < 700

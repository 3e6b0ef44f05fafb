import pytest

from evalharness.core.errors import MissingWeightsError, UnknownNameError
from evalharness.extractors.open_clip import hub_id, place
from evalharness.extractors.open_clip_tags import published_at


def test_a_tag_means_the_repository_open_clip_names() -> None:
    assert published_at("ViT-B-32", "openai") == "timm/vit_base_patch32_clip_224.openai"


def test_unknown_names_get_suggestions() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'ViT-B-32'"):
        published_at("ViT-B32", "openai")
    with pytest.raises(UnknownNameError, match="laion2b_s34b_b79k"):
        published_at("ViT-B-32", "laion2b_s34b_b79")


def test_a_tag_without_a_repository_is_refused() -> None:
    import open_clip

    with_file = [
        (architecture, tag)
        for architecture, tag in open_clip.list_pretrained()
        if not open_clip.get_pretrained_cfg(architecture, tag).get("hf_hub", "").endswith("/")
    ]
    with pytest.raises(MissingWeightsError, match="Choose another tag"):
        published_at(*with_file[0])


def test_the_parent_asks_another_process() -> None:
    assert place("hf-hub:org/name") == "org/name"
    assert place("ViT-B-32/openai") == "timm/vit_base_patch32_clip_224.openai"


@pytest.mark.slow
def test_the_parent_hears_why_a_tag_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"^There is no open_clip tag of ViT-B-32 named 'x'"):
        hub_id("ViT-B-32", "x")

"""The models: what the file says is checked, and what is sent follows from it."""

from __future__ import annotations

import re
from itertools import product

import pytest

from bot.model import Order
from providers.local.backdrops import LOOKS
from providers.replicate import catalogue, slip
from providers.replicate.catalogue import ASPECTS, BadCatalogue, Model, parse
from providers.replicate.prompt import BACKGROUNDS, CLOTHING, prompt

GOOD = """
[one]
ref = "somebody/one"
processors = ["Somebody"]
price = 0.05
deadline = 60
input = { prompt = "$prompt", picture = "$photo", seed = "$seed" }
"""
MODELS = catalogue.load()
PHOTO = "data:image/jpeg;base64,AAAA"


def test_the_default_and_two_alternatives_are_there() -> None:
    assert catalogue.DEFAULT in MODELS
    assert {"flux-2-pro", "nano-banana-2", "flux-kontext-pro"} <= MODELS.keys()


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
def test_everything_is_filled_in_for_every_format(model: Model) -> None:
    for format_ in ASPECTS:
        sent = model.input(photo=PHOTO, prompt="make it", seed=7, format_=format_)
        assert "$" not in str(sent)
        assert str(sent).count(PHOTO) == 1
        assert sent["prompt"] == "make it"
        assert ("seed" in sent) == model.seeded
        assert not any(isinstance(value, dict) for value in sent.values())


def test_flux_2_pro_is_asked_as_its_schema_says() -> None:
    sent = MODELS["flux-2-pro"].input(photo=PHOTO, prompt="p", seed=7, format_="resume")
    assert sent == {
        "prompt": "p",
        "input_images": [PHOTO],
        "aspect_ratio": "custom",
        "width": 896,
        "height": 1120,
        "seed": 7,
        "safety_tolerance": 2,
        "output_format": "png",
    }


def test_nano_banana_2_never_searches_for_the_person() -> None:
    sent = MODELS["nano-banana-2"].input(photo=PHOTO, prompt="p", seed=7, format_="bio")
    assert sent["google_search"] is sent["image_search"] is False
    assert sent["aspect_ratio"] == "3:4"


def test_a_model_that_stands_in_sends_the_photo_to_nobody_new() -> None:
    for model in MODELS.values():
        if model.then:
            assert set(MODELS[model.then].processors) <= set(model.processors)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('"somebody/one"', '"one"'), "owner/name"),
        (("0.05", "0"), "price"),
        (("0.05", "0.0000001"), "price"),
        (("60", "4"), "deadline"),
        (('"$photo"', '"$face"'), "input"),
        (('"$photo"', '"photo"'), "input"),
        (("deadline = 60", 'deadline = 60\nthen = "two"'), "then"),
        (("deadline = 60", "deadline = 60\nseeds = true"), "seeds"),
        (("deadline = 60", 'deadline = "soon"'), "deadline"),
        (("[one]", "[one"), "Expected"),
    ],
)
def test_a_mistake_in_the_file_is_noticed(change: tuple[str, str], complaint: str) -> None:
    assert parse(GOOD)["one"].price == 50_000
    with pytest.raises(BadCatalogue, match=complaint):
        parse(GOOD.replace(*change))


def test_a_model_that_stands_in_must_not_bring_in_somebody_new() -> None:
    other = GOOD.replace("[one]", "[two]").replace('"Somebody"', '"Nobody"')
    with pytest.raises(BadCatalogue, match="consent"):
        parse(GOOD.replace("deadline", 'then = "two"\ndeadline') + other)


def test_the_prompt_says_the_same_about_everybody() -> None:
    texts = [prompt(look, clothing) for look, clothing in product(BACKGROUNDS, CLOTHING)]
    for text in texts:
        assert "same person" in text
        assert "Do not beautify" in text
    guessed = re.compile(r"\b(man|woman|male|female|years old|asian|black person|white person)\b")
    assert not any(guessed.search(text.lower()) for text in texts)


def test_every_look_that_is_offered_has_its_words() -> None:
    assert set(LOOKS) <= BACKGROUNDS.keys()
    for look in LOOKS:
        drawn = slip.draw_up(Order("o", look), MODELS[catalogue.DEFAULT])
        assert [piece.format for piece in drawn.pieces] == ["linkedin", "resume", "bio", "linkedin"]
        assert drawn.pieces[-1].look != look
        assert len({piece.seed for piece in drawn.pieces}) == len(drawn.pieces)


def test_the_price_is_that_of_the_dearer_model() -> None:
    order = Order("o", "grey", variants=3)
    assert slip.price(order, MODELS["flux-2-pro"]) == 270_000
    assert slip.price(order, MODELS["flux-kontext-pro"]) == 120_000

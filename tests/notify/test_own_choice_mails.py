"""What a member decides about their own address at the handover is said where the policy leaves it to them."""

import pytest

from tests.notify.support.contents import LANGUAGES, about, content, renderer

SAID = {"nb": "på siden din", "nn": "på sida di", "en": "on your page"}


def handed_over(language: str, memory: str, by: str, *, followed_up: bool) -> str:
    announcement = about("handed_over", by=by, memory=memory, followed_up=followed_up)
    return " ".join(renderer().render(content("handed_over", language, announcement=announcement)).text.split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("memory", "by", "followed_up", "told"),
    [
        ("sealed_alias", "members", True, True),
        ("sealed_alias", "start", False, True),
        ("opt_in", "igangsetter", True, True),
        ("opt_in", "start", False, True),
        ("sealed_alias", "members", False, False),  # the members may be forgotten when they read it
        ("none", "members", True, False),
        ("none", "start", False, False),
    ],
)
def test_handover_mail_says_where_to_decide_while_one_can(
    language: str, memory: str, by: str, followed_up: bool, told: bool
) -> None:
    text = handed_over(language, memory, by, followed_up=followed_up)
    assert (SAID[language] in text) == told
    assert ("/gruppe/" in text) == told
    assert "/gruppelenke/" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("memory", ["none", "sealed_alias", "opt_in"])
def test_question_of_handover_says_what_is_kept_and_how_to_decide(language: str, memory: str) -> None:
    mail = content("handover_asked", language)
    policy = mail.policy.model_copy(update={"post_handover_memory": memory})
    asked = content("handover_asked", language, group_policy=policy)
    for said in (renderer().render(asked).text, renderer().call_script(asked, told=True)):
        assert (SAID[language] in " ".join(said.split())) == (memory != "none")

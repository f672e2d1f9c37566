"""Return to a page of ours after an act, and to no other site."""

from uuid import UUID

import pytest

from shared.kit.web.returning import ReturnTo, staff_page, task_id_of

TASK = UUID(int=7)


@pytest.mark.parametrize(
    "path", ["/stab/", "/stab", "/stab/ring/0b1c", "/stab/post?vis=ring", "/stab/grupper/1/personer", "/stab/?a=b&c=d"]
)
def test_staff_page_of_ours_is_kept(path: str) -> None:
    assert staff_page(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "https://evil.example/stab/",
        "//evil.example/stab/",
        "/\\evil.example",
        "/stab//evil.example",
        "/stab/../meld-av/x",
        "/stab/%2e%2e/x",
        "/stab/x\n",
        "/stab/ x",
        "/stabil",
        "/plass/token",
        "javascript:alert(1)",
        "/stab/?next=//evil.example",
        "stab/",
        "/nn/stab/",
        "/stab/@evil.example",
        "/stab/" + "a/" * 5000 + "!",
    ],
)
def test_staff_page_elsewhere_is_refused(path: str) -> None:
    assert staff_page(path) is None


@pytest.mark.parametrize("text", ["", "7", "x" * 36, "{}", "00000000-0000-0000-0000-00000000000g"])
def test_task_id_of_other_text_is_none(text: str) -> None:
    assert task_id_of(text) is None


@pytest.mark.parametrize(
    ("return_to", "path"),
    [
        (ReturnTo(), "/stab/own"),
        (ReturnTo(task_id=TASK), "/stab/own"),
        (ReturnTo("/stab/"), "/stab/"),
        (ReturnTo("/stab/", TASK), f"/stab/?ferdig={TASK}"),
        (ReturnTo("/stab/post?vis=ring", TASK), f"/stab/post?vis=ring&ferdig={TASK}"),
    ],
)
def test_return_path_names_the_task_that_is_done(return_to: ReturnTo, path: str) -> None:
    assert return_to.path("/stab/own") == path

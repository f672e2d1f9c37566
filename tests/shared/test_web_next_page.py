"""The page that follows a press is one of ours, whatever the form says."""

from uuid import UUID

import pytest

from shared.kit.web.next_page import NextPage, staff_path

TASK = UUID(int=7)


@pytest.mark.parametrize(
    "path", ["/stab/", "/stab", "/stab/?senter=link-oslo", "/stab/grupper/1/personer", "/stab/post?vis=ring#a"]
)
def test_staff_path_of_ours_is_kept(path: str) -> None:
    assert path == staff_path(path)


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize(
    "path",
    [
        "",
        "https://evil.example/stab/",
        "//evil.example/stab/",
        "/\\evil.example",
        "/stab/\\..\\x",
        "/stabil",
        "/takk",
        "/stab/../takk",
        "/stab/./x",
        "/stab//evil.example",
        "///stab/",
        "///stab/x",
        "///stab?x=1",
        "////stab/x",
        "//stab/x",
        "/stab/%2e%2e/x",
        "/stab/\r\nSet-Cookie: a=b",
        "/stab/ x",
        "javascript:alert(1)",
        "/stab/" + "x" * 500,
        "/stab/æ",
        "http://[/stab/",
    ],
)
def test_staff_path_elsewhere_is_left_out(path: str) -> None:
    assert staff_path(path) == ""


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (NextPage(), "/stab/x"),
        (NextPage(task_id=TASK), "/stab/x"),
        (NextPage("/stab/"), "/stab/"),
        (NextPage("/stab/", TASK), f"/stab/?ferdig={TASK}"),
        (NextPage(f"/stab/?a=1&ferdig={UUID(int=1)}", TASK), f"/stab/?a=1&ferdig={TASK}"),
    ],
)
def test_after_adds_the_task_that_is_done(page: NextPage, expected: str) -> None:
    assert expected == page.after("/stab/x")

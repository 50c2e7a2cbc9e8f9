"""One registry: no key means two things, and a few letters find any command."""

from __future__ import annotations

import pytest

from aesthetic_studio.desktop.commands.registry import Command, CommandRegistry, match_quality


def command(command_id: str, text: str, *keys: str, enabled: bool = True, done: list[str] | None = None) -> Command:
    return Command(
        command_id,
        text,
        "Photo",
        lambda: (done if done is not None else []).append(command_id),
        keys,
        enabled=lambda: enabled,
    )


def registry_of(*commands: Command) -> CommandRegistry:
    registry = CommandRegistry()
    for each in commands:
        registry.add(each)
    return registry


def test_a_key_cannot_mean_two_things() -> None:
    with pytest.raises(ValueError, match="P is a key of both pick and print"):
        registry_of(command("pick", "Pick", "P"), command("print", "Print", "P"))


def test_a_command_cannot_be_declared_twice() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        registry_of(command("pick", "Pick"), command("pick", "Pick again"))


def test_a_command_that_is_impossible_now_does_nothing() -> None:
    done: list[str] = []
    registry = registry_of(command("a", "A", enabled=False, done=done), command("b", "B", done=done))

    assert not registry.run("a")
    assert registry.run("b")
    assert done == ["b"]


def test_menus_keep_the_order_of_declaration() -> None:
    registry = registry_of(command("z", "Zoom"), command("a", "Add"))

    assert [each.id for each in registry.in_menu("Photo")] == ["z", "a"]


@pytest.mark.parametrize(
    ("typed", "best"),
    [
        ("pick", "Pick"),
        ("sbr", "Sort by rating"),
        ("sr", "Sort by rating"),
        ("red", "Red label"),
        ("open b", "Open this burst"),
    ],
)
def test_a_few_letters_find_the_command(typed: str, best: str) -> None:
    texts = ["Pick", "Reject", "Sort by score", "Sort by rating", "Red label", "Open this burst", "Redo"]
    registry = registry_of(*(command(str(i), text) for i, text in enumerate(texts)))

    assert registry.search(typed)[0].text == best


def test_letters_that_are_not_there_find_nothing() -> None:
    assert registry_of(command("pick", "Pick")).search("qqq") == []


def test_no_letters_find_everything() -> None:
    registry = registry_of(command("a", "A"), command("b", "B"))

    assert len(registry.search("  ")) == 2


def test_letters_match_in_order_even_where_a_word_start_would_skip_them() -> None:
    assert match_quality("rt", "start r") is not None

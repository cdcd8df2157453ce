"""The catalog in force while its files change under it."""

import logging
import shutil
from pathlib import Path

import pytest

from bot.bootstrap.equipment import read_catalog
from bot.catalog.holder import CatalogHolder
from bot.errors import CatalogError
from tests.scenarios.company import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the example to change."""
    copied = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", copied)
    return copied


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_a_changed_file_is_in_force_at_the_next_look(folder: Path) -> None:
    catalog = CatalogHolder(folder, read_catalog)
    first = catalog()
    assert catalog() is first  # nothing has changed: nothing is read

    change(folder / "environments" / "dev.yaml", "channel: shop-dev", "channel: elsewhere")

    assert catalog().environments["dev"].slack_channel == "elsewhere"


def test_a_mistake_leaves_the_last_good_files_in_force_and_is_told_once(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = CatalogHolder(folder, read_catalog)
    good = catalog()

    change(folder / "environments" / "dev.yaml", "cluster: east", "cluster: eats")
    with caplog.at_level(logging.WARNING):
        assert catalog() is good
        assert catalog() is good

    (said,) = caplog.messages
    assert "the last good ones stay in force" in said
    assert "dev.yaml:" in said
    assert "did you mean east?" in said

    change(folder / "environments" / "dev.yaml", "cluster: eats", "cluster: west")
    assert catalog().environments["dev"].targets[0].cluster == "west"


def test_a_new_file_and_one_that_is_gone_are_noticed(folder: Path) -> None:
    catalog = CatalogHolder(folder, read_catalog)
    staging = folder / "environments" / "staging.yaml"
    text = staging.read_text(encoding="utf-8")

    staging.unlink()
    assert set(catalog().environments) == {"dev", "prod"}
    (folder / "environments" / "again.yml").write_text(text, encoding="utf-8")
    assert set(catalog().environments) == {"dev", "prod", "staging"}


def test_without_good_files_there_is_no_start(folder: Path) -> None:
    change(folder / "clusters.yaml", "kind: Cluster", "kind: Clutser")

    with pytest.raises(CatalogError, match=r"did you mean Cluster\?"):
        CatalogHolder(folder, read_catalog)


def test_a_config_map_that_is_mounted_and_swapped_is_read_once_each_time(
    folder: Path, tmp_path: Path
) -> None:
    """The kubelet's layout: `..2026_1/` with the files, `..data` a link to it, each file a link through that."""
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    files = {
        each.relative_to(folder).as_posix().replace("/", "-"): each
        for each in folder.rglob("*.yaml")
    }
    for version in ("..2026_1", "..2026_2"):
        (mounted / version).mkdir()
        for name, each in files.items():
            shutil.copy(each, mounted / version / name)
    change(
        mounted / "..2026_2" / "environments-dev.yaml", "channel: shop-dev", "channel: elsewhere"
    )
    (mounted / "..data").symlink_to("..2026_1")
    for name in files:
        (mounted / name).symlink_to(Path("..data") / name)

    catalog = CatalogHolder(mounted, read_catalog)
    assert catalog().environments["dev"].slack_channel == "shop-dev"

    (mounted / "..data_tmp").symlink_to("..2026_2")
    (mounted / "..data_tmp").replace(mounted / "..data")
    assert catalog().environments["dev"].slack_channel == "elsewhere"

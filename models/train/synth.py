"""`dongseon models synth`: pictures with known answers, drawn."""

import csv
from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(no_args_is_help=True, help="Draw pictures with known answers, to judge models.")

LABELS = "labels.csv"


@app.command()
def plates(
    out: Annotated[Path, typer.Option(help="The folder for pictures and labels.csv.")],
    *,
    count: Annotated[int, typer.Option(min=1, help="How many plates.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed, other plates.")] = 1,
    kind: Annotated[
        Literal["like-training", "unseen"],
        typer.Option(help="As training draws them, or with fonts and distortions it has not."),
    ] = "unseen",
    data: Annotated[Path, typer.Option(help="Glyphs and surroundings that training has.")] = Path(
        "../shared/data"
    ),
) -> None:
    """Cuts of Korean number plates, as a plate detector makes them, and what they say.

    The list also has how legible each is, 0 to 1: what is left of its worst character.
    """
    # Only this command needs what draws.
    import cv2  # noqa: PLC0415

    from models.evaluation.plates_data import LEGIBILITY  # noqa: PLC0415
    from models.evaluation.progress import shown  # noqa: PLC0415
    from models.train.plates.sets import plates_of, studio_of  # noqa: PLC0415
    from shared.errors import StorageError  # noqa: PLC0415

    scenes = plates_of(studio_of(kind, data), seed, count)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with (
            (out / LABELS).open("w", newline="", encoding="utf-8") as file,
            shown("writing", count) as tell,
        ):
            rows = csv.writer(file)
            rows.writerow(("file", "text", LEGIBILITY))
            for number, scene in enumerate(scenes):
                name = f"{number:06d}.png"
                text = scene.number.text if scene.number else ""
                rows.writerow((name, text, f"{scene.legibility:.3f}"))
                if not cv2.imwrite(str(out / name), scene.picture):
                    raise StorageError(f"{out / name}: cannot be written; is there space?")
                tell(1)
    except OSError as error:
        raise StorageError(f"{out}: cannot be written: {error}") from error


@app.command()
def sheet(
    out: Annotated[Path, typer.Option(help="The picture; the list lies beside it, as .csv.")],
) -> None:
    """One picture of the hundred plates that tests keep, in the reader's input size."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    from models.train.plates.batches import INPUT  # noqa: PLC0415
    from models.train.plates.sheet import COLUMNS, sheet_scenes  # noqa: PLC0415
    from shared.errors import StorageError  # noqa: PLC0415

    scenes = sheet_scenes()
    cells = [cv2.resize(scene.picture, (INPUT.width, INPUT.height)) for scene in scenes]
    starts = range(0, len(cells), COLUMNS)
    rows = [np.hstack(cells[start : start + COLUMNS]) for start in starts]
    texts = [scene.number.text for scene in scenes if scene.number]
    try:
        written = cv2.imwrite(str(out), np.vstack(rows), [cv2.IMWRITE_WEBP_QUALITY, 80])
        out.with_suffix(".csv").write_text("\n".join(("text", *texts)) + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{out}: cannot be written: {error}") from error
    if not written:
        raise StorageError(f"{out}: cannot be written; is it a .webp?")

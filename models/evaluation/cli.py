"""`dongseon models evaluate`: how good a model is, on data whose answers are known."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from models.catalogue import RuntimeName
from models.store import ModelStore

app = typer.Typer(no_args_is_help=True, help="Judge a model on data whose answers are known.")

ModelOption = Annotated[str, typer.Option("--model", help="A model of the catalogue.")]
DataOption = Annotated[Path, typer.Option("--data", help="The folder with the data.")]
RuntimeOption = Annotated[
    RuntimeName | None, typer.Option("--runtime", help="The model's first unless given.")
]
PrecisionOption = Annotated[
    str | None, typer.Option("--precision", help="The catalogue's choice unless given.")
]
ExactOption = Annotated[
    bool, typer.Option("--exact", help="INT8 as on a processor with VNNI; slow.")
]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, help="Cores to use.")]
StoreOption = Annotated[Path | None, typer.Option("--store", help="Where the weights are kept.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Also write the JSON here.")]


@app.command()
def detection(  # noqa: PLR0913 - a command's options
    model: ModelOption,
    data: DataOption,
    *,
    runtime: RuntimeOption = None,
    precision: PrecisionOption = None,
    exact: ExactOption = False,
    threads: ThreadsOption = 1,
    store: StoreOption = None,
    classes: Annotated[
        str, typer.Option(help="How labels number: coco, dongseon, or names like person,-,vehicle.")
    ] = "coco",
    score: Annotated[float | None, typer.Option(help="Least confidence; low for AP.")] = None,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Average precision on a YOLO set: images/ and labels/."""
    # Here and below: other commands need neither networks nor pictures.
    from models.evaluation import run  # noqa: PLC0415
    from models.roles import LoadOptions  # noqa: PLC0415

    options = LoadOptions(
        store=ModelStore(store),
        runtime=runtime,
        precision=precision,
        exact=exact,
        threads=threads,
        score=score,
    )
    run.write(run.judge_detector(model, data, classes, options), run.Writing(as_json, out))


@app.command()
def reid(  # noqa: PLR0913 - a command's options
    model: ModelOption,
    data: DataOption,
    *,
    runtime: RuntimeOption = None,
    precision: PrecisionOption = None,
    exact: ExactOption = False,
    threads: ThreadsOption = 1,
    store: StoreOption = None,
    identities: Annotated[
        str | None, typer.Option(help="A:B of the sorted identities, or a file that lists them.")
    ] = None,
    query: Annotated[
        Literal["all", "one-per-camera"], typer.Option(help="Which crops ask.")
    ] = "all",
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Rank-1, 5, 10 and mAP between cameras: ID_cXsY_….jpg or type_id_camN.jpg."""
    from models.evaluation import run  # noqa: PLC0415
    from models.roles import LoadOptions  # noqa: PLC0415

    options = LoadOptions(
        store=ModelStore(store),
        runtime=runtime,
        precision=precision,
        exact=exact,
        threads=threads,
    )
    report = run.judge_embedder(model, data, (identities, query), options)
    run.write(report, run.Writing(as_json, out))


@app.command()
def attributes(  # noqa: PLR0913 - a command's options
    model: ModelOption,
    data: DataOption,
    *,
    marks: Annotated[
        Path | None, typer.Option(help="Market-1501's market_attribute.mat, for people.")
    ] = None,
    runtime: RuntimeOption = None,
    precision: PrecisionOption = None,
    threads: ThreadsOption = 1,
    store: StoreOption = None,
    identities: Annotated[
        str | None, typer.Option(help="A:B of the sorted identities, or a file that lists them.")
    ] = None,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Accuracy, F1 and calibration of each attribute of people, or of the type of vehicles."""
    from models.evaluation import run  # noqa: PLC0415
    from models.roles import LoadOptions  # noqa: PLC0415

    options = LoadOptions(
        store=ModelStore(store), runtime=runtime, precision=precision, threads=threads
    )
    report = run.judge_attributes(model, data, (identities, marks), options)
    run.write(report, run.Writing(as_json, out))


@app.command()
def plates(  # noqa: PLR0913 - a command's options
    model: ModelOption,
    data: DataOption,
    *,
    vehicles: Annotated[
        bool, typer.Option("--vehicles", help="Pictures show vehicles: plates must be found first.")
    ] = False,
    finder: Annotated[
        str | None, typer.Option(help="What finds plates; the project's own unless given.")
    ] = None,
    runtime: RuntimeOption = None,
    precision: PrecisionOption = None,
    threads: ThreadsOption = 1,
    store: StoreOption = None,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Plates read without a fault: labels.csv with file,text, or names like 12가3456_….jpg."""
    from models.evaluation import run  # noqa: PLC0415
    from models.roles import LoadOptions  # noqa: PLC0415

    options = LoadOptions(
        store=ModelStore(store), runtime=runtime, precision=precision, threads=threads
    )
    report = run.judge_plate_reader(model, data, run.Plates(vehicles, finder), options)
    run.write(report, run.Writing(as_json, out))

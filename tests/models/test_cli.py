from pathlib import Path

from typer.testing import CliRunner

from models.cli import app

run = CliRunner().invoke


def test_list_shows_each_model_and_what_is_here(tmp_path: Path) -> None:
    result = run(app, ["list", "--store", str(tmp_path)], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "person-vehicle-bike-detection-2004" in result.output
    assert "missing" in result.output


def test_verify_fails_until_the_weights_are_pulled(tmp_path: Path, model_mirror: Path) -> None:
    store = ["--store", str(tmp_path)]
    assert run(app, ["verify", "osnet-x0-25", *store]).exit_code == 1
    pulled = run(app, ["pull", "osnet-x0-25", "--mirror", str(model_mirror), *store])
    assert pulled.exit_code == 0
    verified = run(app, ["verify", "osnet-x0-25", *store])
    assert verified.exit_code == 0
    assert "good" in verified.output


def test_pull_asks_which_models(tmp_path: Path) -> None:
    result = run(app, ["pull", "--store", str(tmp_path)])
    assert result.exit_code == 1
    assert "--all" in str(result.exception)

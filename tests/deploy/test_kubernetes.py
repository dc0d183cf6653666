"""The manifests are valid and agree with each other and with the programs.

No cluster runs here, and kustomize is not at hand: overlays are put together by the few rules that
they use.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.testing import CliRunner

from central.cli import app
from central.settings import CentralSettings
from central.sizing.costs import FREE_SHARE, SERVER
from central.sizing.plan import Load, plan

FOLDER = Path(__file__).resolve().parents[2] / "deploy/kubernetes"
BROKER = FOLDER.parent / "broker"
OVERLAYS = ["one-node", "city"]
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if path.name != "kustomization.yaml")
# Made by people, as base/settings.yaml and the overlays say.
SECRETS = {
    "dongseon-database": {"url", "password"},
    "dongseon-client": {"ca.crt", "tls.crt", "tls.key"},
    "dongseon-broker": {"ca.crt", "tls.crt", "tls.key"},
    "dongseon-emqx": {"cookie"},
}
Document = dict[str, Any]


def documents(path: Path) -> list[Document]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


@cache
def resources(overlay: str) -> tuple[Document, ...]:
    """What an overlay lists, with its base and its generated ConfigMaps, before patches."""
    return tuple(_listed(FOLDER / "overlays" / overlay))


def _listed(folder: Path) -> Iterator[Document]:
    (kustomization,) = documents(folder / "kustomization.yaml")
    for name in kustomization["resources"]:
        path = folder / name
        yield from _listed(path) if path.is_dir() else documents(path)
    for made in kustomization.get("configMapGenerator", ()):
        data = {name: (folder / name).read_text("utf-8") for name in made["files"]}
        metadata = {"name": made["name"]}
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def patched(overlay: str) -> list[Document]:
    """The resources with the overlay's JSON patches, all of which replace something."""
    (kustomization,) = documents(FOLDER / "overlays" / overlay / "kustomization.yaml")
    made = yaml.safe_load(yaml.safe_dump(list(resources(overlay))))
    for patch in kustomization.get("patches", ()):
        targets = [one for one in made if is_target(one, patch["target"])]
        assert targets, patch
        for target in targets:
            for change in yaml.safe_load(patch["patch"]):
                replace(target, change)
    found: list[Document] = made
    return found


def is_target(document: Document, target: dict[str, str]) -> bool:
    name = re.fullmatch(target.get("name", ".*"), document["metadata"]["name"])
    return document["kind"] == target["kind"] and name is not None


def replace(document: Document, change: dict[str, Any]) -> None:
    assert change["op"] == "replace"
    *way, last = change["path"].strip("/").split("/")
    place: Any = document
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    assert last in place
    place[last] = change["value"]


def of_kind(overlay: str, *kinds: str) -> list[Document]:
    return [one for one in resources(overlay) if one["kind"] in kinds]


def templates(overlay: str) -> Iterator[tuple[str, Document]]:
    """The pods of an overlay, by the name of what makes them."""
    for one in of_kind(overlay, "Deployment", "StatefulSet", "Job", "CronJob"):
        spec = one["spec"]["jobTemplate"]["spec"] if one["kind"] == "CronJob" else one["spec"]
        yield one["metadata"]["name"], spec["template"]


def containers(overlay: str) -> Iterator[tuple[Document, Document]]:
    for _, template in templates(overlay):
        for container in template["spec"]["containers"]:
            yield template["spec"], container


def is_ours(container: Document) -> bool:
    return str(container["image"]).startswith("dongseon-central:")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_file_is_what_kubernetes_says(path: Path) -> None:
    for document in documents(path):
        kubernetes_validate.validate(document, "1.33", strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_an_overlay_makes_is_valid_and_named_once(overlay: str) -> None:
    made = patched(overlay)
    for document in made:
        kubernetes_validate.validate(document, "1.33", strict=True)
    names = [(one["kind"], one["metadata"]["name"]) for one in made]
    assert len(names) == len(set(names))
    listed = {path for path in FILES if path.parent.name in {overlay, "base"}}
    counted = sum(len(documents(path)) for path in listed)
    assert counted == len([one for one in names if one != ("ConfigMap", "broker")])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_selectors_find_pods_and_named_ports_are_theirs(overlay: str) -> None:
    pods = [template for _, template in templates(overlay)]
    for one in of_kind(overlay, "Deployment", "StatefulSet"):
        labels = one["spec"]["template"]["metadata"]["labels"]
        assert one["spec"]["selector"]["matchLabels"].items() <= labels.items()
    for service in of_kind(overlay, "Service"):
        found = selected(pods, service["spec"]["selector"])
        assert found, service["metadata"]["name"]
        for port in service["spec"]["ports"]:
            assert all(port["targetPort"] in ports(pod) for pod in found)
    for budget in of_kind(overlay, "PodDisruptionBudget"):
        assert selected(pods, budget["spec"]["selector"]["matchLabels"])
    for policy in of_kind(overlay, "NetworkPolicy"):
        labels = policy["spec"]["podSelector"].get("matchLabels", {})
        found = selected(pods, labels)
        assert found, policy["metadata"]["name"]
        for rule in policy["spec"].get("ingress", ()):
            named = [each["port"] for each in rule["ports"] if isinstance(each["port"], str)]
            assert all(name in ports(pod) for name in named for pod in found)


def selected(pods: list[Document], labels: dict[str, str]) -> list[Document]:
    return [pod for pod in pods if labels.items() <= pod["metadata"]["labels"].items()]


def ports(pod: Document) -> set[str]:
    return {port["name"] for each in pod["spec"]["containers"] for port in each.get("ports", ())}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_probes_ask_ports_that_are_named_and_our_api_by_a_name_it_answers_to(overlay: str) -> None:
    for _, container in containers(overlay):
        named = {port["name"] for port in container.get("ports", ())}
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            asked = container.get(kind, {})
            for way in ("httpGet", "tcpSocket"):
                if way in asked:
                    assert asked[way]["port"] in named
            if is_ours(container) and "http" in named:
                assert {"name": "Host", "value": "localhost"} in asked["httpGet"]["httpHeaders"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_may_do_as_little_as_it_can(overlay: str) -> None:
    for spec, container in containers(overlay):
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        may = container["securityContext"]
        assert may["allowPrivilegeEscalation"] is False
        assert may["capabilities"] == {"drop": ["ALL"]}
        assert may["readOnlyRootFilesystem"] is (container["name"] != "emqx")
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_image_has_an_exact_tag(overlay: str) -> None:
    for _, container in containers(overlay):
        assert re.search(r":v?\d+(\.\d+)*\S*$", container["image"]), container["image"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_is_mounted_or_referred_to_is_there_and_no_secret_is_written(overlay: str) -> None:
    assert not of_kind(overlay, "Secret")
    maps = {one["metadata"]["name"]: set(one["data"]) for one in of_kind(overlay, "ConfigMap")}
    claims = {one["metadata"]["name"] for one in of_kind(overlay, "PersistentVolumeClaim")}
    own = {
        claim["metadata"]["name"]
        for one in of_kind(overlay, "StatefulSet")
        for claim in one["spec"]["volumeClaimTemplates"]
    }
    for spec, container in containers(overlay):
        volumes = {volume["name"]: volume for volume in spec.get("volumes", ())}
        for mount in container.get("volumeMounts", ()):
            assert mount["name"] in {*volumes, *own}
            if "subPath" in mount:
                assert mount["subPath"] in maps[volumes[mount["name"]]["configMap"]["name"]]
        for volume in volumes.values():
            assert volume.get("secret", {}).get("secretName", "dongseon-client") in SECRETS
            assert volume.get("configMap", {}).get("name", "dongseon-central") in maps
            claim = volume.get("persistentVolumeClaim", {}).get("claimName", "central")
            assert claim in claims
        for source in container.get("envFrom", ()):
            assert source["configMapRef"]["name"] in maps
        for variable in container.get("env", ()):
            key = variable.get("valueFrom", {}).get("secretKeyRef")
            assert key is None or key["key"] in SECRETS[key["name"]]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_centre_is_told_nothing_it_does_not_know(
    overlay: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    maps = {one["metadata"]["name"]: one["data"] for one in of_kind(overlay, "ConfigMap")}
    told = 0
    for _, container in containers(overlay):
        if not is_ours(container):
            continue
        plain = {each["name"]: each.get("value", "a-pod") for each in container.get("env", ())}
        plain["DONGSEON_CENTRAL_DATABASE_URL"] = "postgresql+psycopg://somebody@somewhere/x"
        with monkeypatch.context() as pod:
            for name, value in {**maps["dongseon-central"], **plain}.items():
                assert (
                    name.removeprefix("DONGSEON_CENTRAL_").lower() in CentralSettings.model_fields
                )
                pod.setenv(name, value)
            settings = CentralSettings()
        assert settings.index == "server"
        assert settings.boxes_can_upload
        told += 1
    assert told == 5


@pytest.mark.parametrize(("overlay", "cameras"), [("one-node", 2_700), ("city", 20_000)])
def test_volumes_hold_what_the_plan_says(overlay: str, cameras: int) -> None:
    planned = plan(Load(cameras, 5_000, 30), SERVER)
    claims = {
        one["metadata"]["name"]: one["spec"]["resources"]["requests"]["storage"]
        for one in patched(overlay)
        if one["kind"] == "PersistentVolumeClaim"
    } | {
        one["metadata"]["name"]: claim["spec"]["resources"]["requests"]["storage"]
        for one in patched(overlay)
        if one["kind"] == "StatefulSet"
        for claim in one["spec"]["volumeClaimTemplates"]
    }
    wanted = {"central": planned.crops_bytes, "vectors": planned.index_bytes}
    if "database" in claims:
        wanted["database"] = planned.database_bytes + planned.wal_bytes
    for name, held in wanted.items():
        assert int(claims[name].removesuffix("Gi")) * 2**30 >= held / (1 - FREE_SHARE), name


def test_webhooks_get_out_only_with_the_component_that_names_hosts() -> None:
    folder = FOLDER / "components/webhooks"
    (component,) = documents(folder / "kustomization.yaml")
    (policy,) = documents(folder / component["resources"][0])
    assert selected(
        [pod for _, pod in templates("city")], policy["spec"]["podSelector"]["matchLabels"]
    )
    (patch,) = component["patches"]
    assert any(is_target(one, patch["target"]) for one in resources("city"))
    (change,) = yaml.safe_load(patch["patch"])
    name = change["path"].rpartition("/")[2].removeprefix("DONGSEON_CENTRAL_").lower()
    assert name in CentralSettings.model_fields
    assert yaml.safe_load(change["value"]) == ["alerts.example"]


def test_our_pods_run_commands_that_there_are() -> None:
    for _, container in containers("city"):
        if is_ours(container):
            group, command, *options = container["args"]
            assert group == "central"
            said = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
            assert said.exit_code == 0, command
            assert all(word in said.output for word in options if word.startswith("--"))


def test_the_broker_keeps_boxes_apart_as_the_one_that_is_tested_does() -> None:
    here, tested = FOLDER / "overlays/one-node", BROKER
    acl = (tested / "dongseon.acl").read_text("utf-8")
    assert (here / "dongseon.acl").read_text("utf-8") == acl
    said, original = (settings_of(folder / "mosquitto.conf") for folder in (here, tested))
    paths = {"cafile", "certfile", "keyfile", "persistence_location"}
    assert {k: v for k, v in said.items() if k not in paths} == {
        k: v for k, v in original.items() if k not in paths
    }
    emqx = (FOLDER / "overlays/city/acl.conf").read_text("utf-8")
    rules = re.findall(r"^(?:pattern|topic) (write|read) (\S+)", acl, re.MULTILINE)
    for right, topic in rules:
        action = {"write": "publish", "read": "subscribe"}[right]
        assert f'{action}, ["{topic.replace("%u", "${username}")}"]' in emqx
    assert emqx.count("{allow,") == len(rules)
    assert emqx.rstrip().endswith("{deny, all}.")


def settings_of(path: Path) -> dict[str, str]:
    lines = (line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#")
    found = (line.partition(" ") for line in lines)
    return {f"{key} {value}" if key == "log_type" else key: value for key, _, value in found}

import "maplibre-gl/dist/maplibre-gl.css";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Camera, Position, Radius, Route } from "../api/types";
import { useStrings } from "../i18n/context";
import { placesOf, type PickedStop } from "../route/stops";
import { Icon } from "../ui/Icon";
import { Annotations } from "./annotations";
import { boundsOf } from "./circle";
import { cameraFeatures, previewFeatures, radiusFeatures, routeFeatures } from "./features";
import { Scene } from "./scene";
import { choosing, DEFAULT_METRES, drawing } from "./tools";

interface Props {
  cameras: readonly Camera[];
  chosen: ReadonlySet<string>;
  radius: Radius | null;
  isDrawing: boolean;
  stops: readonly PickedStop[];
  /** The route through exactly `stops`, once the centre has drawn it. */
  route: Route | null;
  /** The camera of what the pointer or the keyboard is on elsewhere in the page. */
  pointedAt: string | null;
  onChoose: (camera: string) => void;
  onRadius: (radius: Radius) => void;
  onCenter: (center: Position) => void;
}

interface Drawn {
  scene: Scene;
  annotations: Annotations;
}

/** The cameras, the radius and the route. All of it can also be reached without the map. */
export function MapView(props: Props) {
  const { cameras, chosen, radius, isDrawing, stops, route, pointedAt } = props;
  const { onChoose, onRadius, onCenter } = props;
  const strings = useStrings();
  const ground = useRef<HTMLDivElement>(null);
  const over = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Drawn | "unsupported" | null>(null);
  const [hovered, setHovered] = useState<string | null>(null);
  const live = drawn === "unsupported" ? null : drawn;

  useEffect(() => {
    if (ground.current === null || over.current === null) return;
    let scene: Scene;
    try {
      scene = new Scene(ground.current);
    } catch {
      // MapLibre throws a plain Error when it gets no WebGL context.
      queueMicrotask(() => setDrawn("unsupported"));
      return;
    }
    const annotations = new Annotations(scene, over.current);
    scene.map.on("load", () => setDrawn({ scene, annotations }));
    return () => {
      setDrawn(null);
      scene.remove();
    };
  }, []);

  const positions = useMemo(() => positionsOf(cameras), [cameras]);
  const places = useMemo(() => placesOf(stops, positions), [stops, positions]);

  useEffect(() => {
    live?.scene.set("cameras", cameraFeatures(cameras, chosen));
  }, [live, cameras, chosen]);

  useEffect(() => {
    live?.scene.set("radius", radiusFeatures(radius));
  }, [live, radius]);

  useEffect(() => {
    live?.scene.set(
      "legs",
      route === null ? previewFeatures(stops, positions) : routeFeatures(route),
    );
  }, [live, route, stops, positions]);

  useEffect(() => {
    const named = cameras.flatMap(({ id, name, position }) =>
      position === null ? [] : [{ id, name, position }],
    );
    const names = new Map(named.map(({ id, name }) => [id, name]));
    const marks = places.map(({ camera, position, numbers }) => {
      const text = numbers.join("·");
      const label = strings.route.marker(numbers.join(", "), names.get(camera) ?? camera);
      return { text, label, camera, position };
    });
    live?.annotations.show(named, marks);
  }, [live, cameras, places, strings]);

  useEffect(() => {
    live?.scene.pointAt(pointedAt ?? hovered);
    live?.annotations.pointAt(pointedAt ?? hovered);
  }, [live, pointedAt, hovered]);

  useEffect(() => {
    if (live === null) return;
    if (!isDrawing) return choosing(live.scene, onChoose, setHovered);
    return drawing(live.scene, radius?.metres ?? DEFAULT_METRES, onRadius);
  }, [live, isDrawing, radius?.metres, onChoose, onRadius]);

  useEffect(() => {
    if (live === null) return;
    const tell = () => onCenter(live.scene.center());
    tell();
    live.scene.map.on("moveend", tell);
    return () => void live.scene.map.off("moveend", tell);
  }, [live, onCenter]);

  // The whole network first; then each route as it is drawn or opened.
  const everything = useMemo(() => boundsOf([...positions.values()]), [positions]);
  const routeBounds = useMemo(
    () => (route === null ? null : boundsOf(places.map((place) => place.position))),
    [route, places],
  );
  useEffect(() => {
    const bounds = routeBounds ?? everything;
    if (bounds !== null) live?.scene.fit(bounds, false);
  }, [live, everything, routeBounds]);

  return (
    <section className="map" aria-label={strings.map.name} data-ready={live !== null}>
      <div className="map-ground" ref={ground} />
      <div className="map-over" ref={over} />
      {drawn === "unsupported" && <p className="map-note">{strings.map.unsupported}</p>}
      <div className="map-buttons">
        <button type="button" title={strings.map.zoomIn} onClick={() => live?.scene.map.zoomIn()}>
          <Icon name="plus" label={strings.map.zoomIn} />
        </button>
        <button type="button" title={strings.map.zoomOut} onClick={() => live?.scene.map.zoomOut()}>
          <Icon name="minus" label={strings.map.zoomOut} />
        </button>
        <button
          type="button"
          title={strings.map.fit}
          onClick={() => everything && live?.scene.fit(everything, true)}
        >
          <Icon name="fit" label={strings.map.fit} />
        </button>
      </div>
    </section>
  );
}

function positionsOf(cameras: readonly Camera[]): ReadonlyMap<string, Position> {
  return new Map(
    cameras.flatMap(({ id, position }) => (position === null ? [] : [[id, position] as const])),
  );
}

import "maplibre-gl/dist/maplibre-gl.css";
import { type ReactNode, useEffect, useState } from "react";
import type { Position, Radius } from "../api/types";
import { useStrings } from "../i18n/context";
import { Icon, type IconName } from "../ui/Icon";
import { choosing, DEFAULT_METRES, drawing } from "./tools";
import { type MapContent, useMapContent } from "./useMapContent";
import { useScene } from "./useScene";

interface Props extends MapContent {
  isDrawing: boolean;
  /** What stands over the map: its layers and legend. */
  children: ReactNode;
  onChoose: (camera: string) => void;
  onRadius: (radius: Radius) => void;
  onCenter: (center: Position) => void;
}

/** The cameras, the radius and the route. All of it can also be reached without the map. */
export function MapView(props: Props) {
  const { isDrawing, children, onChoose, onRadius, onCenter, ...content } = props;
  const strings = useStrings();
  const { ground, over, live, isUnsupported } = useScene();
  const [hovered, setHovered] = useState<string | null>(null);
  const pointedAt = content.pointedAt ?? hovered;
  const everything = useMapContent(live, { ...content, pointedAt });
  const metres = content.radius?.metres ?? DEFAULT_METRES;

  useEffect(() => {
    if (live === null) return;
    if (isDrawing) return drawing(live.scene, metres, onRadius);
    return choosing(live.scene, onChoose, setHovered);
  }, [live, isDrawing, metres, onChoose, onRadius]);

  useEffect(() => {
    if (live === null) return;
    const tell = () => onCenter(live.scene.center());
    tell();
    live.scene.map.on("moveend", tell);
    return () => void live.scene.map.off("moveend", tell);
  }, [live, onCenter]);

  const buttons: [IconName, string, () => unknown][] = [
    ["plus", strings.map.zoomIn, () => live?.scene.map.zoomIn()],
    ["minus", strings.map.zoomOut, () => live?.scene.map.zoomOut()],
    ["fit", strings.map.fit, () => everything && live?.scene.fit(everything, true)],
  ];
  return (
    <section className="map" aria-label={strings.map.name} data-ready={live !== null}>
      <div className="map-ground" ref={ground} />
      <div className="map-over" ref={over} />
      {isUnsupported && <p className="map-note">{strings.map.unsupported}</p>}
      {children}
      <div className="map-buttons">
        {buttons.map(([icon, text, act]) => (
          <button key={icon} type="button" title={text} onClick={act}>
            <Icon name={icon} label={text} />
          </button>
        ))}
      </div>
    </section>
  );
}

import { type RefObject, useEffect, useRef, useState } from "react";
import { Annotations } from "./annotations";
import { Scene } from "./scene";

export interface LiveMap {
  scene: Scene;
  annotations: Annotations;
}

export interface MapHost {
  /** Where the map is drawn. */
  ground: RefObject<HTMLDivElement | null>;
  /** Where the text over it stands. */
  over: RefObject<HTMLDivElement | null>;
  /** Null until the map can be drawn on. */
  live: LiveMap | null;
  isUnsupported: boolean;
}

/** The map for as long as the component lives. */
export function useScene(): MapHost {
  const ground = useRef<HTMLDivElement>(null);
  const over = useRef<HTMLDivElement>(null);
  const [live, setLive] = useState<LiveMap | null>(null);
  const [isUnsupported, setUnsupported] = useState(false);

  useEffect(() => {
    if (ground.current === null || over.current === null) return;
    let scene: Scene;
    try {
      scene = new Scene(ground.current);
    } catch {
      // MapLibre throws a plain Error when it gets no WebGL context.
      queueMicrotask(() => setUnsupported(true));
      return;
    }
    const annotations = new Annotations(scene, over.current);
    scene.map.on("load", () => setLive({ scene, annotations }));
    return () => {
      setLive(null);
      scene.remove();
    };
  }, []);
  return { ground, over, live, isUnsupported };
}

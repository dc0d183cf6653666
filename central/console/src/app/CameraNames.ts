import { createContext, useContext } from "react";

/** Names by camera id. */
export const CameraNames = createContext<ReadonlyMap<string, string>>(new Map());

/** The name of a camera; its id where it is not known. */
export function useCameraName(): (id: string) => string {
  const names = useContext(CameraNames);
  return (id) => names.get(id) ?? id;
}

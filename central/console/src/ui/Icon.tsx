const PATHS = {
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  close: "M4 4l8 8M12 4l-8 8",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5L14 14",
  picture: "M2 3.5h12v9H2zM2 10.5l3.5-3.5 3 3 2-2L14 11M10.8 6h.01",
  radius: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 8l4-4M8 8h.01",
  download: "M8 2.5v7.5M5 7l3 3 3-3M3 13h10",
  refresh: "M13 3v3.5H9.5M12.6 6.4A5 5 0 1 0 13 9",
  route: "M3.5 12.5c5 0 1-9 6-9h3M10.5 1.5l2 2-2 2M3.5 12.5h.01",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing 16 px wide. Without a `label` it only decorates. */
export function Icon({ name, label }: { name: IconName; label?: string }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      role={label === undefined ? undefined : "img"}
      aria-label={label}
      aria-hidden={label === undefined}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

import type { ReactNode } from "react";

/** A line in place of content: what is empty, and what to do about it. */
export function Note({ children }: { children: ReactNode }) {
  return <p className="note">{children}</p>;
}

/** Says aloud and shows that something is under way. */
export function Progress({ active, text }: { active: boolean; text: string }) {
  return (
    <div className="progress" role="status" data-active={active}>
      {active ? text : ""}
    </div>
  );
}

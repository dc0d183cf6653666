import { type ChangeEvent, useEffect, useState } from "react";
import { useStrings } from "../i18n/context";
import { Icon } from "../ui/Icon";
import { firstPicture } from "./query";

/** A file chooser; a picture dropped anywhere on the page or pasted does the same. */
export function PictureInput({ onPicture }: { onPicture: (picture: File) => void }) {
  const strings = useStrings();
  const [isOver, setOver] = useState(false);
  const [isRefused, setRefused] = useState(false);

  useEffect(() => {
    const take = (files: FileList | null | undefined) => {
      const picture = firstPicture(files);
      setRefused(picture === null && (files?.length ?? 0) > 0);
      if (picture !== null) onPicture(picture);
    };
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer?.files);
    };
    const paste = (event: ClipboardEvent) => take(event.clipboardData?.files);
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, [onPicture]);

  const chosen = (event: ChangeEvent<HTMLInputElement>) => {
    const picture = firstPicture(event.target.files);
    setRefused(picture === null);
    // Choosing the same file again must count as a change.
    event.target.value = "";
    if (picture !== null) onPicture(picture);
  };
  return (
    <>
      <label className="button picture-input">
        <Icon name="picture" />
        <span>{strings.search.byPicture}</span>
        <input type="file" accept="image/*" onChange={chosen} />
      </label>
      {isRefused && (
        <p className="refused" role="alert">
          {strings.search.notAPicture}
        </p>
      )}
      {isOver && <div className="drop-veil">{strings.search.drop}</div>}
    </>
  );
}

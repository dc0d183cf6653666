interface Option<T extends string> {
  value: T;
  text: string;
  title?: string;
}

interface Props<T extends string> {
  label: string;
  name: string;
  options: readonly Option<T>[];
  value: T;
  onChange: (value: T) => void;
}

/** One of a few, side by side: radio buttons underneath, so that the arrow keys work. */
export function Segmented<T extends string>({ label, name, options, value, onChange }: Props<T>) {
  return (
    <div className="segmented" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.value} title={option.title}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>{option.text}</span>
        </label>
      ))}
    </div>
  );
}

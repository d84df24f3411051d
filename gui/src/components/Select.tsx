import classes from './Select.module.css';

interface SelectProps<Choice extends string> {
  label: string;
  /** Where it is plain to see what is chosen, the label is for screen readers alone. */
  isLabelHidden?: boolean;
  value: Choice;
  /** Values, each with its words where these are others. */
  options: readonly (Choice | readonly [Choice, string])[];
  onChange: (value: Choice) => void;
  /** `md` is as high as the fields beside which it stands. */
  size?: 'xs' | 'sm' | 'md';
}

/** One of a few values, chosen from the browser's own list. */
export function Select<Choice extends string>(props: SelectProps<Choice>) {
  const { label, isLabelHidden = false, value, options, onChange, size = 'sm' } = props;
  const list = (
    <select
      className={classes.list}
      data-size={size}
      aria-label={isLabelHidden ? label : undefined}
      value={value}
      onChange={(event) => {
        onChange(event.currentTarget.value as Choice);
      }}
    >
      {options.map((option) => {
        const [own, words] = typeof option === 'string' ? [option, option] : option;
        return (
          <option key={own} value={own}>
            {words}
          </option>
        );
      })}
    </select>
  );
  if (isLabelHidden) return list;
  return (
    <label className={classes.labelled}>
      {label}
      {list}
    </label>
  );
}

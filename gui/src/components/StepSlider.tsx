import classes from './StepSlider.module.css';

interface StepSliderProps {
  /** In order. */
  steps: number[];
  /** Which of them is chosen, by its index. */
  place: number;
  onPlace: (place: number) => void;
}

/** Chooses one of the steps at which something was saved. The arrow keys go from one to the next. */
export function StepSlider({ steps, place, onPlace }: StepSliderProps) {
  const step = steps[place] ?? 0;
  return (
    <label className={classes.slider}>
      <span>Step</span>
      <input
        type="range"
        min={0}
        max={Math.max(0, steps.length - 1)}
        step={1}
        value={place}
        aria-valuetext={`Step ${step}`}
        onChange={(event) => {
          onPlace(Number(event.currentTarget.value));
        }}
      />
      <output>
        {step}{' '}
        <span className={classes.count}>
          ({place + 1} of {steps.length})
        </span>
      </output>
    </label>
  );
}

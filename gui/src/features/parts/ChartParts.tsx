import { useState } from 'react';

import { PLAIN } from '@/components/chartChoice';
import { ChartControls } from '@/components/ChartControls';
import { DotChart } from '@/components/DotChart';
import { PlainTable } from '@/components/PlainTable';
import { Plot, type PlotLine } from '@/components/Plot';
import { lookOf } from '@/lib/lineLooks';
import { formatNumber } from '@/lib/values';

import { Part } from './Part';

const LENGTH = 60;
const X = Array.from({ length: LENGTH }, (_, index) => index);

const LINES: PlotLine[] = Array.from({ length: 10 }, (_, line) => ({
  name: `line ${line + 1}`,
  data: {
    x: X,
    y: X.map((x) => Math.exp(-x / (12 + 4 * line)) * (2 + line / 5) + 0.08 * Math.sin(x * (line + 1))),
  },
  ...lookOf(line),
}));

const DOTS = X.slice(0, 24).map((x) => ({
  id: String(x),
  x: 10 ** (-3 + x / 8),
  y: 1 - ((x - 14) / 20) ** 2,
  title: `dot ${x}`,
  isMarked: x === 14,
}));

/** Charts, with what is chosen for them. */
export function ChartParts() {
  const [choice, setChoice] = useState(PLAIN);
  return (
    <>
      <Part name="Plot, ChartControls, lineLooks" isWide>
        <ChartControls choice={choice} onChange={setChoice} />
        <Plot lines={LINES} axis="step" look={choice} height={220} sync="parts" formatY={formatNumber} />
      </Part>
      <Part name="DotChart" isWide>
        <DotChart label="Dots" dots={DOTS} height={170} axis="log" />
      </Part>
      <Part name="PlainTable" isWide>
        <PlainTable label="Dots" head={<TableHead />}>
          {DOTS.slice(0, 4).map(({ id, x, y, title }) => (
            <tr key={id}>
              <th scope="row">{title}</th>
              <td>{formatNumber(x)}</td>
              <td>{formatNumber(y)}</td>
            </tr>
          ))}
        </PlainTable>
      </Part>
    </>
  );
}

function TableHead() {
  return (
    <tr>
      <th scope="col">Dot</th>
      <th scope="col">Across</th>
      <th scope="col">Up</th>
    </tr>
  );
}

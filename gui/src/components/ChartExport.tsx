import { Menu } from '@mantine/core';
import { useRef, useState } from 'react';

import { toCsv, toSvg, type ExportedChart } from '@/lib/chartExport';
import { fileNameOf, saveFile, toPng } from '@/lib/download';

import classes from './ChartExport.module.css';
import { Icon } from './Icon';
import type { PlotLine, PlotStyle, Zoom } from './Plot';
import { formatX, marksOf, type PlotAxis } from './plotAxes';
import { columnsOf } from './plotColumns';

interface ChartExportProps {
  title: string;
  lines: PlotLine[];
  axis: PlotAxis;
  look: PlotStyle;
  zoom?: Zoom;
  formatY: (value: number) => string;
}

type Format = 'svg' | 'png' | 'csv';

const WORDS: Record<Format, string> = { svg: 'Picture (SVG)', png: 'Picture (PNG)', csv: 'Points (CSV)' };

/** Saves a chart as it is shown: as a picture, or its points as a table. A page has many: each has its menu while it is open. */
export function ChartExport(props: ChartExportProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState('');
  const save = async (format: Format): Promise<void> => {
    setProblem('');
    try {
      saveFile(fileNameOf(props.title, format), await contentOf(exportedOf(props), format));
    } catch (error) {
      setProblem(String(error));
    }
  };
  return (
    <span className={classes.root}>
      <button
        ref={button}
        type="button"
        className={classes.button}
        aria-label={`Save the chart of ${props.title}`}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        title={problem || 'Save this chart'}
        onClick={() => {
          setOpen(true);
        }}
      >
        <Icon name="down" size={13} />
      </button>
      {isOpen && (
        <FormatMenu
          onChoose={(format) => void save(format)}
          onClose={() => {
            setOpen(false);
            button.current?.focus();
          }}
        />
      )}
    </span>
  );
}

function FormatMenu({ onChoose, onClose }: { onChoose: (format: Format) => void; onClose: () => void }) {
  return (
    <Menu opened onClose={onClose} position="bottom-end" shadow="md" trapFocus withinPortal>
      <Menu.Target>
        <span className={classes.over} />
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(WORDS) as Format[]).map((format) => (
          <Menu.Item
            key={format}
            onClick={() => {
              onChoose(format);
            }}
          >
            {WORDS[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

async function contentOf(chart: ExportedChart, format: Format): Promise<Blob> {
  if (format === 'csv') return new Blob([toCsv(chart)], { type: 'text/csv;charset=utf-8' });
  const svg = toSvg(chart);
  return format === 'png' ? toPng(svg) : new Blob([svg], { type: 'image/svg+xml' });
}

function exportedOf({ title, lines, axis, look, zoom, formatY }: ChartExportProps): ExportedChart {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string =>
    name.startsWith('--') ? style.getPropertyValue(name).trim() : name;
  return {
    title,
    axis,
    zoom,
    isLog: look.isLog,
    isLogX: look.isLogX,
    colours: { text: colour('--text'), line: colour('--line'), paper: colour('--surface') },
    marksX: (least, most, count) => marksOf(axis, least, most, count),
    formatX: (x) => formatX(axis, x),
    formatY,
    lines: lines.map((line) => {
      const { x, columns } = columnsOf(line, look);
      const of = (role: string) => columns.find((column) => column.role === role)?.values;
      const [low, high] = [of('low'), of('high')];
      return {
        name: line.name,
        x,
        y: of('main') ?? [],
        colour: colour(line.colour),
        dash: line.dash,
        ...(low && high && { band: { low, high } }),
      };
    }),
  };
}

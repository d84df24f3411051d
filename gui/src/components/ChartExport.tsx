import { ActionIcon, Menu } from '@mantine/core';
import { useState } from 'react';

import { toCsv, toSvg, type ExportedChart } from '@/lib/chartExport';
import { fileNameOf, saveFile, toPng } from '@/lib/download';

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

/** Saves a chart as it is shown: as a picture, or its points as a table. */
export function ChartExport(props: ChartExportProps) {
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
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`Save the chart of ${props.title}`}
          title={problem || 'Save this chart'}
        >
          <Icon name="down" size={13} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(WORDS) as Format[]).map((format) => (
          <Menu.Item key={format} onClick={() => void save(format)}>
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

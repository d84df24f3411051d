import { JobLink } from '@/components/JobLink';
import { Meter } from '@/components/Meter';
import { formatNumber } from '@/lib/values';
import type { Gpu, Node } from '@/types/api';

import classes from './MachineList.module.css';

interface MachineListProps {
  nodes: Node[];
  /** The projects of the jobs that run. */
  projects: ReadonlyMap<string, string>;
}

/** The machines, and how much of each is in use. */
export function MachineList({ nodes, projects }: MachineListProps) {
  return (
    <ul className={classes.machines}>
      {nodes.map((node) => (
        <li key={node.name} className={classes.machine}>
          <p className={classes.name}>
            <strong>{node.name}</strong>
            <span>{aboutMachine(node)}</span>
          </p>
          <div className={classes.meters}>
            <Meter label="Workers" {...amount(node.slots_used, node.slots, 'busy')} />
            <Meter label="CPU cores" {...amount(node.cpus_used, node.cpus, 'reserved')} />
            <Meter label="Memory" {...amount(node.ram_used, node.ram, 'GB reserved')} />
            {node.gpus.length > 0 && (
              <Meter label="GPUs" {...amount(taken(node), node.gpus.length, 'taken')} />
            )}
          </div>
          {node.gpus.length > 0 && <Gpus gpus={node.gpus} projects={projects} />}
        </li>
      ))}
    </ul>
  );
}

function amount(used: number, total: number | null, rest: string) {
  const words = total === null ? 'not counted' : `${formatNumber(used)} of ${formatNumber(total)} ${rest}`;
  return { used, total: total ?? 0, words };
}

function taken({ gpus }: Node): number {
  return gpus.filter(({ job }) => job !== null).length;
}

/** How its jobs run; and what all of its GPUs are, which none of them then has to say for itself. */
function aboutMachine({ engine, gpus }: Node): string {
  const how = engine === 'docker' ? 'jobs run in containers' : 'jobs run as processes';
  const model = commonModel(gpus);
  return model === null ? how : `${how} · ${gpus.length > 1 ? `${gpus.length} × ` : ''}${model}`;
}

function commonModel(gpus: Gpu[]): string | null {
  const models = new Set(gpus.map(({ model }) => model));
  return models.size === 1 ? (gpus[0]?.model ?? null) : null;
}

/** GPUs from which on each is drawn as small as it can be. */
const MANY = 16;

function Gpus({ gpus, projects }: { gpus: Gpu[]; projects: ReadonlyMap<string, string> }) {
  const common = commonModel(gpus);
  const isMany = gpus.length > MANY;
  return (
    <ul className={classes.gpus} aria-label="GPUs" data-many={isMany || undefined}>
      {gpus.map((gpu) => (
        <li key={gpu.id} className={classes.gpu} data-free={gpu.job === null || undefined}>
          <p className={classes.gpuName}>
            <span title={gpu.id}>{nameOf(gpu)}</span>
            <span className={classes.holder}>
              <Holder job={gpu.job} projects={projects} />
            </span>
          </p>
          <Load gpu={gpu} words={describeGpu(gpu, common)} unit={isMany ? '%' : '% busy'} />
        </li>
      ))}
    </ul>
  );
}

function Load({ gpu: { utilization }, words, unit }: { gpu: Gpu; words: string; unit: string }) {
  if (utilization === null) return <p className={classes.unmeasured}>{words || 'Load not measured'}</p>;
  const load = `${formatNumber(Math.round(utilization))} ${unit}`;
  return <Meter label={words || 'Load'} used={utilization} total={100} words={load} />;
}

/** The driver's own ids begin with what they are of. */
function nameOf({ id }: Gpu): string {
  return /^(?:GPU|MIG)-/.test(id) ? `${id.slice(0, 12)}…` : `GPU ${id}`;
}

function Holder({ job, projects }: { job: string | null; projects: ReadonlyMap<string, string> }) {
  if (job === null) return 'free';
  const project = projects.get(job);
  return project === undefined ? 'in use' : <JobLink project={project} jobId={job} />;
}

function describeGpu({ model, memory, memory_used: used }: Gpu, common: string | null): string {
  const size = memory === null ? null : `${formatNumber(memory)} GB`;
  const amountOf =
    used === null || size === null ? size : `${formatNumber(Number(used.toFixed(1)))} of ${size}`;
  return [model === common ? null : model, amountOf].filter(Boolean).join(', ');
}

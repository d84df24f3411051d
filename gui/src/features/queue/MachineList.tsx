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
            <span>{node.engine === 'docker' ? 'jobs run in containers' : 'jobs run as processes'}</span>
          </p>
          <div className={classes.meters}>
            <Meter label="Workers" {...amount(node.slots_used, node.slots, 'busy')} />
            <Meter label="CPU cores" {...amount(node.cpus_used, node.cpus, 'reserved')} />
            <Meter label="Memory" {...amount(node.ram_used, node.ram, 'GB reserved')} />
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

function Gpus({ gpus, projects }: { gpus: Gpu[]; projects: ReadonlyMap<string, string> }) {
  return (
    <ul className={classes.gpus} aria-label="GPUs">
      {gpus.map((gpu) => (
        <li key={gpu.id} className={classes.gpu} data-free={gpu.job === null || undefined}>
          <p className={classes.gpuName}>
            <span title={gpu.id}>GPU {gpu.id.length > 12 ? `${gpu.id.slice(0, 12)}…` : gpu.id}</span>
            <span className={classes.holder}>
              <Holder job={gpu.job} projects={projects} />
            </span>
          </p>
          {gpu.utilization === null ? (
            <p className={classes.unmeasured}>{describeGpu(gpu) || 'Load not measured'}</p>
          ) : (
            <Meter
              label={describeGpu(gpu) || 'Load'}
              used={gpu.utilization}
              total={100}
              words={`${formatNumber(Math.round(gpu.utilization))} %`}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function Holder({ job, projects }: { job: string | null; projects: ReadonlyMap<string, string> }) {
  if (job === null) return 'free';
  const project = projects.get(job);
  return project === undefined ? 'in use' : <JobLink project={project} jobId={job} />;
}

function describeGpu({ model, memory, memory_used: used }: Gpu): string {
  const size = memory === null ? null : `${formatNumber(memory)} GB`;
  const amountOf =
    used === null || size === null ? size : `${formatNumber(Number(used.toFixed(1)))} of ${size}`;
  return [model, amountOf].filter(Boolean).join(', ');
}

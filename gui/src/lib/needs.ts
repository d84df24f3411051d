/** What a job needs, in words. */

import type { Resources } from '@/types/api';

import { formatNumber } from './values';

/** Return what a job needs, such as "2 × A100, 4 cores, 16 GB"; empty when it asks for nothing in particular. */
export function describeNeeds({
  num_gpus: gpus = 0,
  gpu_model,
  gpu_memory,
  cpus,
  ram,
}: Partial<Resources>): string {
  const kind = [
    gpu_model ?? (gpus === 1 ? 'GPU' : 'GPUs'),
    gpu_memory && `of ${formatNumber(gpu_memory)} GB`,
  ];
  return [
    gpus > 0 && `${gpus} ${gpu_model ? '× ' : ''}${kind.filter(Boolean).join(' ')}`,
    cpus && `${formatNumber(cpus)} ${cpus === 1 ? 'core' : 'cores'}`,
    ram && `${formatNumber(ram)} GB`,
  ]
    .filter(Boolean)
    .join(', ');
}

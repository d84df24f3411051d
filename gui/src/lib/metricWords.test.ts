import { expect, it } from 'vitest';

import { isLessBetter } from './metricWords';

it.each(['val_loss', 'entropy', 'WER', 'valMse', 'test/rmse', 'bpb', 'regret', 'top1_error', 'fid'])(
  'wants little of %s',
  (name) => {
    expect(isLessBetter(name)).toBe(true);
  },
);

it.each(['accuracy', 'confidence', 'fidelity', 'answer_accuracy', 'power', 'lower_bound', 'certainty', 'f1'])(
  'wants much of %s',
  (name) => {
    expect(isLessBetter(name)).toBe(false);
  },
);

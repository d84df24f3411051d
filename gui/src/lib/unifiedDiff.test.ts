import { expect, it } from 'vitest';

import { parseDiff } from './unifiedDiff';

const DIFF = `diff --git a/main.py b/main.py
index 1..2 100644
--- a/main.py
+++ b/main.py
@@ -3,2 +3,2 @@ def train():
-rate = 0.1
+rate = 0.05
 print(rate)
diff --git a/logo.png b/logo.png
Binary files a/logo.png and b/logo.png differ
`;

it('tells what was added and removed, and on which lines', () => {
  const [main] = parseDiff(DIFF);
  expect(main).toMatchObject({ path: 'main.py', added: 1, removed: 1 });
  expect(main?.lines.slice(1)).toEqual([
    { kind: 'removed', text: 'rate = 0.1', before: 3 },
    { kind: 'added', text: 'rate = 0.05', after: 3 },
    { kind: 'same', text: 'print(rate)', before: 4, after: 4 },
  ]);
});

it('says of a file that is no text that it differs', () => {
  expect(parseDiff(DIFF)[1]?.lines.map(({ text }) => text)).toEqual([
    'Binary files a/logo.png and b/logo.png differ',
  ]);
});

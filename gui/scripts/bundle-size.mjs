// Fails the build when the first page needs more JavaScript than the budget allows.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 250;
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));

/** The files that `name` loads before it runs, itself included. */
function closure(name, seen = new Set()) {
  if (!seen.has(name)) {
    seen.add(name);
    for (const other of manifest[name].imports ?? []) closure(other, seen);
  }
  return seen;
}

const sizeKb = (name) => gzipSync(readFileSync(`dist/${manifest[name].file}`), { level: 9 }).length / 1024;
const total = (names) => [...names].reduce((sum, name) => sum + sizeKb(name), 0);

const firstPage = new Set([...closure('index.html'), ...closure('src/features/projects/ProjectsPage.tsx')]);
const everything = Object.keys(manifest).filter((name) => manifest[name].file.endsWith('.js'));
const first = total(firstPage);

process.stdout.write(
  `first page ${first.toFixed(1)} KB gzip of ${BUDGET_KB}; all pages ${total(everything).toFixed(1)} KB\n`,
);
if (first > BUDGET_KB) {
  process.stderr.write('The first page is over its budget: load what it does not need lazily.\n');
  process.exitCode = 1;
}

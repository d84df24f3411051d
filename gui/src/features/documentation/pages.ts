/** The pages of the documentation: the files of docs/ that people who use Atlas read. */

/** Paths below docs/ without their ending, with their titles; in the order of mkdocs.yml. */
export const PAGES: Record<string, Record<string, string>> = {
  'To begin': { index: 'What the words mean', quickstart: 'Quickstart' },
  Guides: {
    'guides/page': 'The page',
    'guides/tracking': 'Tracking',
    'guides/tensorboard': 'TensorBoard',
    'guides/queries': 'Finding jobs',
    'guides/submitting': 'Submitting',
    'guides/queue': 'The queue',
    'guides/scheduled-jobs': 'Scheduled jobs',
    'guides/server': 'Running a server',
    'guides/login': 'Logging in',
    'guides/storage': 'Storage',
    'guides/docker': 'Docker',
    'guides/custom-images': 'Images of one’s own',
    'guides/policy': 'What jobs may ask for',
  },
  Tutorials: {
    'tutorials/genetic-search': 'A genetic search',
    'tutorials/adaptive-search': 'A search that learns',
  },
  Reference: {
    'reference/python': 'Python',
    'reference/cli': 'Command line',
    'reference/job-config': 'job.config.yaml',
    'reference/settings': 'Settings',
    'reference/http': 'HTTP',
    'reference/journal': 'The journal',
  },
};

const FOLDER = '../../../../docs/';
const FILES = import.meta.glob<string>(
  ['../../../../docs/{index,quickstart}.md', '../../../../docs/{guides,tutorials,reference}/*.md'],
  { query: '?raw', import: 'default' },
);

/** Return the pages that there are, by path. */
export function pagePaths(): string[] {
  return Object.keys(FILES).map((file) => file.slice(FOLDER.length, -'.md'.length));
}

/** Return a page's Markdown; undefined where there is no such page. */
export async function readPage(path: string): Promise<string | undefined> {
  return FILES[`${FOLDER}${path}.md`]?.();
}

export interface PageText {
  title: string;
  /** Without the title. */
  text: string;
}

/** Return a page as it is shown here: links lead to pages here, and pictures of these pages are left out. */
export function shownPage(path: string, markdown: string): PageText {
  const [, title = path, rest = markdown] = /^# (.+)\n([^]*)$/.exec(markdown) ?? [];
  const text = rest
    .replace(/^!\[[^\]]*\]\([^)]*\)\n/gm, '')
    .replace(/^!!! (\w+)\n((?: {4}.*\n?)+)/gm, (_, kind: string, body: string) =>
      body.replace(/^ {4}/gm, '> ').replace('> ', `> **${capital(kind)}.** `),
    )
    .replace(/\[([^\]]+)\]\(((?!\w+:)[^)#]*)(#[^)]*)?\)/g, (_, words: string, target: string) => {
      const place = target === '' ? path : resolved(path, target);
      return place in FILES_BY_PATH ? `[${words}](/documentation/${place})` : words;
    });
  return { title, text };
}

const FILES_BY_PATH = Object.fromEntries(pagePaths().map((path) => [path, true]));

/** Return the path of the page to which a link of another page leads. */
function resolved(from: string, target: string): string {
  const base = `https://docs/${from}`;
  return new URL(target, base).pathname.slice(1).replace(/\.md$/, '');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

import { nameOf, type Folder } from '@/lib/fileTree';

import classes from './FileTree.module.css';
import { Icon } from './Icon';

interface FileTreeProps<File extends { path: string }> {
  tree: Folder<File>;
  /** The path of the file that is shown. */
  shown: string | undefined;
  onOpen: (path: string) => void;
  /** What stands behind a file's name. */
  note?: (file: File) => React.ReactNode;
}

/** Folders that fold, and files to open. */
export function FileTree<File extends { path: string }>(props: FileTreeProps<File>) {
  return (
    <nav className={classes.tree} aria-label="Files">
      <Members {...props} folder={props.tree} />
    </nav>
  );
}

function Members<File extends { path: string }>({
  folder,
  ...props
}: FileTreeProps<File> & { folder: Folder<File> }) {
  const { shown, onOpen, note } = props;
  return (
    <ul>
      {folder.folders.map((inner) => (
        <li key={inner.name}>
          <details open>
            <summary className={classes.folder}>
              <Icon name="chevron" size={10} />
              {inner.name}
            </summary>
            <Members {...props} folder={inner} />
          </details>
        </li>
      ))}
      {folder.files.map((file) => (
        <li key={file.path}>
          <button
            type="button"
            className={classes.file}
            aria-current={file.path === shown || undefined}
            title={file.path}
            onClick={() => {
              onOpen(file.path);
            }}
          >
            <span className={classes.name}>{nameOf(file.path)}</span>
            {note && <span className={classes.note}>{note(file)}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
